#include "train/forest_frames.h"

#include "base/log.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "forest/frame.h"
#include <omp.h>
#include <stdlib.h>

/* What one thread works with. */
typedef struct room {
    uint16_t *raw, *frame;  /* as stored; bordered */
    uint8_t *labels, *mask; /* as stored; of the forest's size */
    uint32_t *visit;
    hs_sample_room sample;
    hs_h5_block block;
} room;

/* Hands out parts of one block; with base NULL it only measures. */
static void *carve(unsigned char *base, size_t *used, size_t bytes)
{
    void *part = base ? base + *used : NULL;
    *used += hs_align_up(bytes);
    return part;
}

static size_t lay_out(const hs_forest_reader *r, void *memory, room *rooms)
{
    const hs_dataset_info *info = hs_dataset_get_info(r->dataset);
    size_t stored = (size_t)info->height * (size_t)info->width;
    size_t height = (size_t)r->view.height, width = (size_t)r->view.width, used = 0;
    for (int i = 0; i < r->threads; i++) {
        room made = {.raw = carve(memory, &used, stored * sizeof(uint16_t)),
                     .frame =
                         carve(memory, &used, (size_t)hs_probe_area(&r->view) * sizeof(uint16_t)),
                     .labels = carve(memory, &used, stored),
                     .mask = carve(memory, &used, height * width),
                     .visit = carve(memory, &used, 2 * height * width * sizeof(uint32_t)),
                     .sample = {carve(memory, &used, height * sizeof(int32_t)),
                                carve(memory, &used, width * sizeof(int32_t)),
                                carve(memory, &used, height * width * sizeof(uint16_t))}};
        if (rooms)
            rooms[i] = made;
    }
    return used;
}

size_t hs_forest_reader_bytes(const hs_forest_reader *r)
{
    return lay_out(r, NULL, NULL) + (size_t)r->threads * hs_dataset_block_size(r->dataset);
}

static hs_status make_frame(const hs_forest_reader *r, uint32_t tree, uint32_t frame, room *m)
{
    hs_status status = hs_dataset_read_with(r->dataset, frame, m->raw, m->labels, &m->block);
    if (status != HS_OK)
        return status;
    hs_augmentation drawn = hs_augmentation_draw(&r->augment, r->seed, tree, frame);
    hs_sample_make(&r->sample, &drawn, m->raw, m->labels, &m->sample, NULL, m->mask);
    double nearer = r->augment.scale_depth ? drawn.scale : 1;
    hs_forest_frame_make(&r->view, m->sample.view, r->view.unit / nearer, m->frame);
    return HS_OK;
}

hs_status hs_forest_read_frames(const hs_forest_reader *r, uint32_t tree, const uint32_t *frames,
                                uint32_t count, hs_forest_visit *visit, void *user)
{
    hs_error_record error = {0};
    uint32_t failed = count, done = 0;
    void *memory = NULL;
    room *rooms = NULL;
    hs_status status;
    HS_TRY(hs_allocate(sizeof *rooms * (size_t)r->threads, "frames", (void **)&rooms));
    HS_TRY(hs_allocate(lay_out(r, NULL, NULL), "frames", &memory));
    lay_out(r, memory, rooms);
    hs_progress progress = hs_progress_start("reading frames", "frames", 0, count);
#pragma omp parallel num_threads(r->threads)
    {
        room *mine = &rooms[omp_get_thread_num()];
#pragma omp for schedule(dynamic)
        for (uint32_t slot = 0; slot < count; slot++) {
            hs_status one = make_frame(r, tree, frames[slot], mine);
            if (one == HS_OK)
                visit(user, slot, mine->frame, mine->mask, mine->visit);
#pragma omp critical(forest_frames)
            {
                if (one != HS_OK && slot < failed) {
                    failed = slot; /* the first in order, whoever came first in time */
                    hs_error_save(&error, one);
                }
                hs_progress_update(&progress, ++done, NULL);
            }
        }
        hs_h5_block_free(&mine->block);
    }
    hs_progress_finish(&progress, NULL);
    status = hs_error_raise(&error);
exit:
    free(memory);
    free(rooms);
    return status;
}
