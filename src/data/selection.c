#include "data/selection.h"

#include "base/log.h"
#include "data/verdicts.h"
#include <stdio.h>
#include <unistd.h>

/* Whether a person, or else the score, rejects the frame; counts it. */
static bool judge(const hs_verdict_record *person, const hs_quality_row *row,
                  hs_review_counts *counts)
{
    hs_verdict by_score = row ? row->verdict : HS_VERDICT_NONE;
    hs_verdict verdict = person ? (hs_verdict)person->action : by_score;
    int64_t *const by[2][3] = {
        {&counts->unjudged, &counts->accepted_by_score, &counts->rejected_by_score},
        {&counts->unjudged, &counts->accepted_by_person, &counts->rejected_by_person},
    };
    ++*by[person != NULL][verdict];
    return verdict == HS_VERDICT_REJECT;
}

hs_status hs_selection_check(const char *folder)
{
    char annotation[4096], table[4096];
    snprintf(annotation, sizeof annotation, "%s/" HS_ANNOTATION_FILE, folder);
    snprintf(table, sizeof table, "%s/" HS_QUALITY_FILE, folder);
    if (access(annotation, F_OK) != 0 || access(table, F_OK) == 0)
        return HS_OK;
    return hs_error(
        HS_ERR_DATA, "give the same annotate command again, which goes on where it stopped",
        "%s: unfinished annotation: got no " HS_QUALITY_FILE ", expected a score for every frame",
        folder);
}

/* A table of other frames, or of some: the rest goes in as if all were well with it. */
static void warn_of_unscored(const hs_layout *layout, const char *const *names,
                             const hs_quality_table *table, const hs_verdicts *verdicts)
{
    int64_t unscored = 0, first = 0;
    for (int64_t i = layout->count - 1; i >= 0; i--)
        if (!hs_quality_table_find(table, names[i]) && !hs_verdicts_of(verdicts, i, NULL)) {
            unscored++;
            first = i;
        }
    if (unscored > 0)
        hs_warn("%s/" HS_QUALITY_FILE ": %lld of %lld frames are not in it, such as %s; they are "
                "packed without a score",
                layout->folder, (long long)unscored, (long long)layout->count, names[first]);
}

hs_status hs_selection_make(hs_layout *layout, hs_review_counts *counts, const uint8_t **rejected)
{
    char log_path[4096], table_path[4096];
    snprintf(log_path, sizeof log_path, "%s/" HS_VERDICT_FILE, layout->folder);
    snprintf(table_path, sizeof table_path, "%s/" HS_QUALITY_FILE, layout->folder);
    *counts = (hs_review_counts){0};
    *rejected = NULL;
    if (access(log_path, F_OK) != 0 && access(table_path, F_OK) != 0)
        return HS_OK;
    hs_quality_table table = {0};
    hs_verdict_log log = {0};
    hs_verdicts verdicts = {0};
    const char *const *names = hs_layout_names(layout);
    uint8_t *out = hs_arena_take(&layout->arena, (size_t)layout->count);
    hs_status status;
    HS_TRY(hs_quality_table_read(&table, layout->folder));
    HS_TRY(hs_verdict_log_read(&log, log_path));
    HS_TRY(hs_verdicts_init(&verdicts, &log, names, layout->count));
    for (int64_t i = 0; i < layout->count; i++)
        out[i] = judge(hs_verdicts_of(&verdicts, i, NULL), hs_quality_table_find(&table, names[i]),
                       counts);
    if (access(table_path, F_OK) == 0)
        warn_of_unscored(layout, names, &table, &verdicts);
    *rejected = out;
exit:
    hs_verdicts_free(&verdicts);
    hs_verdict_log_free(&log);
    hs_quality_table_free(&table);
    return status;
}
