/* The training of a forest: tree by tree, level by level. */
#include "base/log.h"
#include "base/text.h"
#include "eval/evaluator.h"
#include "eval/one_hand.h"
#include "forest/frame.h"
#include "io/file.h"
#include "train/forest_segmenter.h"
#include "train/forest_session.h"
#include "train/interrupt.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static hs_status interrupt(hs_forest_session *s)
{
    return hs_error(HS_ERR_INTERRUPTED, "go on with --resume",
                    "train: stopped at tree %" PRId64 ", node %" PRId64 "; %s is saved",
                    s->state.epoch + 1, s->state.batch, hs_forest_session_path(s, "last.h5"));
}

static hs_status log_level(hs_forest_session *s, const hs_level *level, const hs_metrics *metrics)
{
    fprintf(s->log.file, "%" PRId64 ",%u,%d,%u,%u,%" PRIu64 ",%.3f", s->state.step,
            s->growth.number + 1, level->level, level->nodes, level->splits, level->pixels,
            hs_now() - s->started);
    return hs_run_log_end_row(&s->log, metrics);
}

/* ---- growing ----------------------------------------------------------------------------------
 */
static void show(hs_progress *progress, const hs_growth *g)
{
    char note[96];
    snprintf(note, sizeof note, "level %d, %u nodes", g->level, g->tree->count);
    hs_progress_update(progress, (int64_t)(hs_growth_work(g) - hs_growth_work_left(g)), note);
}

/* Grows the tree that is planted, to its end: `last` is its last level, whose row is not written
 * yet. */
static hs_status grow(hs_forest_session *s, hs_level *last)
{
    hs_growth *g = &s->growth;
    hs_status status = HS_OK;
    double saved = hs_now();
    char what[64];
    snprintf(what, sizeof what, "tree %u of %d", g->number + 1, s->config.forest.trees);
    hs_progress progress = hs_progress_start(what, "pixels x levels",
                                             (int64_t)(hs_growth_work(g) - hs_growth_work_left(g)),
                                             (int64_t)hs_growth_work(g));
    while (!hs_growth_done(g)) {
        HS_TRY(hs_growth_step(g, last));
        s->state.batch = g->next;
        s->state.step += last->nodes > 0;
        show(&progress, g);
        if (hs_growth_done(g))
            break;
        if (last->nodes > 0)
            HS_TRY(log_level(s, last, NULL));
        if (last->nodes > 0 || hs_interrupted() ||
            hs_now() - saved > 60 * s->config.train.checkpoint_minutes) {
            HS_TRY(hs_forest_session_save(s, "last.h5"));
            saved = hs_now();
        }
        if (hs_interrupted()) {
            status = interrupt(s);
            goto exit;
        }
    }
    hs_progress_finish(&progress, NULL);
exit:
    return status;
}

/* ---- a grown tree -----------------------------------------------------------------------------
 */
typedef struct counting {
    const hs_forest_session *s;
    const hs_tree *tree;
    uint64_t *counts;
} counting;

static void count_frame(void *user, uint32_t slot, const uint16_t *frame, const uint8_t *mask,
                        uint32_t *room)
{
    const counting *c = user;
    (void)slot;
    hs_tree_count(c->tree, &c->s->view, frame, mask, room, c->counts);
}

/* Lets the leaves count every measured pixel of the tree's frames. */
static hs_status count_leaves(hs_forest_session *s, hs_tree *tree)
{
    size_t classes = (size_t)tree->classes;
    counting c = {s, tree, NULL};
    hs_status status;
    HS_TRY(hs_allocate(sizeof *c.counts * tree->count * classes, "leaves", (void **)&c.counts));
    HS_TRY(hs_forest_read_frames(&s->reader, s->growth.number, s->bag, s->slots, count_frame, &c));
    for (uint32_t i = 0; i < tree->count; i++)
        if (!tree->nodes[i].child)
            memcpy(tree->counts + i * classes, c.counts + i * classes, sizeof *c.counts * classes);
exit:
    free(c.counts);
    return status;
}

