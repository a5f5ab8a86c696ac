/* The training loop. */
#include "handseg/train.h"

#include "base/log.h"
#include "base/text.h"
#include "eval/one_hand.h"
#include "io/file.h"
#include "train/forest_session.h"
#include "train/interrupt.h"
#include "train/session.h"
#include <math.h>
#include <stdlib.h>

/* What one update gave, and how long it and its data took. */
typedef struct update {
    double loss, norm, rate;
    double seconds, waited;
    int images;
} update;

/* ---- one update -------------------------------------------------------------------------------
 */
/* Says where a number went wrong: layer and frames. */
static hs_status nonfinite_error(hs_session *s, const char *what, double value, const char *layer,
                                 const hs_batch *batch)
{
    char frames[256];
    int used = 0;
    frames[0] = 0;
    for (int i = 0; i < s->config.train.batch && used < (int)sizeof frames; i++)
        used += snprintf(frames + used, sizeof frames - (size_t)used, "%s%s", i ? ", " : "",
                         hs_dataset_get_frame(s->dataset, batch->frame[i])->source);
    return hs_error(
        HS_ERR_NONFINITE,
        hs_arena_format(&s->arena,
                        "lower optimizer.lr or set optimizer.clip_norm; the last good "
                        "state is %s",
                        hs_session_path(s, "last.h5")),
        "train: step %lld, epoch %lld: got a %s of %g, expected a finite number; first in "
        "layer '%s'; frames %s",
        (long long)s->state.step + 1, (long long)s->state.epoch + 1, what, value,
        layer ? layer : "loss", frames);
}

/* Forward and backward over one batch, whose gradients count `share`. */
static hs_status run_batch(hs_session *s, double share, double *loss, const hs_batch **out)
{
    const hs_batch *batch;
    hs_status status;
    uint64_t draw = (uint64_t)(s->state.epoch * s->batches + s->state.batch);
    HS_TRY(hs_loader_next(s->loader, &batch));
    HS_TRY(hs_plan_set(s->plan, s->input, batch->depth));
    HS_TRY(hs_plan_set(s->plan, s->labels, batch->mask));
    HS_TRY(hs_plan_forward(s->plan, s->state.seed, draw));
    hs_real value, one = (hs_real)share;
    HS_TRY(hs_plan_get(s->plan, s->loss, &value));
    if (!isfinite(value)) {
        const char *layer = NULL;
        HS_TRY(hs_plan_set(s->plan, s->input, batch->depth));
        HS_TRY(hs_plan_set(s->plan, s->labels, batch->mask));
        layer = hs_plan_find_nonfinite(s->plan, s->state.seed, draw);
        status = nonfinite_error(s, "loss", (double)value, layer, batch);
        goto exit;
    }
    HS_TRY(hs_plan_set_gradient(s->plan, s->loss, &one));
    HS_TRY(hs_plan_backward(s->plan));
    *loss += share * (double)value;
    *out = batch;
exit:
    return status;
}

static hs_status run_update(hs_session *s, update *u)
{
    const hs_train_config *c = &s->config;
    hs_status status = HS_OK;
    const hs_batch *batch = NULL;
    double began = hs_now(), waited = hs_loader_waited(s->loader);
    int64_t left = s->batches - s->state.batch;
    int passes = (int)(left < c->train.accumulate ? left : c->train.accumulate);
    *u = (update){.rate = hs_schedule_rate(&c->schedule, c->optimizer.lr, s->state.step)};
    hs_solver_begin(s->solver, u->rate);
    for (int i = 0; i < passes; i++) {
        HS_TRY(run_batch(s, 1.0 / passes, &u->loss, &batch));
        s->state.batch++;
    }
    if (hs_solver_step(s->solver, u->rate, &u->norm) != HS_OK) {
        status = nonfinite_error(s, "gradient norm", u->norm,
                                 hs_params_find_nonfinite_gradient(s->params), batch);
        goto exit;
    }
    s->state.step++;
    u->images = passes * c->train.batch;
    u->seconds = hs_now() - began;
    u->waited = hs_loader_waited(s->loader) - waited;
exit:
    return status;
}

/* ---- validation -------------------------------------------------------------------------------
 */
/* Evaluates; keeps the parameters as best.h5 where they are. */
static hs_status validate(hs_session *s, hs_metrics *metrics, double *loss)
{
    hs_evaluation result;
    hs_evaluate_options options = {
        .frames = s->split.val, .count = s->split.val_count, .class_weights = s->class_weights};
    hs_status status;
    hs_plan_refresh(s->predictor.plan);
    HS_TRY(hs_error_context(hs_evaluate(&s->validation.segmenter, s->dataset, &options, &result),
                            "train: step %lld, epoch %lld", (long long)s->state.step,
                            (long long)s->state.epoch + 1));
    *metrics = hs_metrics_of_set(&result.confusion, s->data);
    *loss = result.loss;
    double miou = isnan(metrics->hands.iou) ? 0 : metrics->hands.iou;
    bool better = miou > s->state.best_miou;
    hs_log("epoch %lld: validation loss %.4f, hand mIoU %.4f%s", (long long)s->state.epoch + 1,
           *loss, miou, better ? " (best)" : "");
    if (better) {
        s->state.best_miou = miou;
        s->state.best_epoch = s->state.epoch;
        s->state.best_step = s->state.step;
    }
exit:
    return status;
}

