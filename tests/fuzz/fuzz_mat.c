/* The reader of MATLAB files. */
#include "io/mat.h"
#include "support/fuzz.h"
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"depth", "lbl"};
    hs_mat_matrix got[2] = {{0}};
    const char *path;
    int fd = hs_fuzz_file(bytes, size, &path);
    hs_mat_read(path, 2, names, got);
    hs_mat_free(2, got);
    close(fd);
    return 0;
}
