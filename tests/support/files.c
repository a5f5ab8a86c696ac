#include "support/files.h"

#include "support/suite.h"
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

const char *hs_test_path(const char *name)
{
    static char paths[8][512];
    static int turn;
    turn = (turn + 1) % 8;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", hs_test_folder(), name);
    return paths[turn];
}

unsigned char *hs_test_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s: cannot read", path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size + 1);
    ck_assert_uint_eq(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

void hs_test_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "%s: cannot write", path);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

int hs_test_count(const char *folder, const char *text)
{
    DIR *entries = opendir(folder);
    ck_assert_msg(entries != NULL, "%s: cannot list", folder);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        count += strstr(entry->d_name, text) != NULL;
    closedir(entries);
    return count;
}

void hs_test_limit_files(size_t bytes)
{
    signal(SIGXFSZ, SIG_IGN); /* the write fails instead of ending the process */
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
}

int hs_test_run(const char *arguments, char *output, size_t size)
{
    const char *program = getenv("HS_TEST_BIN");
    char command[4096];
    snprintf(command, sizeof command, "%s %s 2>&1", program ? program : "build/release/handseg",
             arguments);
    FILE *pipe = popen(command, "r");
    ck_assert_msg(pipe != NULL, "%s: cannot run", command);
    size_t used = fread(output, 1, size - 1, pipe);
    output[used] = 0;
    while (fgetc(pipe) != EOF)
        ;
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void hs_test_write_safetensors(const char *path, const char *header, size_t size)
{
    size_t length = strlen(header);
    unsigned char *bytes = calloc(1, 8 + length + size);
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> (8 * i));
    memcpy(bytes + 8, header, length);
    hs_test_write(path, bytes, 8 + length + size);
    free(bytes);
}
