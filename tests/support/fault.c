#include "support/fault.h"

#include "support/files.h"
#include "support/suite.h"
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t hs_test_start(const char *before, const char *arguments, const char *output)
{
    const char *program = getenv("HS_TEST_BIN");
    char command[4096];
    snprintf(command, sizeof command, "%s\nexec %s %s >%s 2>&1", before,
             program ? program : "build/release/handseg", arguments, output);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    return child;
}

static size_t peak;

size_t hs_test_peak(void)
{
    return peak;
}

/* Whether the child has ended, its end in *result; `flags` of waitpid. */
static bool has_ended(pid_t child, int flags, int *result)
{
    int status;
    struct rusage usage;
    pid_t got;
    while ((got = wait4(child, &status, flags, &usage)) < 0)
        ck_assert_int_eq(errno, EINTR);
    if (got == 0)
        return false;
    peak = (size_t)usage.ru_maxrss * 1024;
    *result = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return true;
}

int hs_test_wait(pid_t child)
{
    int result = 0;
    has_ended(child, 0, &result);
    return result;
}

int hs_test_stop_at(pid_t child, const char *file, int lines, int microseconds, int signal)
{
    int result;
    while (hs_test_lines(file) < lines) {
        if (has_ended(child, WNOHANG, &result))
            return result;
        usleep(1000);
    }
    usleep((useconds_t)microseconds);
    kill(child, signal);
    return hs_test_wait(child);
}

int hs_test_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    int lines = 0;
    for (int c; file && (c = fgetc(file)) != EOF;)
        lines += c == '\n';
    if (file)
        fclose(file);
    return lines;
}

void hs_test_flip(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    ck_assert_msg(file != NULL, "%s: cannot change", path);
    ck_assert_int_eq(fseek(file, at, at < 0 ? SEEK_END : SEEK_SET), 0);
    int byte = fgetc(file);
    ck_assert_int_ne(byte, EOF);
    ck_assert_int_eq(fseek(file, -1, SEEK_CUR), 0);
    fputc(byte ^ 0x55, file);
    ck_assert_int_eq(fclose(file), 0);
}

void hs_test_copy(const char *from, const char *to, size_t size)
{
    size_t whole;
    unsigned char *bytes = hs_test_read(from, &whole);
    hs_test_write(to, bytes, size < whole ? size : whole);
    free(bytes);
}
