/* A data set and a network trained on it for a few steps, for tests of what uses a model. */
#ifndef HS_TESTS_TINY_MODEL_H
#define HS_TESTS_TINY_MODEL_H

#include <stdbool.h>

enum { HS_TINY_SUBJECTS = 6, HS_TINY_FRAMES = 3, HS_TINY_TEST = 3 /* frames of the test split */ };

/* Makes, in the test's folder: frames/ (HandSeg's layout, tests/support/frames.h), tiny.h5 packed
 * from it, tiny.ini and net.ini, and run/best.h5. False, with a word of why, where HS_TEST_BIN is
 * not set. Works once; later calls find what is there. */
bool hs_test_tiny_model(void);

/* Runs a shell command in the test's folder, the program being $H, and checks its exit status and
 * that its output, stdout and stderr together, contains `text`. Returns the output: a static
 * string. */
const char *hs_test_shell(const char *command, int status, const char *text);

#endif