static bool out_of_time(const hs_session *s)
{
    double minutes = s->config.train.minutes;
    return minutes > 0 && hs_now() - s->started > 60 * minutes;
}

static bool out_of_patience(const hs_session *s)
{
    int64_t patience = s->config.train.patience;
    return patience > 0 && s->state.best_miou >= 0 &&
           s->state.epoch - s->state.best_epoch > patience;
}

/* ---- the loop ---------------------------------------------------------------------------------
 */
static hs_status log_update(hs_session *s, const update *u, const hs_metrics *metrics,
                            double validation_loss)
{
    hs_log_row row = {.step = s->state.step,
                      .epoch = s->state.epoch + 1,
                      .rate = u->rate,
                      .loss = u->loss,
                      .gradient_norm = u->norm,
                      .images_per_s = u->images / u->seconds,
                      .wait = u->waited / u->seconds,
                      .validation = metrics,
                      .validation_loss = validation_loss};
    return hs_run_log_write(&s->log, &row);
}

/* After the last update of an epoch, or of the steps or the time there are: validates, moves on to
 * the next epoch where this one is over, and saves. best.h5 is written first, so that a last.h5
 * that speaks of it never stands alone. */
static hs_status end_part(hs_session *s, const update *u)
{
    hs_status status;
    hs_metrics metrics;
    double loss = NAN;
    if (s->split.val_count > 0)
        HS_TRY(validate(s, &metrics, &loss));
    HS_TRY(log_update(s, u, s->split.val_count ? &metrics : NULL, loss));
    bool best = s->split.val_count == 0 || s->state.best_step == s->state.step;
    if (s->state.batch == s->batches) {
        s->state.epoch++;
        s->state.batch = 0;
    }
    if (best)
        HS_TRY(hs_session_save(s, "best.h5"));
    HS_TRY(hs_session_save(s, "last.h5"));
exit:
    return status;
}

static hs_status run_epochs(hs_session *s)
{
    const hs_train_settings *t = &s->config.train;
    hs_status status = HS_OK;
    double saved = hs_now();
    /* Asked once an update: who sees it end must end the part as well. */
    bool time_left = s->state.step == 0 || !out_of_time(s);
    hs_progress progress = hs_progress_start("training", "steps", s->state.step, s->steps);
    while (s->state.epoch < t->epochs && s->state.step < s->steps && !out_of_patience(s) &&
           time_left) {
        update u;
        char note[96];
        HS_TRY(run_update(s, &u));
        snprintf(note, sizeof note,
                 "epoch %lld, loss %.4f, %.1f images/s, waiting for data %.0f %%",
                 (long long)s->state.epoch + 1, u.loss, u.images / u.seconds,
                 100 * u.waited / u.seconds);
        hs_progress_update(&progress, s->state.step, note);
        time_left = !out_of_time(s);
        if (s->state.batch == s->batches || s->state.step == s->steps || !time_left) {
            HS_TRY(end_part(s, &u));
        } else {
            HS_TRY(log_update(s, &u, NULL, NAN));
            if (hs_interrupted() || hs_now() - saved > 60 * t->checkpoint_minutes) {
                HS_TRY(hs_session_save(s, "last.h5"));
                saved = hs_now();
            }
        }
        if (hs_interrupted()) {
            status = hs_error(HS_ERR_INTERRUPTED, "go on with --resume",
                              "train: stopped at step %lld; %s is saved", (long long)s->state.step,
                              hs_session_path(s, "last.h5"));
            goto exit;
        }
    }
    hs_progress_finish(&progress, NULL);
exit:
    return status;
}

static hs_status write_metrics(hs_session *s)
{
    hs_new_file f = {0};
    hs_status status;
    HS_TRY(hs_new_file_open(&f, hs_session_path(s, "metrics.json")));
    hs_json json = hs_json_start(f.file);
    hs_json_open(&json, NULL, '{');
    hs_json_integer(&json, "steps", s->state.step);
    hs_json_integer(&json, "epochs", s->state.epoch);
    hs_json_number(&json, "seconds", s->state.seconds);
    hs_json_integer(&json, "train_frames", s->split.train_count);
    hs_json_integer(&json, "validation_frames", s->split.val_count);
    hs_json_number(&json, "best_validation_miou", s->split.val_count ? s->state.best_miou : NAN);
    hs_json_integer(&json, "best_epoch", s->state.best_epoch + 1);
    hs_json_string(&json, "data", s->config.data.file);
    hs_json_close(&json, '}');
    HS_TRY(hs_new_file_commit(&f));
exit:
    hs_new_file_drop(&f);
    return status;
}

static hs_status train_net(const char *path, const char *const *overrides, int n, bool resume)
{
    hs_session s;
    hs_status status;
    HS_TRY(hs_session_open(&s, path, overrides, n, resume));
    HS_TRY(run_epochs(&s));
    HS_TRY(write_metrics(&s));
    hs_log("done: %s", s.config.train.out);
exit:
    hs_session_close(&s);
    return status;
}

hs_status hs_train(const char *path, const char *const *overrides, int n, bool resume)
{
    bool forest;
    hs_interrupts interrupts;
    hs_status status = hs_config_names_forest(path, overrides, n, &forest);
    if (status != HS_OK)
        return status;
    hs_interrupts_begin(&interrupts);
    status = (forest ? hs_train_forest : train_net)(path, overrides, n, resume);
    hs_interrupts_end(&interrupts);
    return status;
}
