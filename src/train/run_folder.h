/* The folder of a run: config.ini, log.csv, best.h5, last.h5, metrics.json; and whether a run may
 * be gone on with. */
#ifndef HS_TRAIN_RUN_FOLDER_H
#define HS_TRAIN_RUN_FOLDER_H

#include "config/ini.h"
#include <stdbool.h>

typedef struct hs_run_folder {
    const char *path; /* borrowed; NULL: none is open */
    int lock;         /* file descriptor of the folder */
} hs_run_folder;

/* Makes the folder, locks it for as long as this process lives, and removes what a run that was
 * killed left half written. HS_ERR_STATE where another process holds it. Initialise with {0}. */
hs_status hs_run_folder_open(hs_run_folder *folder, const char *path);
void hs_run_folder_close(hs_run_folder *folder);

/* Whether there is a last.h5 to go on from, at `last`. HS_ERR_STATE for one that nobody asked to
 * resume. */
hs_status hs_run_folder_find(const hs_run_folder *folder, const char *last, bool resume,
                             bool *found);

/* Writes a text file of the folder, whole or not at all. */
hs_status hs_run_folder_write(const hs_run_folder *folder, const char *name, const char *text);

/* What to do about HS_ERR_CONFIG of a resumed run. */
extern const char hs_resume_hint[];

/* HS_ERR_CONFIG where the configuration of a run differs from that in its last.h5, at `path`,
 * in a key that says what the run does. */
hs_status hs_run_compare(const hs_ini *now, const hs_ini *then, const char *path);

#endif
