#include "train/forest_session.h"

#include "base/log.h"
#include "base/rng.h"
#include "data/dataset.h"
#include "data/sampler.h"
#include "eval/evaluator.h"
#include "forest/frame.h"
#include "forest/predict.h"
#include "kernels/kernels.h"
#include "train/forest_file.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *hs_forest_session_path(hs_forest_session *s, const char *name)
{
    return hs_arena_format(&s->arena, "%s/%s", s->config.train.out, name);
}

/* ---- data -------------------------------------------------------------------------------------
 */
static hs_forest_reader make_reader(const hs_forest_train_config *config, const hs_dataset *dataset)
{
    const hs_dataset_info *data = hs_dataset_get_info(dataset);
    hs_probe_view view = hs_forest_view(config, data->depth_unit);
    hs_forest_reader reader = {.dataset = dataset,
                               .view = view,
                               .sample = {.in_height = data->height,
                                          .in_width = data->width,
                                          .height = view.height,
                                          .width = view.width},
                               .augment = config->augment,
                               .seed = (uint64_t)config->train.seed,
                               .threads = config->data.workers};
    hs_dataset_hands(data, &reader.sample.left, &reader.sample.right);
    return reader;
}

static hs_status open_data(hs_forest_session *s)
{
    const hs_data_config *config = &s->config.data;
    hs_status status;
    HS_TRY(hs_dataset_open(config->file, &s->dataset));
    s->data = hs_dataset_get_info(s->dataset);
    HS_TRY(hs_run_frames_find(&s->arena, s->dataset, config, &s->split));
    s->reader = make_reader(&s->config, s->dataset);
    s->view = s->reader.view;
exit:
    return status;
}

