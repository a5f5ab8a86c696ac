/* What came out of the review of a folder so far: from its log of verdicts alone. */
#ifndef HS_REVIEW_SUMMARY_H
#define HS_REVIEW_SUMMARY_H

#include "base/memory.h"
#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Two verdicts on each of some frames: [the first][the second], 0 keep, 1 reject. */
typedef struct hs_agreement {
    int64_t frames[2][2];
} hs_agreement;

/* Cohen's kappa (1960): agreement beyond that by chance, over what is possible beyond chance. NaN
 * where there is no frame, or chance alone agrees always. */
double hs_agreement_kappa(const hs_agreement *agreement);

typedef struct hs_reviewer_summary {
    const char *name;
    int64_t verdicts;      /* key presses that count, undone ones left out */
    double seconds;        /* at work: gaps above a minute count as one */
    hs_agreement on_known; /* first: what is known; second: what this person said */
} hs_reviewer_summary;

typedef struct hs_review_summary {
    hs_arena arena;
    const char *folder;
    int64_t frames, kept, rejected, unjudged; /* by people */
    hs_agreement with_score;                  /* first: the automatic score's; second: people's */
    hs_reviewer_summary *reviewers;           /* [reviewer_count] */
    int reviewer_count;
} hs_review_summary;

/* Reads a folder and its log. Initialise with {0}; free also after a failure. */
hs_status hs_review_summary_make(hs_review_summary *summary, const char *folder);
void hs_review_summary_free(hs_review_summary *summary);

/* As a table or as JSON. */
void hs_review_summary_print(const hs_review_summary *summary, bool json, FILE *file);

#endif
