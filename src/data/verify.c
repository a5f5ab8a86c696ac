#include "data/verify.h"

#include "base/log.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/dataset_fields.h"
#include "data/frame_stats.h"
#include "data/near.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one look at a frame tells. */
typedef struct seen {
    uint64_t depth, mask; /* hashes */
    uint64_t identity;    /* hash of the frame as it counts in the data set's */
    hs_class_counts counts;
    int64_t unmeasured;
    bool constant;
    hs_error_record damage, labels;
} seen;

/* Frames of equal depth meet in sorted order. */
typedef struct content_key {
    uint64_t depth, mask; /* hashes; depth 0: could not be read */
    int64_t frame;
} content_key;

enum { GROUP = 64 };

typedef struct verifier {
    const hs_dataset *dataset;
    const hs_dataset_info *info;
    hs_verify_report *report;
    hs_finding **last;
    content_key *keys;
    hs_gist *gists;
    uint8_t *splits, *near; /* of each frame: hs_split; whether it is a near copy */
    size_t pixels;
    uint64_t hash;
    hs_class_counts counts, train_counts;
    seen group[GROUP];
    /* One of each for every frame of a group. */
    uint16_t *depth;
    uint8_t *mask;
    hs_h5_block blocks[GROUP];
} verifier;

const char *hs_finding_kind_name(hs_finding_kind kind)
{
    static const char *const names[HS_FINDING_KINDS] = {
        [HS_FINDING_DAMAGED] = "damaged",   [HS_FINDING_LABEL] = "label",
        [HS_FINDING_EMPTY] = "empty",       [HS_FINDING_UNMEASURED] = "unmeasured",
        [HS_FINDING_CONSTANT] = "constant", [HS_FINDING_NEAR] = "near",
        [HS_FINDING_REPEATED] = "repeated", [HS_FINDING_SOURCE] = "source",
        [HS_FINDING_SUBJECT] = "subject",   [HS_FINDING_SUMMARY] = "summary",
    };
    return names[kind];
}

static void add(verifier *v, bool fault, hs_finding_kind kind, int64_t frame, const char *text)
{
    hs_finding *finding = hs_arena_take(&v->report->arena, sizeof *finding);
    *finding = (hs_finding){fault, kind, frame, hs_arena_string(&v->report->arena, text), NULL};
    *v->last = finding;
    v->last = &finding->next;
    v->report->counts[kind]++;
    v->report->faults += fault;
}

static void look(const verifier *v, int64_t frame, int slot, seen *s)
{
    uint16_t *depth = v->depth + (size_t)slot * v->pixels;
    uint8_t *mask = v->mask + (size_t)slot * v->pixels;
    hs_h5_block *block = (hs_h5_block *)&v->blocks[slot];
    memset(s, 0, sizeof *s);
    hs_error_save(&s->damage, hs_dataset_read_with(v->dataset, frame, depth, mask, block));
    if (s->damage.status != HS_OK)
        return;
    char what[64];
    snprintf(what, sizeof what, "frame %" PRId64 ": mask", frame);
    hs_error_save(&s->labels, hs_labels_check(mask, v->pixels, v->info->classes, what));
    hs_class_counts_add(&s->counts, mask, v->pixels);
    s->constant = true;
    for (size_t i = 0; i < v->pixels; i++) {
        s->unmeasured += mask[i] != 0 && depth[i] == 0;
        s->constant = s->constant && depth[i] == depth[0];
    }
    hs_gist_make(depth, v->info->height, v->info->width, &v->gists[frame]);
    s->depth = hs_hash_bytes(0, depth, v->pixels * sizeof *depth);
    s->mask = hs_hash_bytes(0, mask, v->pixels);
    s->identity = hs_frame_hash(hs_dataset_get_frame(v->dataset, frame), depth, mask, v->pixels);
}

