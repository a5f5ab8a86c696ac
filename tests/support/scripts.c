#include "support/scripts.h"

#include "support/suite.h"
#include "support/tiny_run.h"
#include <stdlib.h>
#include <unistd.h>

bool hs_test_scripts(void)
{
    char root[4096];
    if (!hs_have_program())
        return false;
    if (system(
            "command -v gnuplot >/dev/null 2>&1 && /usr/bin/python3 -c 'import PIL' 2>/dev/null") !=
        0) {
        hs_skip("gnuplot or PIL of Debian's python3 is missing: scripts/install_deps.sh test");
        return false;
    }
    ck_assert_ptr_nonnull(getcwd(root, sizeof root));
    setenv("ROOT", root, 1);
    setenv("OMP_NUM_THREADS", "1", 1);
    hs_tiny_config();
    return true;
}
