#include "data/loader.h"

#include "base/log.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/sampler.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A batch being filled, or filled, or in the caller's hands. */
typedef struct batch_slot {
    hs_batch batch;
    uint32_t pending; /* samples still being made */
    uint32_t failed;  /* the first sample with an error, if error.status is one */
    hs_error_record error;
} batch_slot;

typedef struct worker {
    pthread_t thread;
    hs_loader *loader;
    uint16_t *raw; /* one frame as it is stored */
    uint8_t *labels;
    hs_h5_block block;
    hs_sample_room room;
} worker;

struct hs_loader {
    const hs_dataset *dataset;
    hs_loader_config config; /* `frames` and `augment` point to copies */
    hs_augment_config augment;
    hs_sample_config sample;
    void *memory;      /* all arrays below are parts of it */
    batch_slot *slots; /* [config.queue] */
    worker *workers;
    uint32_t *frames, *order; /* [config.count]; order of the epoch being handed to workers */
    int running;              /* threads started */

    pthread_mutex_t mutex; /* guards all below and the slots' counters */
    pthread_cond_t work, ready;
    bool stop;
    uint64_t assigned, sample_assigned; /* batches, and samples of the next one, given to workers */
    uint64_t taken;                     /* batches given to the caller */
    uint64_t released;                  /* batches whose slots are free again */
    uint32_t epoch, step;               /* of the batch being given to workers */
    hs_error_record error;              /* what the caller was told */
    double waited;
};

/* One piece of work. */
typedef struct sample_job {
    batch_slot *slot;
    uint32_t sample, frame, epoch;
} sample_job;

/* ---- memory ---- */

/* Hands out parts of one block; with base NULL it only measures. */
typedef struct carver {
    unsigned char *base;
    size_t used;
} carver;

static void *carve(carver *c, size_t bytes)
{
    void *part = c->base ? c->base + c->used : NULL;
    c->used += hs_align_up(bytes);
    return part;
}

/* Lays all arrays of a loader out; `loader` is NULL when only measuring. */
static void lay_out(carver *c, const hs_dataset *dataset, const hs_loader_config *config,
                    hs_loader *loader)
{
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    size_t stored = (size_t)info->height * (size_t)info->width;
    size_t pixels = (size_t)config->height * (size_t)config->width, batch = config->batch;
    batch_slot *slots = carve(c, (size_t)config->queue * sizeof *slots);
    worker *workers = carve(c, (size_t)config->threads * sizeof *workers);
    uint32_t *frames = carve(c, config->count * sizeof *frames);
    uint32_t *order = carve(c, config->count * sizeof *order);
    if (loader) {
        loader->slots = slots;
        loader->workers = workers;
        loader->frames = frames;
        loader->order = order;
    }
    for (int i = 0; i < config->queue; i++) {
        hs_batch made = {.mask = carve(c, batch * pixels),
                         .frame = carve(c, batch * sizeof(uint32_t))};
        if (config->raw)
            made.raw = carve(c, batch * pixels * sizeof(uint16_t));
        else
            made.depth = carve(c, batch * pixels * sizeof(hs_real));
        if (loader)
            slots[i].batch = made;
    }
    for (int i = 0; i < config->threads; i++) {
        worker made = {.loader = loader,
                       .raw = carve(c, stored * sizeof(uint16_t)),
                       .labels = carve(c, stored),
                       .room = {carve(c, (size_t)config->height * sizeof(int32_t)),
                                carve(c, (size_t)config->width * sizeof(int32_t)),
                                carve(c, config->raw ? 0 : pixels * sizeof(uint16_t))}};
        made.block.capacity = hs_dataset_block_size(dataset);
        made.block.bytes = carve(c, made.block.capacity);
        if (loader)
            workers[i] = made;
    }
}

size_t hs_loader_bytes(const hs_dataset *dataset, const hs_loader_config *config)
{
    carver measure = {0};
    lay_out(&measure, dataset, config, NULL);
    return measure.used + sizeof(hs_loader);
}

/* ---- the threads ---- */