/* Of a frame that could be read. */
static void judge_content(verifier *v, int64_t frame, const seen *s)
{
    const char *source = hs_dataset_get_frame(v->dataset, frame)->source;
    int64_t labelled = (int64_t)(v->pixels - s->counts.pixels[0]);
    char text[512];
    if (s->labels.status != HS_OK)
        add(v, true, HS_FINDING_LABEL, frame, s->labels.message);
    if (labelled == 0) {
        snprintf(text, sizeof text, "frame %" PRId64 " (%s): no pixel is a hand's", frame, source);
        add(v, false, HS_FINDING_EMPTY, frame, text);
    }
    if (s->unmeasured > 0) {
        snprintf(text, sizeof text,
                 "frame %" PRId64 " (%s): %" PRId64 " of %" PRId64 " labelled pixels have no depth",
                 frame, source, s->unmeasured, labelled);
        add(v, false, HS_FINDING_UNMEASURED, frame, text);
    }
    if (s->constant) {
        snprintf(text, sizeof text, "frame %" PRId64 " (%s): depth is the same everywhere", frame,
                 source);
        add(v, true, HS_FINDING_CONSTANT, frame, text);
    }
    v->report->labelled += labelled;
    v->report->unmeasured += s->unmeasured;
}

static void judge(verifier *v, int64_t frame, const seen *s)
{
    v->keys[frame] = (content_key){s->depth, s->mask, frame};
    if (s->damage.status != HS_OK) {
        add(v, true, HS_FINDING_DAMAGED, frame, s->damage.message);
        return;
    }
    judge_content(v, frame, s);
    v->hash = hs_hash_bytes(v->hash, &s->identity, sizeof s->identity);
    hs_class_counts_merge(&v->counts, &s->counts);
    if (hs_dataset_get_frame(v->dataset, frame)->split == HS_SPLIT_TRAIN)
        hs_class_counts_merge(&v->train_counts, &s->counts);
}

static void read_all(verifier *v)
{
    hs_progress progress = hs_progress_start("verifying", "frames", 0, v->info->frames);
    for (int64_t first = 0; first < v->info->frames; first += GROUP) {
        int n = v->info->frames - first < GROUP ? (int)(v->info->frames - first) : GROUP;
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < n; i++)
            look(v, first + i, i, &v->group[i]);
        for (int i = 0; i < n; i++)
            judge(v, first + i, &v->group[i]);
        hs_progress_update(&progress, first + n, NULL);
    }
    hs_progress_finish(&progress, NULL);
}

/* ---- what only all frames together show ---- */

static void add_near(void *user, int64_t i, int64_t j)
{
    verifier *v = user;
    if (v->splits[i] == HS_SPLIT_NONE || v->splits[j] == HS_SPLIT_NONE ||
        v->keys[i].depth == v->keys[j].depth) /* exactly the same: found on its own */
        return;
    int64_t first = v->splits[i] < v->splits[j] ? i : j, copy = i + j - first;
    if (v->near[copy])
        return;
    v->near[copy] = 1;
    const hs_frame_info *a = hs_dataset_get_frame(v->dataset, first);
    const hs_frame_info *b = hs_dataset_get_frame(v->dataset, copy);
    char text[512];
    snprintf(text, sizeof text,
             "frame %" PRId64 " (%s, %s) is nearly the same as frame %" PRId64 " (%s, %s)", copy,
             b->source, hs_split_name(b->split), first, a->source, hs_split_name(a->split));
    add(v, false, HS_FINDING_NEAR, copy, text);
}

/* Frames of two splits that differ by less than NEAR of the depth that is 1 for the nets. */
static hs_status find_near(verifier *v)
{
    static const double NEAR = 0.006;
    if (v->info->height < HS_GIST_ROWS || v->info->width < HS_GIST_COLUMNS)
        return HS_OK; /* too small to tell */
    for (int64_t i = 0; i < v->info->frames; i++)
        v->splits[i] = (uint8_t)hs_dataset_get_frame(v->dataset, i)->split;
    return hs_near_pairs(v->gists, v->splits, v->info->frames, NEAR * v->info->normalization,
                         add_near, v);
}

