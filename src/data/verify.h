/* Whether a data set is sound: reads everything once. */
#ifndef HS_DATA_VERIFY_H
#define HS_DATA_VERIFY_H

#include "base/memory.h"
#include "handseg/dataset.h"
#include <stdbool.h>

/* One thing found: a fault makes the data set unsound, a remark does not. */
typedef struct hs_finding {
    bool fault;
    const char *kind; /* "damaged", "label", "constant", "near", "repeated", "subject", "summary" */
    int64_t frame;    /* the first it is about; -1: the data set */
    const char *text;
    struct hs_finding *next;
} hs_finding;

typedef struct hs_verify_report {
    hs_arena arena;
    hs_finding *findings; /* in order of the frames */
    int64_t faults;       /* all of them; findings beyond a few dozen of a kind are left out */
    int64_t empty_masks;  /* frames without a hand */
    int64_t unmeasured;   /* labelled pixels without a depth */
    int64_t labelled;     /* pixels of hands */
    int64_t
        near_copies; /* frames that nearly show one of a split before theirs: train, val, test */
} hs_verify_report;

/* Checks checksums, label values, constant and repeated frames, frames nearly the same
 * and subjects in two splits, and that hash and class counts are those of the content. Faults are
 * no failure: HS_OK unless the check itself could not be done. `report` starts as {0} and is freed
 * also after a failure. */
hs_status hs_dataset_verify(const hs_dataset *dataset, hs_verify_report *report);
void hs_verify_report_free(hs_verify_report *report);

#endif
