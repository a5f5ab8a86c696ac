#include "segment/report_page.h"

#include "base/log.h"
#include "base/machine.h"
#include "eval/paired_test.h"
#include "handseg/version.h"
#include "io/png.h"
#include "kernels/kernels.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A growing list of facts, in an arena. */
typedef struct facts {
    hs_arena *arena;
    hs_page_fact list[24];
    int n;
} facts;

static void add(facts *f, const char *name, const char *fmt, ...) HS_PRINTF(3, 4);
static void add(facts *f, const char *name, const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    f->list[f->n++] = (hs_page_fact){name, hs_arena_string(f->arena, text)};
}

static const hs_page_fact *keep(const facts *f)
{
    hs_page_fact *list = hs_arena_take(f->arena, sizeof *list * (size_t)f->n);
    memcpy(list, f->list, sizeof *list * (size_t)f->n);
    return list;
}

/* ---- one run ----------------------------------------------------------------------------------
 */
static void add_training(facts *f, const hs_run_source *s)
{
    const hs_progress_state *state = &s->info.state;
    char duration[32];
    hs_format_duration(state->seconds, duration, sizeof duration);
    add(f, "trained for", "%s, %" PRId64 " steps, up to this checkpoint", duration, state->step);
    if (state->best_miou >= 0)
        add(f, "validation", "hand mIoU %.2f %%, the best so far", 100 * state->best_miou);
    add(f, "seed", "%" PRIu64, state->seed);
    add(f, "written by", "handseg %s on %s", s->info.version, s->info.processor);
}

static void add_data(facts *f, const hs_report_run *run)
{
    const hs_evaluation_data *d = &run->data;
    const hs_run_source *s = &run->source;
    add(f, "evaluated on", "%s, %s%s%u frames of %u %s", d->path, d->split ? d->split : "",
        d->split ? " split, " : "", d->count, run->people, run->people == 1 ? "person" : "people");
    uint64_t hash = d->dataset ? hs_dataset_get_info(d->dataset)->hash : 0;
    if (d->dataset && !s->log)
        add(f, "hash of the data", "%016" PRIx64, hash);
    else if (d->dataset && hash == s->info.data_hash)
        add(f, "hash of the data", "%016" PRIx64 ", the data set it was trained on", hash);
    else if (d->dataset)
        add(f, "hash of the data", "%016" PRIx64 "; it was trained on another, %016" PRIx64, hash,
            s->info.data_hash);
    if (d->dataset)
        add(f, "split by", "%s", hs_dataset_get_info(d->dataset)->split_method);
}

static void fill_facts(const hs_report_run *run, hs_arena *arena, hs_page_run *page)
{
    facts f = {.arena = arena};
    add(&f, "run", "%s", run->source.path);
    add(&f, "model", "%s: %s, which sees %dx%d pixels", run->source.model, run->kind, run->width,
        run->height);
    if (run->source.log)
        add_training(&f, &run->source);
    add_data(&f, run);
    page->facts = keep(&f);
    page->n_facts = f.n;
}

/* What a reader would otherwise take for granted. */
static void fill_notes(const hs_report_run *run, const hs_report_request *request, hs_arena *arena,
                       hs_page_run *page)
{
    const char **notes = hs_arena_take(arena, 5 * sizeof *notes);
    page->notes = notes;
    if (run->merged)
        notes[page->n_notes++] = hs_arena_format(arena, "In all figures %s.", run->merged);
    if (run->by_frame && !request->by_frame && run->people == 0)
        notes[page->n_notes++] =
            "The interval resamples frames: the data set does not say who is in them. Frames of "
            "one person are alike, so it is narrower than it should be.";
    else if (run->by_frame && !request->by_frame)
        notes[page->n_notes++] = hs_arena_format(
            arena,
            "The interval resamples frames: the split has only %u %s, expected at least %d. Frames "
            "of one person are alike, so it is narrower than it should be.",
            run->people, run->people == 1 ? "person" : "people", HS_REPORT_LEAST_PEOPLE);
    if (run->interval.used < request->samples)
        notes[page->n_notes++] =
            hs_arena_format(arena, "%u of %u resamples held no hand and are left out.",
                            request->samples - run->interval.used, request->samples);
    if (run->curves.cut)
        notes[page->n_notes++] =
            hs_arena_format(arena,
                            "The last line of log.csv has no end, as after a kill; the curves show "
                            "the %" PRId64 " whole ones.",
                            run->curves.rows);
    if (run->source.log && !run->source.results)
        notes[page->n_notes++] = "There is no metrics.json: the training has not come to its end.";
}