/* Gives out the next sample in order; its slot is free. Under the mutex. */
static sample_job next_job(hs_loader *l)
{
    const hs_loader_config *config = &l->config;
    batch_slot *slot = &l->slots[l->assigned % (uint64_t)config->queue];
    uint64_t position = (uint64_t)l->step * config->batch + l->sample_assigned;
    if (l->sample_assigned == 0) {
        uint64_t left = config->count - (uint64_t)l->step * config->batch;
        slot->batch.epoch = l->epoch;
        slot->batch.step = l->step;
        slot->batch.fresh = left < config->batch ? (uint32_t)left : config->batch;
        slot->pending = config->batch;
        slot->error.status = HS_OK;
    }
    sample_job job = {.slot = slot,
                      .sample = (uint32_t)l->sample_assigned,
                      .frame = l->order[position % config->count],
                      .epoch = l->epoch};
    slot->batch.frame[job.sample] = job.frame;
    if (++l->sample_assigned == config->batch) {
        l->sample_assigned = 0;
        l->assigned++;
        if (++l->step == hs_loader_steps(l)) {
            l->step = 0;
            l->epoch++;
            hs_epoch_order(l->frames, config->count, config->shuffle, config->seed, l->epoch,
                           l->order);
        }
    }
    return job;
}

static hs_status make_sample(worker *w, const sample_job *job)
{
    const hs_loader *l = w->loader;
    hs_status status = hs_dataset_read_with(l->dataset, job->frame, w->raw, w->labels, &w->block);
    if (status != HS_OK)
        return status;
    hs_augmentation augmentation = {.scale = 1};
    if (l->config.augment)
        augmentation =
            hs_augmentation_draw(l->config.augment, l->config.seed, job->epoch, job->frame);
    const hs_batch *batch = &job->slot->batch;
    size_t at = (size_t)job->sample * (size_t)l->sample.height * (size_t)l->sample.width;
    if (batch->raw)
        w->room.view = batch->raw + at;
    hs_sample_make(&l->sample, &augmentation, w->raw, w->labels, &w->room,
                   batch->raw ? NULL : batch->depth + at, batch->mask + at);
    return HS_OK;
}

static void *work(void *context)
{
    worker *w = context;
    hs_loader *l = w->loader;
    pthread_mutex_lock(&l->mutex);
    for (;;) {
        while (!l->stop && l->assigned >= l->released + (uint64_t)l->config.queue)
            pthread_cond_wait(&l->work, &l->mutex);
        if (l->stop)
            break;
        sample_job job = next_job(l);
        pthread_mutex_unlock(&l->mutex);
        hs_status status = make_sample(w, &job);
        pthread_mutex_lock(&l->mutex);
        batch_slot *slot = job.slot;
        if (status != HS_OK && (slot->error.status == HS_OK || job.sample < slot->failed)) {
            slot->failed = job.sample; /* the first in order, whoever came first in time */
            hs_error_save(&slot->error, status);
        }
        if (--slot->pending == 0)
            pthread_cond_signal(&l->ready);
    }
    pthread_mutex_unlock(&l->mutex);
    return NULL;
}

/* ---- the caller ---- */

static hs_status check(const hs_dataset *dataset, const hs_loader_config *config)
{
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    if (config->count == 0)
        return hs_error(HS_ERR_DATA, NULL, "%s: loader: got no frames, expected at least one",
                        hs_dataset_get_path(dataset));
    if (config->batch < 1 || config->height < 1 || config->width < 1 || config->threads < 1 ||
        config->queue < 1)
        return hs_error(HS_ERR_USAGE, NULL,
                        "loader: got batch %u of %dx%d, %d threads, queue %d, expected 1 or more",
                        config->batch, config->width, config->height, config->threads,
                        config->queue);
    if (config->step >= hs_epoch_steps(config->count, config->batch))
        return hs_error(HS_ERR_DATA, "resume with the data set and batch the run began with",
                        "loader: got step %u, expected fewer than the epoch's %u", config->step,
                        hs_epoch_steps(config->count, config->batch));
    for (uint32_t i = 0; i < config->count; i++)
        if (config->frames[i] >= info->frames)
            return hs_error(HS_ERR_DATA, NULL, "%s: loader: got frame %u, expected 0 to %lld",
                            hs_dataset_get_path(dataset), config->frames[i],
                            (long long)info->frames - 1);
    return HS_OK;
}

