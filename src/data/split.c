#include "data/split.h"

#include "base/memory.h"
#include "base/rng.h"
#include "base/status.h"
#include <stdlib.h>
#include <string.h>

hs_status hs_split_quotas(int64_t n, const int ratio[HS_SPLIT_PARTS],
                          int64_t quotas[HS_SPLIT_PARTS])
{
    int64_t sum = 0, given = 0;
    for (int p = 0; p < HS_SPLIT_PARTS; p++) {
        sum += ratio[p];
        quotas[p] = ratio[p] > 0;
        given += quotas[p];
    }
    if (n < given)
        return hs_error(HS_ERR_DATA, NULL, "split: got %lld, expected at least %lld", (long long)n,
                        (long long)given);
    for (; given < n; given++) {
        int neediest = 0;
        double most = -1e300;
        for (int p = 0; p < HS_SPLIT_PARTS; p++) {
            double missing = (double)(n * ratio[p]) / (double)sum - (double)quotas[p];
            if (ratio[p] > 0 && missing > most) {
                most = missing;
                neediest = p;
            }
        }
        quotas[neediest]++;
    }
    return HS_OK;
}

/* parts[i] of n things: the quotas dealt in random order. */
static hs_status deal(int64_t n, const int ratio[HS_SPLIT_PARTS], uint64_t seed, hs_split *parts)
{
    int64_t quotas[HS_SPLIT_PARTS];
    void *memory = NULL;
    hs_status status;
    HS_TRY(hs_split_quotas(n, ratio, quotas));
    HS_TRY(hs_allocate((size_t)n * sizeof(uint32_t), "random order", &memory));
    uint32_t *order = memory;
    hs_rng rng = hs_rng_make(seed, 0, 0, HS_PURPOSE_SPLIT);
    hs_rng_permutation(&rng, order, (uint32_t)n);
    int64_t at = 0;
    for (int p = 0; p < HS_SPLIT_PARTS; p++)
        for (int64_t k = 0; k < quotas[p]; k++)
            parts[order[at++]] = (hs_split)p;
exit:
    free(memory);
    return status;
}

hs_status hs_split_by_frame(hs_frame_info *infos, int64_t n, const int ratio[HS_SPLIT_PARTS],
                            uint64_t seed)
{
    void *parts = NULL;
    hs_status status;
    HS_TRY(hs_allocate((size_t)n * sizeof(hs_split), "splits", &parts));
    status = deal(n, ratio, seed, parts);
    if (status != HS_OK) {
        status = hs_error_context(status, "frames");
        goto exit;
    }
    for (int64_t i = 0; i < n; i++)
        infos[i].split = ((hs_split *)parts)[i];
exit:
    free(parts);
    return status;
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

hs_status hs_split_by_subject(hs_frame_info *infos, int64_t n, const int ratio[HS_SPLIT_PARTS],
                              uint64_t seed)
{
    void *memory = NULL, *parts = NULL;
    hs_status status;
    HS_TRY(hs_allocate((size_t)n * sizeof(int32_t), "subjects", &memory));
    int32_t *subjects = memory;
    for (int64_t i = 0; i < n; i++)
        subjects[i] = infos[i].subject;
    qsort(subjects, (size_t)n, sizeof *subjects, by_value);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (count == 0 || subjects[i] != subjects[count - 1])
            subjects[count++] = subjects[i];
    HS_TRY(hs_allocate((size_t)count * sizeof(hs_split), "splits", &parts));
    status = deal(count, ratio, seed, parts);
    if (status != HS_OK) {
        status = hs_error(status,
                          "with so few people, use --split frame: near-duplicates then "
                          "lie on both sides, so the test flatters",
                          "split by subject: got %lld subjects, expected one for each part of "
                          "%d:%d:%d",
                          (long long)count, ratio[0], ratio[1], ratio[2]);
        goto exit;
    }
    for (int64_t i = 0; i < n; i++) {
        int32_t *at = bsearch(&infos[i].subject, subjects, (size_t)count, sizeof *at, by_value);
        infos[i].split = ((hs_split *)parts)[at - subjects];
    }
exit:
    free(memory);
    free(parts);
    return status;
}

/* ---- lists ---- */

/* The part of a file name that lists may give: without folder and .png or .mat. */
typedef struct stem {
    const char *text;
    size_t length;
    hs_frame_info *info; /* NULL: the one that is looked for */
} stem;

static stem stem_of(const char *text, size_t length, hs_frame_info *info)
{
    const char *slash = memrchr(text, '/', length);
    if (slash) {
        length -= (size_t)(slash + 1 - text);
        text = slash + 1;
    }
    if (length > 4 &&
        (strncmp(text + length - 4, ".png", 4) == 0 || strncmp(text + length - 4, ".mat", 4) == 0))
        length -= 4;
    return (stem){text, length, info};
}

static int by_stem(const void *a, const void *b)
{
    const stem *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, shorter);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* One line of the list. */
static hs_status put_in_split(const stem *stems, int64_t n, hs_split split, const char *label,
                              stem wanted)
{
    const stem *found = bsearch(&wanted, stems, (size_t)n, sizeof *found, by_stem);
    if (!found)
        return hs_error(HS_ERR_DATA, "one name a line, such as user-3.000120",
                        "%s: got '%.*s', expected the name of a frame", label, (int)wanted.length,
                        wanted.text);
    if (found->info->split != HS_SPLIT_NONE)
        return hs_error(HS_ERR_DATA, NULL, "%s: got '%.*s' again: it already is in split '%s'",
                        label, (int)wanted.length, wanted.text, hs_split_name(found->info->split));
    found->info->split = split;
    return HS_OK;
}

hs_status hs_split_by_list(hs_frame_info *infos, int64_t n, hs_split split, const char *label,
                           const char *text)
{
    void *memory = NULL;
    hs_status status;
    HS_TRY(hs_allocate((size_t)n * sizeof(stem), "names of the frames", &memory));
    stem *stems = memory;
    for (int64_t i = 0; i < n; i++)
        stems[i] = stem_of(infos[i].source, strlen(infos[i].source), &infos[i]);
    qsort(stems, (size_t)n, sizeof *stems, by_stem);
    for (int64_t i = 1; i < n; i++)
        if (by_stem(&stems[i - 1], &stems[i]) == 0)
            HS_TRY(hs_error(HS_ERR_DATA, "pack each of their folders on its own",
                            "%s: cannot tell %s from %s by their names", label,
                            stems[i - 1].info->source, stems[i].info->source));
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\r\n");
        size_t kept = length;
        while (kept > 0 && (line[kept - 1] == ' ' || line[kept - 1] == '\t'))
            kept--;
        if (kept > 0 && line[0] != '#')
            HS_TRY(put_in_split(stems, n, split, label, stem_of(line, kept, NULL)));
        line += length;
        line += strspn(line, "\r\n");
    }
exit:
    free(memory);
    return status;
}
