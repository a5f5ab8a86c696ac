#include "cli/synth_run.h"
#include "base/log.h"
#include "base/memory.h"
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

hs_status hs_synth_path(char path[HS_SYNTH_PATH], const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    int length = vsnprintf(path, HS_SYNTH_PATH, fmt, arguments);
    va_end(arguments);
    if (length >= HS_SYNTH_PATH)
        return hs_error(HS_ERR_USAGE, NULL,
                        "synth: --out: got a path of %d characters, expected fewer than %d", length,
                        HS_SYNTH_PATH);
    return HS_OK;
}

/* ---- the folder ---- */

/* 0 where the folder is absent or empty, 1 where it holds something, -1 where it cannot be read. */
static int folder_holds(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? 0 : -1;
    int holds = 0;
    for (struct dirent *entry = readdir(folder); entry && !holds; entry = readdir(folder))
        holds = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return holds;
}

static bool file_equals(const char *path, const char *text)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool same = true;
    for (const char *p = text; same; p++) {
        int c = getc(file);
        same = c == (*p ? (unsigned char)*p : EOF);
        if (!*p)
            break;
    }
    fclose(file);
    return same;
}

hs_status hs_synth_write_text(const char *path, const char *text)
{
    hs_new_file file = {0};
    hs_status status;
    HS_TRY(hs_new_file_open(&file, path));
    fputs(text, file.file); /* an error is found by the commit */
    status = hs_new_file_commit(&file);
exit:
    hs_new_file_drop(&file);
    return status;
}

hs_status hs_synth_claim_folder(const char *out, const char *name, const char *text)
{
    char path[HS_SYNTH_PATH];
    hs_status status;
    /* Leaves room for the names of what is written into it. */
    HS_TRY(hs_synth_path(path, "%s/%64s/%s", out, "", name));
    HS_TRY(hs_synth_path(path, "%s/%s", out, name));
    int holds = folder_holds(out);
    if (holds < 0)
        HS_TRY(hs_error_system(errno, NULL, "%s: cannot read this folder", out));
    if (holds && !file_equals(path, text))
        HS_TRY(
            hs_error(HS_ERR_USAGE, "choose another --out, or empty this folder first",
                     "synth: --out: got '%s', which holds something else, expected a new or empty "
                     "folder or an interrupted run of this command",
                     out));
    HS_TRY(hs_folder_make(out));
    if (!holds)
        HS_TRY(hs_synth_write_text(path, text));
exit:
    return status;
}

/* ---- the loop ---- */

/* What its threads share. */
typedef struct loop {
    hs_progress progress;
    int64_t done;
    hs_status status; /* of the first failure; the message is the failing thread's, kept here */
    char message[1024], hint[512];
} loop;

/* Errors are recorded by thread: the first one is carried to the thread that reports it. */
static void keep_error(loop *shared, hs_status status)
{
    if (shared->status != HS_OK)
        return;
    shared->status = status;
    snprintf(shared->message, sizeof shared->message, "%s", hs_error_message());
    snprintf(shared->hint, sizeof shared->hint, "%s", hs_error_hint());
}

static void work(const hs_synth_steps *steps, const void *context, int64_t n, loop *shared)
{
    void *memory = NULL;
    hs_status status = hs_allocate(steps->memory, "a thread's frames", &memory);
    if (status == HS_OK)
        status = steps->init(context, memory);
    if (status != HS_OK) {
#pragma omp critical(synth_loop)
        keep_error(shared, status);
    }
#pragma omp for schedule(dynamic)
    for (int64_t i = 0; i < n; i++) {
        hs_status failed;
#pragma omp atomic read
        failed = shared->status;
        if (failed != HS_OK)
            continue;
        status = steps->item(context, i, memory);
#pragma omp critical(synth_loop)
        {
            if (status != HS_OK)
                keep_error(shared, status);
            else
                hs_progress_update(&shared->progress, ++shared->done, NULL);
        }
    }
    if (memory)
        steps->free(memory);
    free(memory);
}

hs_status hs_synth_loop(const hs_synth_steps *steps, const void *context, int64_t n,
                        const char *note)
{
    loop shared = {.status = HS_OK};
    shared.progress = hs_progress_start(steps->what, steps->unit, 0, n);
#pragma omp parallel
    work(steps, context, n, &shared);
    if (shared.status != HS_OK)
        return hs_error(shared.status, shared.hint, "%s", shared.message);
    hs_progress_finish(&shared.progress, note);
    return HS_OK;
}