static uint32_t slots_of(const hs_forest_config *config, uint32_t frames)
{
    uint32_t slots = (uint32_t)lrint(config->bag * frames);
    return slots > 0 ? slots : 1;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Draws the frames of a tree, in ascending order. */
static hs_status draw_bag(hs_forest_session *s, uint32_t tree)
{
    uint32_t *order = NULL;
    hs_rng rng = hs_rng_make(s->reader.seed, tree, 0, HS_PURPOSE_FOREST_FRAMES);
    hs_status status =
        hs_allocate(sizeof *order * s->split.train_count, "order of the frames", (void **)&order);
    if (status != HS_OK)
        return status;
    hs_rng_permutation(&rng, order, s->split.train_count);
    for (uint32_t i = 0; i < s->slots; i++)
        s->bag[i] = s->split.train[order[i]];
    qsort(s->bag, s->slots, sizeof *s->bag, by_number);
    free(order);
    return HS_OK;
}

/* ---- memory -----------------------------------------------------------------------------------
 */
/* Nodes that trees of n pixels have at most: two to a split, and every leaf has `least` pixels. */
static size_t most_nodes(const hs_forest_config *c, size_t n)
{
    size_t by_depth = (size_t)2 << c->depth, by_pixels = 2 * (n / (size_t)c->least) + 1;
    size_t nodes = by_depth < by_pixels ? by_depth : by_pixels;
    return nodes < INT32_MAX ? nodes : INT32_MAX;
}

/* Of an evaluation of all trees. */
static size_t validation_bytes(const hs_forest_train_config *config, const hs_forest_reader *reader,
                               int32_t classes, size_t nodes, const hs_run_frames *split)
{
    const hs_probe_view *view = &reader->view;
    if (split->val_count == 0)
        return 0;
    hs_loader_config loader =
        hs_evaluate_loader(1, view->height, view->width, split->val, split->val_count);
    return hs_forest_bytes(view, classes, config->forest.trees, nodes) +
           hs_loader_bytes(reader->dataset, &loader) +
           (size_t)view->height * (size_t)view->width; /* labels */
}

/* What the program grows by beside its arrays: stacks and pools of memory of its threads, pages of
 * libraries not touched before. As measured, with room. */
static size_t growth_of_program(const hs_forest_reader *reader)
{
    return ((size_t)8 + (size_t)(hs_threads() + reader->threads)) << 19;
}

hs_forest_memory hs_forest_memory_of(const hs_forest_train_config *config,
                                     const hs_dataset *dataset, const hs_run_frames *split)
{
    const hs_forest_config *c = &config->forest;
    hs_forest_reader reader = make_reader(config, dataset);
    int32_t classes = hs_dataset_get_info(dataset)->classes;
    size_t slots = slots_of(c, split->train_count), n = slots * (size_t)c->pixels;
    size_t nodes = most_nodes(c, n), counts = nodes * (size_t)classes * sizeof(uint64_t);
    size_t lists = (2 * slots + split->train_count) * sizeof(uint32_t);
    size_t reading = hs_forest_reader_bytes(&reader);
    /* One after the other: a tree begins, counts its leaves, is evaluated and written. */
    const size_t steps[] = {reading, hs_growth_begin_bytes(nodes), reading + counts,
                            validation_bytes(config, &reader, classes, nodes, split),
                            hs_forest_file_bytes(nodes)};
    size_t step = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        step = steps[i] > step ? steps[i] : step;
    hs_forest_memory m = {.frames = slots * (size_t)hs_probe_area(&reader.view) * sizeof(uint16_t),
                          .pixels = 2 * n * sizeof(hs_forest_pixel),
                          .trees = (size_t)c->trees * (nodes * sizeof(hs_forest_node) + counts),
                          .work = hs_growth_bytes(c, classes, hs_threads(), nodes) + lists + step,
                          .program = hs_memory_resident() + growth_of_program(&reader)};
    m.total = m.frames + m.pixels + m.trees + m.work + m.program;
    return m;
}

static hs_status check_memory(const hs_forest_session *s)
{
    const double mib = 1.0 / (1 << 20);
    hs_forest_memory m = hs_forest_memory_of(&s->config, s->dataset, &s->split);
    size_t needed = m.total - m.program, available = hs_memory_available();
    int64_t most = s->config.forest.memory;
    hs_log("memory: at most %.0f MiB: frames %.0f, pixels %.0f, trees %.0f, work %.0f, program "
           "%.0f",
           (double)m.total * mib, (double)m.frames * mib, (double)m.pixels * mib,
           (double)m.trees * mib, (double)m.work * mib, (double)m.program * mib);
    if (m.total >> 20 >= (uint64_t)most)
        return hs_error(HS_ERR_MEMORY,
                        "raise forest.memory, or lower forest.bag: each tree then draws fewer of "
                        "the frames",
                        "forest.memory = %" PRId64 ": training on %u frames needs %.0f MiB", most,
                        s->split.train_count, (double)m.total * mib);
    if (needed > available)
        return hs_error(HS_ERR_MEMORY, "lower forest.bag: each tree then draws fewer of the frames",
                        "forest: needs %.0f MiB, available %.0f MiB", (double)needed * mib,
                        (double)available * mib);
    if ((uint64_t)s->slots * (uint64_t)s->config.forest.pixels > UINT32_MAX)
        return hs_error(HS_ERR_MEMORY, "lower forest.bag or forest.pixels",
                        "forest: got more than %u pixels for a tree", UINT32_MAX);
    return HS_OK;
}

static hs_status allocate(hs_forest_session *s)
{
    size_t slots = s->slots, n = slots * (size_t)s->config.forest.pixels;
    hs_status status;
    HS_TRY(hs_allocate(sizeof *s->frames * slots * (size_t)hs_probe_area(&s->view), "frames",
                       (void **)&s->frames));
    HS_TRY(hs_allocate(sizeof *s->pixels * n, "pixels", (void **)&s->pixels));
    HS_TRY(hs_allocate(sizeof *s->spare * n, "pixels", (void **)&s->spare));
    HS_TRY(hs_allocate(sizeof *s->bag * slots, "frames", (void **)&s->bag));
    s->trees = hs_arena_take(&s->arena, sizeof *s->trees * (size_t)s->config.forest.trees);
    for (int32_t i = 0; i < s->config.forest.trees; i++)
        s->trees[i].classes = s->data->classes;
exit:
    return status;
}

/* ---- beginning and going on -------------------------------------------------------------------
 */
static hs_status compare_configs(hs_forest_session *s, const char *path, const char *text)
{
    hs_forest_train_config old = {0};
    hs_status status;
    HS_TRY(hs_forest_config_parse(&old, path, text));
    HS_TRY(hs_run_compare(&s->config.ini, &old.ini, path));
exit:
    hs_forest_config_free(&old);
    return status;
}

/* The state of a file that says nothing impossible. */
static hs_status check_state(const hs_forest_session *s, const char *path)
{
    const hs_progress_state *p = &s->state;
    int64_t trees = s->config.forest.trees;
    if (p->epoch < 0 || p->epoch > trees || p->batch < 0 || p->batch > INT32_MAX || p->step < 0 ||
        (p->epoch == trees && p->batch > 0))
        return hs_error(HS_ERR_FORMAT, NULL,
                        "%s: got %" PRId64 " finished trees and node %" PRId64
                        ", expected at most %" PRId64 " trees",
                        path, p->epoch, p->batch, trees);
    return HS_OK;
}

static hs_status go_on(hs_forest_session *s, const char *path)
{
    hs_h5 *file = NULL;
    hs_checkpoint_info info;
    hs_status status;
    HS_TRY(hs_forest_file_open(path, &s->arena, &file, &info));
    HS_TRY(compare_configs(s, path, info.config));
    HS_TRY(hs_checkpoint_check_data(&info, path, s->data, s->config.data.file));
    s->state = info.state;
    HS_TRY(check_state(s, path));
    for (int64_t i = 0; i < s->state.epoch + (s->state.batch > 0); i++)
        HS_TRY(hs_forest_file_read(file, path, (int32_t)i, info.classes, &s->trees[i]));
    if (s->state.batch > 0 && s->state.batch > s->trees[s->state.epoch].count) {
        status = hs_error(HS_ERR_FORMAT, NULL, "%s: got node %" PRId64 " of a tree of %u", path,
                          s->state.batch, s->trees[s->state.epoch].count);
        goto exit;
    }
    hs_log("resuming: %" PRId64 " trees and %" PRId64 " nodes of the next one are grown",
           s->state.epoch, s->state.batch);
exit:
    hs_h5_close(file);
    return status;
}

hs_status hs_forest_session_open(hs_forest_session *s, const char *path,
                                 const char *const *overrides, int n, bool resume)
{
    hs_status status;
    bool there;
    *s = (hs_forest_session){0};
    HS_TRY(hs_forest_config_read(&s->config, path, overrides, n));
    if (s->config.alone) {
        status = hs_error(HS_ERR_CONFIG, "train with configs/train/forest.ini",
                          "%s: got a forest without [data] and [train]", path);
        goto exit;
    }
    HS_TRY(open_data(s));
    if (s->config.forest.pixels < s->data->classes) {
        status = hs_error(HS_ERR_CONFIG, NULL,
                          "%s: [forest] pixels: got %d, expected at least one a class, %d", path,
                          s->config.forest.pixels, s->data->classes);
        goto exit;
    }
    s->slots = slots_of(&s->config.forest, s->split.train_count);
    HS_TRY(hs_run_folder_open(&s->folder, s->config.train.out));
    s->config_text = hs_config_text(&s->config.ini, &s->arena);
    const char *last = hs_forest_session_path(s, "last.h5");
    HS_TRY(hs_run_folder_find(&s->folder, last, resume, &there));
    HS_TRY(check_memory(s));
    HS_TRY(allocate(s));
    s->state = (hs_progress_state){.seed = s->reader.seed, .best_miou = -1};
    if (there)
        HS_TRY(go_on(s, last));
    HS_TRY(hs_run_folder_write(&s->folder, "config.ini", s->config_text));
    HS_TRY(hs_run_log_open(&s->log, s->config.train.out, s->state.step,
                           "step,tree,level,nodes,splits,pixels,seconds", s->data->labels,
                           s->data->classes));
    s->started = hs_now() - s->state.seconds;
exit:
    return status;
}

void hs_forest_session_close(hs_forest_session *s)
{
    hs_run_log_close(&s->log);
    hs_growth_free(&s->growth);
    for (int32_t i = 0; s->trees && i < s->config.forest.trees; i++)
        hs_tree_free(&s->trees[i]);
    free(s->frames);
    free(s->pixels);
    free(s->spare);
    free(s->bag);
    hs_dataset_close(s->dataset);
    hs_run_folder_close(&s->folder);
    hs_forest_config_free(&s->config);
    hs_arena_free(&s->arena);
}

/* ---- a tree -----------------------------------------------------------------------------------
 */
/* Where hs_forest_read_frames leaves frames and pixels. */
typedef struct planting {
    hs_forest_session *s;
    hs_pixel_draw draw;
    uint32_t *drawn; /* [slots]: pixels of each frame */
} planting;

static void take_frame(void *user, uint32_t slot, const uint16_t *frame, const uint8_t *mask,
                       uint32_t *room)
{
    const planting *p = user;
    hs_forest_session *s = p->s;
    size_t area = (size_t)hs_probe_area(&s->view);
    memcpy(s->frames + slot * area, frame, area * sizeof *frame);
    p->drawn[slot] =
        (uint32_t)hs_forest_pixels_draw(&p->draw, &s->view, frame, mask, s->bag[slot], slot, room,
                                        s->pixels + (size_t)slot * (size_t)s->config.forest.pixels);
}

/* Brings the pixels of all frames side by side. */
static uint32_t gather_pixels(const planting *p)
{
    hs_forest_session *s = p->s;
    uint32_t n = 0;
    for (uint32_t slot = 0; slot < s->slots; slot++) {
        memmove(s->pixels + n, s->pixels + (size_t)slot * (size_t)s->config.forest.pixels,
                sizeof *s->pixels * p->drawn[slot]);
        n += p->drawn[slot];
    }
    return n;
}

hs_status hs_forest_session_plant(hs_forest_session *s)
{
    uint32_t tree = (uint32_t)s->state.epoch, n;
    planting p = {s, {s->data->classes, s->config.forest.pixels, s->reader.seed, tree}, NULL};
    hs_status status;
    HS_TRY(hs_allocate(sizeof *p.drawn * s->slots, "pixels", (void **)&p.drawn));
    HS_TRY(draw_bag(s, tree));
    HS_TRY(hs_forest_read_frames(&s->reader, tree, s->bag, s->slots, take_frame, &p));
    n = gather_pixels(&p);
    if (n == 0) {
        status = hs_error(HS_ERR_DATA, NULL,
                          "%s: got %u frames without a measured pixel, expected depth",
                          s->config.data.file, s->slots);
        goto exit;
    }
    HS_TRY(hs_tree_reserve(&s->trees[tree], (uint32_t)most_nodes(&s->config.forest, n)));
    hs_growth_free(&s->growth);
    s->growth = (hs_growth){.config = s->config.forest,
                            .seed = s->reader.seed,
                            .number = tree,
                            .view = s->view,
                            .frames = s->frames,
                            .pixels = s->pixels,
                            .spare = s->spare,
                            .n = n,
                            .tree = &s->trees[tree]};
    HS_TRY(hs_growth_begin(&s->growth, (uint32_t)s->state.batch));
exit:
    free(p.drawn);
    return status;
}

hs_status hs_forest_session_save(hs_forest_session *s, const char *name)
{
    s->state.seconds = hs_now() - s->started;
    hs_checkpoint_info info = {.config = s->config_text,
                               .labels = s->data->labels,
                               .classes = s->data->classes,
                               .data_hash = s->data->hash,
                               .depth_unit = s->data->depth_unit,
                               .state = s->state};
    return hs_forest_file_write(hs_forest_session_path(s, name), s->trees,
                                (int32_t)s->state.epoch + (s->state.batch > 0), &info);
}
