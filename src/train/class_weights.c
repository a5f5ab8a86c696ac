#include "train/class_weights.h"

#include "data/dataset.h"
#include "data/frame_stats.h"
#include <stdlib.h>

enum { GROUP = 64 }; /* frames read together: the same error for any number of threads */

/* What a frame of a group holds, and the room to find out. */
typedef struct counted {
    uint8_t *mask;
    hs_h5_block block;
    hs_class_counts counts;
    hs_error_record error;
} counted;

static void count_frame(const hs_dataset *dataset, uint32_t frame, size_t pixels, counted *c)
{
    c->counts = (hs_class_counts){0};
    hs_error_save(&c->error, hs_dataset_read_with(dataset, frame, NULL, c->mask, &c->block));
    if (c->error.status == HS_OK)
        hs_class_counts_add(&c->counts, c->mask, pixels);
}

static hs_status count_classes(const hs_dataset *dataset, const uint32_t *frames, uint32_t count,
                               hs_class_counts *counts)
{
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    size_t pixels = (size_t)info->height * (size_t)info->width;
    counted *group = NULL;
    uint8_t *masks = NULL;
    hs_status status;
    *counts = (hs_class_counts){0};
    HS_TRY(hs_allocate(GROUP * sizeof *group, "class counts of a group", (void **)&group));
    HS_TRY(hs_allocate(GROUP * pixels, "masks of a group", (void **)&masks));
    for (uint32_t first = 0; first < count; first += GROUP) {
        uint32_t n = count - first < GROUP ? count - first : GROUP;
#pragma omp parallel for schedule(dynamic)
        for (uint32_t i = 0; i < n; i++) {
            group[i].mask = masks + i * pixels;
            count_frame(dataset, frames[first + i], pixels, &group[i]);
        }
        for (uint32_t i = 0; i < n; i++) {
            HS_TRY(hs_error_raise(&group[i].error));
            hs_class_counts_merge(counts, &group[i].counts);
        }
    }
exit:
    for (int i = 0; group && i < GROUP; i++)
        hs_h5_block_free(&group[i].block);
    free(masks);
    free(group);
    return status;
}

/* Frames are listed once each, so equal numbers make equal sets. */
static bool are_train_split(const hs_dataset *dataset, const hs_run_frames *frames)
{
    uint32_t n = 0;
    while (n < frames->train_count &&
           hs_dataset_get_frame(dataset, frames->train[n])->split == HS_SPLIT_TRAIN)
        n++;
    return n == hs_dataset_get_info(dataset)->split_frames[HS_SPLIT_TRAIN] &&
           n == frames->train_count;
}

static hs_status balance(const hs_train_config *config, const hs_dataset *dataset,
                         const hs_run_frames *frames, double *weights)
{
    const hs_dataset_info *data = hs_dataset_get_info(dataset);
    hs_class_counts counts;
    int32_t left, right, classes = 0;
    hs_status status = HS_OK;
    for (int c = 0; c < data->classes; c++)
        weights[c] = data->weights[c];
    if (!are_train_split(dataset, frames)) {
        HS_TRY(count_classes(dataset, frames->train, frames->train_count, &counts));
        hs_median_frequency_weights(&counts, data->classes, weights);
    }
    if (config->augment.flip) {
        hs_dataset_hands(data, &left, &right);
        hs_mirror_weights(left, right, weights);
    }
    for (int c = 0; c < data->classes; c++)
        classes += weights[c] > 0;
    if (classes < 2)
        status =
            hs_error(HS_ERR_DATA,
                     "choose other frames by data.train or data.subset, or set "
                     "loss.balance = none",
                     "%s: loss.balance = median: the %u frames to train on have pixels of "
                     "%d of the %d classes, expected 2 or more",
                     hs_dataset_get_path(dataset), frames->train_count, classes, data->classes);
exit:
    return status;
}

hs_status hs_class_weights_choose(const hs_train_config *config, const hs_dataset *dataset,
                                  const hs_run_frames *frames, double *weights)
{
    const hs_loss_config *loss = &config->loss;
    int classes = hs_dataset_get_info(dataset)->classes, given = loss->class_weights.count;
    if (given == 0 && loss->balance == HS_BALANCE_MEDIAN)
        return balance(config, dataset, frames, weights);
    if (given > 0 && given != classes)
        return hs_error(HS_ERR_CONFIG, NULL, "loss.class_weights: got %d numbers, expected %d",
                        given, classes);
    for (int c = 0; c < classes; c++)
        weights[c] = given ? loss->class_weights.values[c] : 1;
    return HS_OK;
}
