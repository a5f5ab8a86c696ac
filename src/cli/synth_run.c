#include "cli/synth_run.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/job_folder.h"
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

hs_status hs_synth_make_folder(const char *parent, const char *name)
{
    char path[HS_SYNTH_PATH];
    hs_status status;
    HS_TRY(hs_synth_path(path, "%s/%s/", parent, name));
    HS_TRY(hs_folder_make(path));
    hs_file_clear_temporaries(path);
exit:
    return status;
}

hs_status hs_synth_claim_folder(const hs_synth_job *job, const char *name, const char *text)
{
    return hs_error_context(hs_job_folder_claim(job->out, name, text,
                                                "choose another --out, or empty this folder first"),
                            "synth");
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