static int by_depth(const void *a, const void *b)
{
    const content_key *x = a, *y = b;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static void find_repeated(verifier *v)
{
    char text[512];
    qsort(v->keys, (size_t)v->info->frames, sizeof *v->keys, by_depth);
    for (int64_t i = 1; i < v->info->frames; i++) {
        const content_key *one = &v->keys[i - 1], *two = &v->keys[i];
        if (one->depth != two->depth || one->depth == 0)
            continue;
        const hs_frame_info *a = hs_dataset_get_frame(v->dataset, one->frame);
        const hs_frame_info *b = hs_dataset_get_frame(v->dataset, two->frame);
        snprintf(text, sizeof text, "frames %" PRId64 " (%s, %s) and %" PRId64 " (%s, %s) %s",
                 one->frame, a->source, hs_split_name(a->split), two->frame, b->source,
                 hs_split_name(b->split),
                 one->mask == two->mask ? "are the same image"
                                        : "are the same image with other labels");
        add(v, true, HS_FINDING_REPEATED, one->frame, text);
    }
}

static int by_source(const void *a, const void *b)
{
    const hs_frame_info *x = *(const hs_frame_info *const *)a;
    const hs_frame_info *y = *(const hs_frame_info *const *)b;
    int order = strcmp(x->source, y->source);
    return order ? order : (x > y) - (x < y);
}

/* Every frame comes from a file of its own. */
static hs_status find_shared_sources(verifier *v)
{
    void *memory;
    size_t n = (size_t)v->info->frames;
    hs_status status = hs_allocate(n * sizeof(hs_frame_info *), "frames", &memory);
    if (status != HS_OK)
        return status;
    const hs_frame_info **frames = memory, *first = hs_dataset_get_frame(v->dataset, 0);
    for (size_t i = 0; i < n; i++)
        frames[i] = first + i;
    qsort(frames, n, sizeof *frames, by_source);
    for (size_t i = 1; i < n; i++) {
        char text[512];
        if (strcmp(frames[i - 1]->source, frames[i]->source) != 0)
            continue;
        snprintf(text, sizeof text, "frames %td (%s) and %td (%s) are both read from %s",
                 frames[i - 1] - first, hs_split_name(frames[i - 1]->split), frames[i] - first,
                 hs_split_name(frames[i]->split), frames[i]->source);
        add(v, true, HS_FINDING_SOURCE, frames[i - 1] - first, text);
    }
    free(memory);
    return HS_OK;
}

static int by_subject(const void *a, const void *b)
{
    const hs_frame_info *x = *(const hs_frame_info *const *)a;
    const hs_frame_info *y = *(const hs_frame_info *const *)b;
    if (x->subject != y->subject)
        return x->subject < y->subject ? -1 : 1;
    return (x->split > y->split) - (x->split < y->split);
}

/* A person on both sides makes the test easier than the world; by choice where frames were split
 * one by one, or as their publisher did. */
static hs_status find_shared_subjects(verifier *v)
{
    void *memory;
    int64_t n = v->info->frames, count = 0;
    hs_status status = hs_allocate((size_t)n * sizeof(hs_frame_info *), "frames", &memory);
    if (status != HS_OK)
        return status;
    const hs_frame_info **frames = memory;
    for (int64_t i = 0; i < n; i++)
        if (hs_dataset_get_frame(v->dataset, i)->split != HS_SPLIT_NONE)
            frames[count++] = hs_dataset_get_frame(v->dataset, i);
    qsort(frames, (size_t)count, sizeof *frames, by_subject);
    bool chosen = strcmp(v->info->split_method, "frame") == 0 ||
                  strcmp(v->info->split_method, "published") == 0;
    for (int64_t i = 1; i < count; i++) {
        if (frames[i]->subject != frames[i - 1]->subject ||
            frames[i]->split == frames[i - 1]->split)
            continue;
        bool nobody = v->info->subjects_unknown && frames[i]->subject == 0;
        char who[32], text[128];
        snprintf(who, sizeof who, "subject %d is", frames[i]->subject);
        snprintf(text, sizeof text, "%s in split %s and in split %s",
                 nobody ? "people who are not named are" : who, hs_split_name(frames[i - 1]->split),
                 hs_split_name(frames[i]->split));
        add(v, !chosen && !nobody, HS_FINDING_SUBJECT, -1, text);
    }
    free(memory);
    return HS_OK;
}

static bool same_counts(const hs_class_counts *a, const hs_class_counts *b, int classes)
{
    size_t size = sizeof *a->pixels * (size_t)classes;
    return memcmp(a->pixels, b->pixels, size) == 0 &&
           memcmp(a->image_pixels, b->image_pixels, size) == 0;
}

static void check_number(verifier *v, const char *what, double got, double expected)
{
    const double ROUNDING = 1e-9; /* of another machine's arithmetic */
    char text[256];
    if (fabs(got - expected) <= ROUNDING * expected)
        return;
    snprintf(text, sizeof text, "%s: got %.9g, expected %.9g", what, got, expected);
    add(v, true, HS_FINDING_SUMMARY, -1, text);
}

/* Attributes that follow from others. */
static void check_attributes(verifier *v)
{
    const hs_dataset_info *info = v->info;
    double weights[HS_CLASSES_MAX];
    check_number(v, HS_DATASET_NORMALIZATION " by the unit of depth", info->normalization,
                 hs_depth_normalization(info->depth_unit));
    hs_median_frequency_weights(&info->train_counts, info->classes, weights);
    for (int c = 0; c < info->classes; c++) {
        char what[128];
        snprintf(what, sizeof what, HS_DATASET_WEIGHTS " by the class counts: %s", info->labels[c]);
        check_number(v, what, info->weights[c], weights[c]);
    }
}

/* What is said of all frames holds of none less. */
static void check_summary(verifier *v)
{
    int64_t damaged = v->report->counts[HS_FINDING_DAMAGED];
    char text[128];
    if (damaged > 0) {
        snprintf(text, sizeof text,
                 "hash and class counts were not compared: %" PRId64 " frames could not be read",
                 damaged);
        add(v, false, HS_FINDING_SUMMARY, -1, text);
        return;
    }
    if (v->hash != v->info->hash)
        add(v, true, HS_FINDING_SUMMARY, -1,
            "the hash of the content is not the one written when it was packed");
    if (!same_counts(&v->counts, &v->info->counts, v->info->classes) ||
        !same_counts(&v->train_counts, &v->info->train_counts, v->info->classes))
        add(v, true, HS_FINDING_SUMMARY, -1, "the class counts are not those of the masks");
}

static void close_verifier(verifier *v)
{
    for (int i = 0; i < GROUP; i++)
        hs_h5_block_free(&v->blocks[i]);
    free(v->keys);
    free(v->gists);
    free(v->splits);
    free(v->near);
    free(v->depth);
    free(v->mask);
    free(v);
}

static hs_status open_verifier(verifier *v)
{
    size_t frames = (size_t)v->info->frames;
    hs_status status;
    HS_TRY(hs_allocate(frames * sizeof *v->keys, "hashes", (void **)&v->keys));
    HS_TRY(hs_allocate(frames * sizeof *v->gists, "frames in small", (void **)&v->gists));
    HS_TRY(hs_allocate(frames, "splits", (void **)&v->splits));
    HS_TRY(hs_allocate(frames, "near copies", (void **)&v->near));
    HS_TRY(
        hs_allocate(GROUP * v->pixels * sizeof *v->depth, "depth of a group", (void **)&v->depth));
    HS_TRY(hs_allocate(GROUP * v->pixels, "masks of a group", (void **)&v->mask));
exit:
    return status;
}

hs_status hs_dataset_verify(const hs_dataset *dataset, hs_verify_report *report)
{
    void *memory;
    hs_status status = hs_allocate(sizeof(verifier), "verification", &memory);
    if (status != HS_OK)
        return status;
    verifier *v = memory;
    v->dataset = dataset;
    v->info = hs_dataset_get_info(dataset);
    v->report = report;
    v->last = &report->findings;
    v->pixels = (size_t)v->info->height * (size_t)v->info->width;
    HS_TRY(open_verifier(v));
    read_all(v);
    HS_TRY(find_near(v));
    find_repeated(v);
    HS_TRY(find_shared_sources(v));
    HS_TRY(find_shared_subjects(v));
    check_attributes(v);
    check_summary(v);
exit:
    close_verifier(v);
    return status;
}

void hs_verify_report_free(hs_verify_report *report)
{
    hs_arena_free(&report->arena);
    *report = (hs_verify_report){0};
}
