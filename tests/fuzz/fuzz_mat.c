/* The reader of MATLAB files. */
#include "io/mat.h"
#include "support/fuzz.h"
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"depth", "lbl"};
    hs_mat_matrix got[2] = {{0}};
    hs_mat_value session;
    const char *path;
    int width, height;
    int fd = hs_fuzz_file(bytes, size, &path);
    hs_mat_read(path, 2, names, got);
    hs_mat_free(2, got);
    hs_mat_size(path, "depth", &width, &height);
    hs_mat_read_value(path, "session", &session);
    free(session.text);
    close(fd);
    return 0;
}
