#include "support/tiny_model.h"

#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char net[] = "[input]\nheight = 18\nwidth = 24\n"
                          "[conv enc1]\nfilters = 4\nkernel = 4\nstride = 2\npad = 1\n"
                          "norm = batch\nact = leaky\n"
                          "[conv_transpose dec1]\nfilters = 3\nkernel = 4\nstride = 2\npad = 1\n";
static const char training[] =
    "[net]\nfile = net.ini\n[data]\nfile = tiny.h5\n"
    "[optimizer]\nlr = 0.02\n[train]\nout = run\nepochs = 3\nbatch = 4\n";

const char *hs_test_shell(const char *command, int status, const char *text)
{
    static char output[65536];
    char line[4096];
    snprintf(line, sizeof line, "exec 2>&1; cd '%s' && H=$HS_TEST_BIN && { %s; }", hs_test_folder(),
             command);
    FILE *pipe = popen(line, "r");
    ck_assert_ptr_nonnull(pipe);
    size_t used = fread(output, 1, sizeof output - 1, pipe);
    output[used] = 0;
    int ended = pclose(pipe), got = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    ck_assert_msg(got == status, "%s: status %d, expected %d: %s", command, got, status, output);
    ck_assert_msg(strstr(output, text) != NULL, "%s: '%s' lacks '%s'", command, output, text);
    return output;
}

bool hs_test_tiny_model(void)
{
    static bool made;
    if (made)
        return true;
    if (!hs_have_program())
        return false;
    setenv("OMP_NUM_THREADS", "1", 1); /* threads cost more than they give at this size */
    hs_test_frames("frames", HS_TINY_SUBJECTS, HS_TINY_FRAMES);
    hs_test_write(hs_test_path("net.ini"), net, sizeof net - 1);
    hs_test_write(hs_test_path("tiny.ini"), training, sizeof training - 1);
    hs_test_shell("$H pack frames --out tiny.h5 --ratio 4:1:1", 0, "test 3");
    hs_test_shell("$H train tiny.ini", 0, "done");
    made = true;
    return true;
}
