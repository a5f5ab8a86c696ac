/* For tests of the scripts of the paper's experiments, which run in the test's folder by
 * hs_test_shell (tests/support/tiny_model.h). */
#ifndef HS_TESTS_SCRIPTS_H
#define HS_TESTS_SCRIPTS_H

#include <stdbool.h>

/* What a command begins with: Debian's python3, which has what scripts/install_deps.sh installs,
 * on a script of the repository; `make check` says where that is. */
#define HS_TEST_SCRIPT(name) "/usr/bin/python3 $ROOT/scripts/" name " --program $H "

/* Sets ROOT and one thread, and writes tiny.h5, net.ini and train.ini (tests/support/tiny_run.h)
 * into the test's folder; false, with a word of why, where the scripts cannot run. */
bool hs_test_scripts(void);

#endif
