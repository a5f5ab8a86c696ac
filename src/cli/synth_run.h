/* What the two forms of handseg synth share: the job, the folder it may write to, the loop. */
#ifndef HS_CLI_SYNTH_RUN_H
#define HS_CLI_SYNTH_RUN_H

#include "base/status.h"
#include "io/file.h"
#include "synth/render.h"

enum { HS_SYNTH_PATH = 4096 };

/* The command line. */
typedef struct hs_synth_job {
    const char *out;
    const hs_profile *profile;
    int64_t frames, subjects, seed;
    int width, height;
    double interval; /* seconds between frames of a recording */
    bool bare_hands; /* its people wear no gloves */
} hs_synth_job;

/* Writes recordings and calibration shots. */
hs_status hs_synth_recordings(const hs_synth_job *job);

/* Formats a path; HS_ERR_USAGE where it is too long. */
hs_status hs_synth_path(char path[HS_SYNTH_PATH], const char *fmt, ...) HS_PRINTF(2, 3);

/* Makes PARENT/NAME; what a killed run was writing there goes. */
hs_status hs_synth_make_folder(const char *parent, const char *name);

/* Claims the folder of the job, known by `text` in the file `name` of it (io/job_folder.h). */
hs_status hs_synth_claim_folder(const hs_synth_job *job, const char *name, const char *text);

/* A loop over items, in parallel; `context` is what all threads read. */
typedef struct hs_synth_steps {
    const char *what, *unit; /* of the progress: "rendering", "frames" */
    size_t memory;           /* bytes of a thread's own memory, zeroed at first */
    hs_status (*init)(const void *context, void *memory);
    hs_status (*item)(const void *context, int64_t i, void *memory);
    void (*free)(void *memory);
} hs_synth_steps;

/* Runs items 0 .. n-1; the error is that of the first item that failed. `note` ends the line of the
 * progress. */
hs_status hs_synth_loop(const hs_synth_steps *steps, const void *context, int64_t n,
                        const char *note);

#endif
