/* What `make install` puts down is enough: each public header compiles by itself, the example
 * builds against it outside the source tree and works. */
#include "handseg/version.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char prefix[1024];

/* build/installed, beside the folder of the program under test; false, said aloud, without it. */
static bool find_prefix(void)
{
    const char *program = getenv("HS_TEST_BIN");
    if (program)
        snprintf(prefix, sizeof prefix, "%.*s/../installed", (int)(strrchr(program, '/') - program),
                 program);
    if (!program || access(prefix, F_OK) != 0) {
        hs_skip("no installation to test: run by make check");
        return false;
    }
    setenv("PREFIX", prefix, 1);
    return true;
}

START_TEST(program_and_configurations_are_there)
{
    if (!find_prefix())
        return;
    hs_test_shell("$PREFIX/bin/handseg --version", 0, "handseg " HS_VERSION);
    hs_test_shell("$PREFIX/bin/handseg info $PREFIX/share/handseg/configs/nets/handseg.ini", 0,
                  "6170307");
    hs_test_shell("PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig pkg-config --modversion handseg", 0,
                  HS_VERSION);
}
END_TEST

/* As C11 and, where there is a compiler for it, as C++. */
START_TEST(every_header_compiles_alone)
{
    if (!find_prefix())
        return;
    bool cpp = system("c++ --version >/dev/null 2>&1") == 0;
    if (!cpp)
        hs_skip("headers as C++: there is no c++");
    char folder[1200];
    snprintf(folder, sizeof folder, "%s/include/handseg", prefix);
    DIR *entries = opendir(folder);
    ck_assert_msg(entries != NULL, "%s: cannot list", folder);
    int headers = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length < 2 || strcmp(entry->d_name + length - 2, ".h") != 0)
            continue;
        char text[512];
        int size =
            snprintf(text, sizeof text, "#include <handseg/%s>\n#include <handseg/%s>\nint unit;\n",
                     entry->d_name, entry->d_name);
        hs_test_write(hs_test_path("header.c"), text, (size_t)size);
        hs_test_shell("${CC:-cc} -std=c11 -Wall -Wextra -pedantic -Werror -I$PREFIX/include "
                      "-fsyntax-only header.c",
                      0, "");
        if (cpp)
            hs_test_shell("c++ -std=c++11 -x c++ -Wall -Wextra -pedantic -Werror "
                          "-I$PREFIX/include -fsyntax-only header.c",
                          0, "");
        headers++;
    }
    closedir(entries);
    ck_assert_int_ge(headers, 9);
}
END_TEST

START_TEST(the_example_builds_and_learns)
{
    if (!find_prefix())
        return;
    size_t size;
    unsigned char *example = hs_test_read("examples/tiny.c", &size);
    hs_test_write(hs_test_path("tiny.c"), example, size);
    int lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += example[i] == '\n';
    free(example);
    ck_assert_int_le(lines, 80);
    hs_test_shell("export PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig; ${CC:-cc} -std=c11 -Wall -Wextra "
                  "-Werror tiny.c $(pkg-config --cflags --libs handseg) -o tiny && ./tiny",
                  0, "of 256 pixels right");
}
END_TEST

START_TEST(cpp_programs_link)
{
    static const char text[] = "#include <handseg/segment.h>\n"
                               "int main() {\n"
                               "    hs_model *model;\n"
                               "    return hs_model_load(\"none.h5\", 1, &model) == HS_ERR_IO ? 7 "
                               ": 0;\n}\n";
    if (!find_prefix())
        return;
    if (system("c++ --version >/dev/null 2>&1") != 0) {
        hs_skip("linking from C++: there is no c++");
        return;
    }
    hs_test_write(hs_test_path("model.cc"), text, sizeof text - 1);
    hs_test_shell("export PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig; c++ model.cc $(pkg-config "
                  "--cflags --libs handseg) -o model && ./model",
                  7, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("install");
    TCase *tests = tcase_create("install");
    tcase_add_test(tests, program_and_configurations_are_there);
    tcase_add_test(tests, every_header_compiles_alone);
    tcase_add_test(tests, the_example_builds_and_learns);
    tcase_add_test(tests, cpp_programs_link);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}
