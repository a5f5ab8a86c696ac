/* Whether a data set is sound: reads everything once. */
#ifndef HS_DATA_VERIFY_H
#define HS_DATA_VERIFY_H

#include "base/memory.h"
#include "handseg/dataset.h"
#include <stdbool.h>

typedef enum hs_finding_kind {
    HS_FINDING_DAMAGED,    /* the frame cannot be read, or its checksum does not fit */
    HS_FINDING_LABEL,      /* a label that is no class */
    HS_FINDING_EMPTY,      /* no pixel is a hand's */
    HS_FINDING_UNMEASURED, /* labelled pixels without a depth */
    HS_FINDING_CONSTANT,   /* depth is the same everywhere */
    HS_FINDING_NEAR,       /* nearly a frame of a split before its own: train, val, test */
    HS_FINDING_REPEATED,   /* the same depth as a later frame, whatever the labels */
    HS_FINDING_SOURCE,     /* read from the same file as a later frame */
    HS_FINDING_SUBJECT,    /* a person in two splits: a remark where that was chosen */
    HS_FINDING_SUMMARY,    /* an attribute is not what it follows from: hash, counts, weights ... */
    HS_FINDING_KINDS
} hs_finding_kind;

/* One thing found: a fault makes the data set unsound, a remark does not. */
typedef struct hs_finding {
    bool fault;
    hs_finding_kind kind;
    int64_t frame; /* the first it is about; -1: the data set */
    const char *text;
    struct hs_finding *next;
} hs_finding;

typedef struct hs_verify_report {
    hs_arena arena;
    hs_finding *findings; /* all, in order of the frames; after them what only all together show */
    int64_t counts[HS_FINDING_KINDS];
    int64_t faults;
    int64_t unmeasured; /* labelled pixels without a depth */
    int64_t labelled;   /* pixels of hands */
} hs_verify_report;

/* "damaged", "label", "empty", "unmeasured", "constant", "near", "repeated", "source",
 * "subject" or "summary". */
const char *hs_finding_kind_name(hs_finding_kind kind);

/* Checks checksums, label values, empty masks, labels without depth, constant and repeated frames,
 * frames nearly the same, sources of two frames and subjects in two splits, and that hash, class
 * counts, weights and normalization are those of the content; hash and counts only where every
 * frame could be read. Faults are no failure: HS_OK unless
 * the check itself could not be done. `report` starts as {0} and is freed also after a failure. */
hs_status hs_dataset_verify(const hs_dataset *dataset, hs_verify_report *report);
void hs_verify_report_free(hs_verify_report *report);

#endif
