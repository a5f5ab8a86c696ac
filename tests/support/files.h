/* Files for tests: paths below the test's folder, raw bytes, leftovers, a full disk. */
#ifndef HS_TESTS_FILES_H
#define HS_TESTS_FILES_H

#include <stddef.h>

/* Path of `name` in hs_test_folder(): a static string, valid for the next seven calls. */
const char *hs_test_path(const char *name);

/* The whole content of a file, its size in *size; the caller frees it. */
unsigned char *hs_test_read(const char *path, size_t *size);
void hs_test_write(const char *path, const void *bytes, size_t size);

/* Writes a safetensors file: the header's size, the header, `size` bytes of zeros. */
void hs_test_write_safetensors(const char *path, const char *header, size_t size);

/* Number of entries of `folder` whose name contains `text`. */
int hs_test_count(const char *folder, const char *text);

/* From here on no file of this process grows beyond `bytes` (as on a full disk: EFBIG in place of
 * ENOSPC); 0 lifts the limit. Assert nothing in between: Check keeps a file of its own. */
void hs_test_limit_files(size_t bytes);

/* Runs the program under test, `handseg ARGUMENTS`, and returns its exit status; what it said on
 * stdout and stderr together is left in output[size]. */
int hs_test_run(const char *arguments, char *output, size_t size);

#endif
