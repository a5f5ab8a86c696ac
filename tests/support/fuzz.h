/* Fuzzing: a target is called with bytes and must neither crash, nor hang, nor leak. Targets are
 * tests/fuzz/fuzz_*.c; `make fuzz` runs them under clang's libFuzzer, the tests a short fixed
 * sequence of inputs with any compiler. */
#ifndef HS_TESTS_FUZZ_H
#define HS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The one function of a target, by the name libFuzzer knows; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A file in memory that holds the bytes: its path, a static string, in *path; the descriptor is
 * closed by the caller. */
int hs_fuzz_file(const uint8_t *bytes, size_t size, const char **path);

/* Runs the target on every file of `folder` and on `count` mutations of them: bytes changed, cut
 * out, doubled, copied from other places, numbers replaced by their extremes, digits by others. The
 * same each time. */
void hs_fuzz_short_run(const char *folder, int count);

#endif
