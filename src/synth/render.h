/* Frames with true masks: the renderer's front door. */
#ifndef HS_SYNTH_RENDER_H
#define HS_SYNTH_RENDER_H

#include "synth/scene.h"
#include "synth/sensor.h"

/* A data set to render: what all its frames share. Made once, then read by any number of threads.
 */
typedef struct hs_synth {
    const hs_profile *profile; /* borrowed */
    uint64_t seed;
    hs_camera camera;
    hs_rays rays, preview; /* preview: of a smaller image, to see early what a scene shows */
} hs_synth;

/* Memory to render one frame in; one a thread. */
typedef struct hs_synth_buffers {
    hs_scene *scene;
    hs_view view;
    hs_sensor_scratch scratch;
    uint8_t *hidden;
    int32_t *queue; /* of hs_synth_label */
    void *memory;
} hs_synth_buffers;

/* width x height pixels: at least 16, at most 4096 a side; HS_ERR_USAGE otherwise. */
hs_status hs_synth_init(hs_synth *synth, const hs_profile *profile, uint64_t seed, int width,
                        int height);
void hs_synth_free(hs_synth *synth);

hs_status hs_synth_buffers_init(hs_synth_buffers *buffers, const hs_synth *synth);
void hs_synth_buffers_free(hs_synth_buffers *buffers);

/* What the depth camera reports of the scene that stands built in the buffers; leaves the view of
 * it there too. The keys draw the folds of the clothes and the sensor's noise. */
void hs_synth_measure(const hs_synth *synth, uint32_t cloth_key, uint32_t sensor_key,
                      hs_synth_buffers *buffers, uint16_t *depth);

/* Renders frame `frame` (from 0) of person `subject` (from 1): a function of these, the profile,
 * the seed and the size alone. depth [H][W] in units of the profile, 0 where nothing was measured;
 * mask [H][W] 0 background, 1 right hand, 2 left hand (synth/label.h). */
void hs_synth_frame(const hs_synth *synth, uint32_t subject, uint32_t frame,
                    hs_synth_buffers *buffers, uint16_t *depth, uint8_t *mask);

#endif