static hs_status fill_pictures(const hs_report_run *run, hs_arena *arena, hs_page_run *page)
{
    const hs_drawn_picks *worst = &run->worst;
    hs_page_picture *pictures = hs_arena_take(arena, sizeof *pictures * (size_t)worst->count);
    hs_status status = HS_OK;
    page->pictures = pictures;
    for (int i = 0; i < worst->count; i++) {
        const hs_picture *p = &worst->pictures[i];
        uint8_t *png;
        pictures[i] = (hs_page_picture){
            .width = p->width, .height = p->height, .caption = worst->captions[i]};
        HS_TRY(hs_png_encode_rgb(p->rgb, p->width, p->height, &png, &pictures[i].size));
        pictures[i].png = png;
        page->n_pictures++;
    }
exit:
    return status;
}

hs_status hs_report_page_run(const hs_report_run *run, const hs_report_request *request,
                             const char *frames_file, hs_arena *arena, hs_page_run *page)
{
    *page = (hs_page_run){.name = run->name,
                          .classes = run->classes,
                          .labels = run->labels,
                          .trained = run->source.log != NULL,
                          .loss = run->curves.loss,
                          .iou = run->curves.iou,
                          .n_iou = run->curves.classes,
                          .confusion = run->confusion,
                          .metrics = run->metrics,
                          .boundary_hands = run->boundary_hands,
                          .interval = run->interval,
                          .units = run->units,
                          .calibrated = run->calibrated,
                          .calibration = run->calibration,
                          .frames_file = frames_file,
                          .config = run->source.config,
                          .results_file = run->source.results};
    memcpy(page->boundary, run->boundary, sizeof page->boundary);
    fill_facts(run, arena, page);
    fill_notes(run, request, arena, page);
    return fill_pictures(run, arena, page);
}

void hs_report_page_run_free(hs_page_run *page)
{
    for (int i = 0; i < page->n_pictures; i++)
        free((void *)(uintptr_t)page->pictures[i].png);
    *page = (hs_page_run){0};
}

/* ---- runs together ----------------------------------------------------------------------------
 */
/* NULL where both were evaluated on the same frames. */
static const char *find_obstacle(const hs_report_run *a, const hs_report_run *b)
{
    const hs_dataset *x = a->data.dataset, *y = b->data.dataset;
    bool same = x && y ? hs_dataset_get_info(x)->hash == hs_dataset_get_info(y)->hash
                       : !x && !y && strcmp(a->data.path, b->data.path) == 0;
    if (!same)
        return "they were evaluated on other data";
    return a->data.count == b->data.count ? NULL : "they were evaluated on other frames";
}

/* Both were counted on the same units: what is resampled depends on the frames alone. */
static void test_pair(const hs_report_run *a, const hs_report_run *b,
                      const hs_report_request *request, hs_arena *arena, hs_page_pair *pair)
{
    hs_paired_counts x = {a->counts, (uint64_t)a->height * (uint64_t)a->width};
    hs_paired_counts y = {b->counts, (uint64_t)b->height * (uint64_t)b->width};
    hs_paired_result result = hs_paired_test(x, y, request->seed, request->samples);
    pair->p = result.p;
    pair->ways = hs_arena_format(
        arena, result.exact ? "all %" PRIu64 " ways" : "%" PRIu64 " random ways", result.ways);
}

hs_status hs_report_page_pair(const hs_report_run *a, const hs_report_run *b,
                              const hs_report_request *request, double level, hs_arena *arena,
                              hs_page_pair *pair)
{
    double *differences;
    uint32_t samples = request->samples;
    *pair = (hs_page_pair){.first = a->name,
                           .second = b->name,
                           .units = a->units,
                           .obstacle = find_obstacle(a, b),
                           .difference = a->metrics.hands.iou - b->metrics.hands.iou};
    if (pair->obstacle)
        return HS_OK;
    if (a->height != b->height || a->width != b->width)
        pair->remark =
            hs_arena_format(arena, "each counted at its own size, %dx%d and %dx%d pixels", a->width,
                            a->height, b->width, b->height);
    hs_status status =
        hs_allocate(samples * sizeof *differences, "resamples", (void **)&differences);
    if (status != HS_OK)
        return status;
    for (uint32_t i = 0; i < samples; i++)
        differences[i] = a->figures[i] - b->figures[i];
    status = hs_bootstrap_interval(differences, samples, hs_bootstrap_tail(a->counts->units, level),
                                   &pair->interval);
    test_pair(a, b, request, arena, pair);
    free(differences);
    return status;
}

void hs_report_page_facts(const hs_report_request *request, hs_arena *arena, hs_page *page)
{
    facts f = {.arena = arena};
    char processor[256];
    hs_machine_processor(processor, sizeof processor);
    add(&f, "program", "handseg %s", hs_version());
    add(&f, "machine", "%s, %d thread%s", processor, hs_threads(), hs_threads() == 1 ? "" : "s");
    add(&f, "kernels", "%s", hs_isa_name(hs_kernels_isa()));
    add(&f, "bootstrap", "%u resamples, seed %" PRIu64 "; expanded percentiles (Hesterberg 2015)",
        request->samples, request->seed);
    page->facts = keep(&f);
    page->n_facts = f.n;
}