/* Evaluates the finished trees. */
static hs_status validate(hs_forest_session *s, hs_metrics *metrics)
{
    hs_forest_segmenter segmenter = {0};
    hs_evaluation result;
    hs_evaluate_options options = {
        .frames = s->split.val, .count = s->split.val_count, .progress = "validating"};
    hs_status status;
    HS_TRY(hs_forest_segmenter_init(&segmenter, &s->view, s->trees, (int32_t)s->state.epoch));
    HS_TRY(hs_evaluate(&segmenter.segmenter, s->dataset, &options, &result));
    *metrics = hs_metrics_of_set(&result.confusion, hs_dataset_get_info(s->dataset));
    s->state.best_miou = isnan(metrics->hands.iou) ? 0 : metrics->hands.iou;
    hs_log("%" PRId64 " trees: hand mIoU %.4f", s->state.epoch, s->state.best_miou);
exit:
    hs_forest_segmenter_free(&segmenter);
    return status;
}

/* best.h5 is every finished tree: that fewer label a validation split better is chance. It is
 * written first, so that a last.h5 that speaks of it never stands alone. */
static hs_status finish_tree(hs_forest_session *s, const hs_level *last)
{
    hs_tree *tree = &s->trees[s->state.epoch];
    hs_metrics metrics;
    hs_status status;
    if (s->config.forest.leaves == HS_LEAVES_FRAMES)
        HS_TRY(count_leaves(s, tree));
    s->state.epoch++;
    s->state.batch = 0;
    hs_log("tree %" PRId64 ": %u nodes, %u leaves, depth %d", s->state.epoch, tree->count,
           hs_tree_leaves(tree), hs_tree_depth(tree));
    s->state.best_epoch = s->state.epoch;
    s->state.best_step = s->state.step;
    if (s->split.val_count > 0)
        HS_TRY(validate(s, &metrics));
    HS_TRY(log_level(s, last, s->split.val_count > 0 ? &metrics : NULL));
    HS_TRY(hs_forest_session_save(s, "best.h5"));
    HS_TRY(hs_forest_session_save(s, "last.h5"));
exit:
    return status;
}

static hs_status grow_trees(hs_forest_session *s)
{
    hs_status status = HS_OK;
    while (s->state.epoch < s->config.forest.trees) {
        hs_level last = {0};
        HS_TRY(hs_forest_session_plant(s));
        HS_TRY(grow(s, &last));
        HS_TRY(finish_tree(s, &last));
        if (hs_interrupted() && s->state.epoch < s->config.forest.trees) {
            status = interrupt(s);
            goto exit;
        }
    }
exit:
    return status;
}

static hs_status write_metrics(hs_forest_session *s)
{
    hs_new_file f = {0};
    hs_status status;
    int64_t nodes = 0, leaves = 0;
    for (int32_t i = 0; i < s->config.forest.trees; i++) {
        nodes += s->trees[i].count;
        leaves += hs_tree_leaves(&s->trees[i]);
    }
    HS_TRY(hs_new_file_open(&f, hs_forest_session_path(s, "metrics.json")));
    hs_json json = hs_json_start(f.file);
    hs_json_open(&json, NULL, '{');
    hs_json_integer(&json, "trees", s->config.forest.trees);
    hs_json_integer(&json, "nodes", nodes);
    hs_json_integer(&json, "leaves", leaves);
    hs_json_number(&json, "seconds", s->state.seconds);
    hs_json_integer(&json, "train_frames", s->split.train_count);
    hs_json_integer(&json, "validation_frames", s->split.val_count);
    hs_json_number(&json, "validation_miou", s->split.val_count ? s->state.best_miou : NAN);
    hs_json_string(&json, "data", s->config.data.file);
    hs_json_close(&json, '}');
    HS_TRY(hs_new_file_commit(&f));
exit:
    hs_new_file_drop(&f);
    return status;
}

hs_status hs_train_forest(const char *path, const char *const *overrides, int n, bool resume)
{
    hs_forest_session s;
    hs_status status;
    HS_TRY(hs_forest_session_open(&s, path, overrides, n, resume));
    HS_TRY(grow_trees(&s));
    if (access(hs_forest_session_path(&s, "best.h5"), F_OK) != 0) /* somebody removed it */
        HS_TRY(hs_forest_session_save(&s, "best.h5"));
    HS_TRY(write_metrics(&s));
    hs_log("done: %s", s.config.train.out);
exit:
    hs_forest_session_close(&s);
    return status;
}
