/* Runs the case in one file and writes what the library computes for it to another (see
 * support/trace.h): our side of scripts/parity_pytorch.py. */
#include "support/trace.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s CASE.h5 RESULT.h5\n", argv[0]);
        return 2;
    }
    if (hs_trace_run(argv[1], NULL, argv[2]) == HS_OK)
        return 0;
    fprintf(stderr, "tool_trace: %s\n", hs_error_message());
    return 1;
}