static void configure(hs_loader *l, const hs_loader_config *config)
{
    const hs_dataset_info *info = hs_dataset_get_info(l->dataset);
    l->config = *config;
    memcpy(l->frames, config->frames, config->count * sizeof *l->frames);
    l->config.frames = l->frames;
    if (config->augment) {
        l->augment = *config->augment;
        l->config.augment = &l->augment;
    }
    int32_t left, right;
    hs_dataset_hands(info, &left, &right);
    l->sample = (hs_sample_config){.in_height = info->height,
                                   .in_width = info->width,
                                   .height = config->height,
                                   .width = config->width,
                                   .normalization = config->normalization,
                                   .constant = config->constant > 0 ? config->constant
                                                                    : info->normalization,
                                   .left = left,
                                   .right = right,
                                   .scale_depth = config->augment && config->augment->scale_depth};
    l->epoch = config->epoch;
    l->step = config->step;
    hs_epoch_order(l->frames, config->count, config->shuffle, config->seed, l->epoch, l->order);
}

hs_status hs_loader_create(const hs_dataset *dataset, const hs_loader_config *config,
                           hs_loader **loader)
{
    *loader = NULL;
    hs_loader *l = NULL;
    void *memory = NULL;
    hs_status status;
    HS_TRY(check(dataset, config));
    HS_TRY(hs_allocate(sizeof *l, "loader", &memory));
    l = memory;
    l->dataset = dataset;
    pthread_mutex_init(&l->mutex, NULL);
    pthread_cond_init(&l->work, NULL);
    pthread_cond_init(&l->ready, NULL);
    HS_TRY(hs_allocate(hs_loader_bytes(dataset, config), "batches of the loader", &l->memory));
    carver parts = {.base = l->memory};
    lay_out(&parts, dataset, config, l);
    configure(l, config);
    for (; l->running < config->threads; l->running++) {
        int err =
            pthread_create(&l->workers[l->running].thread, NULL, work, &l->workers[l->running]);
        if (err)
            HS_TRY(hs_error_system(err, "use fewer threads", "loader: cannot start a thread"));
    }
    *loader = l;
    l = NULL;
exit:
    hs_loader_destroy(l);
    return status;
}

hs_status hs_loader_next(hs_loader *l, const hs_batch **batch)
{
    *batch = NULL;
    if (l->error.status != HS_OK)
        return hs_error_raise(&l->error);
    double start = hs_now();
    pthread_mutex_lock(&l->mutex);
    l->released = l->taken; /* what the caller had is free */
    pthread_cond_broadcast(&l->work);
    batch_slot *slot = &l->slots[l->taken % (uint64_t)l->config.queue];
    while (l->assigned <= l->taken || slot->pending > 0)
        pthread_cond_wait(&l->ready, &l->mutex);
    l->taken++;
    pthread_mutex_unlock(&l->mutex);
    l->waited += hs_now() - start;
    l->error = slot->error;
    if (l->error.status == HS_OK)
        *batch = &slot->batch;
    return hs_error_raise(&l->error);
}

void hs_loader_destroy(hs_loader *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->mutex);
    l->stop = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->mutex);
    for (int i = 0; i < l->running; i++)
        pthread_join(l->workers[i].thread, NULL);
    pthread_cond_destroy(&l->ready);
    pthread_cond_destroy(&l->work);
    pthread_mutex_destroy(&l->mutex);
    free(l->memory);
    free(l);
}

uint32_t hs_loader_steps(const hs_loader *l)
{
    return hs_epoch_steps(l->config.count, l->config.batch);
}

double hs_loader_waited(const hs_loader *l)
{
    return l->waited;
}
