/* Both cameras of a rig before a scene: what a recording of them holds. */
#ifndef HS_SYNTH_RECORDER_H
#define HS_SYNTH_RECORDER_H

#include "glove/rig.h"
#include "synth/clear.h"
#include "synth/light.h"
#include "synth/paint.h"
#include "synth/render.h"

enum { HS_DEPTH_VIEW, HS_COLOR_VIEW, HS_VIEWS };

/* Made once for a data set, then read by any number of threads. */
typedef struct hs_recorder {
    hs_synth synth; /* the depth camera; its seed is that of the data set */
    hs_viewpoint views[HS_VIEWS];
    hs_rays color_rays, lamp_rays;
    hs_rig rig;      /* the same cameras, as recordings describe them */
    bool bare_hands; /* people wear no gloves; false unless set after init */
} hs_recorder;

/* Both pictures have width x height pixels; HS_ERR_USAGE as hs_synth_init. */
hs_status hs_recorder_init(hs_recorder *recorder, const hs_profile *profile, uint64_t seed,
                           int width, int height);
void hs_recorder_free(hs_recorder *recorder);

/* Memory to render one frame in; one a thread. */
typedef struct hs_recorder_buffers {
    hs_synth_buffers depth; /* its scene is what both cameras are shown */
    hs_scene *spare;
    hs_paint *paints;
    float *rgb[3], *noise;
    hs_shadow shadow;
    uint16_t *lamp_surface;
    void *memory;
} hs_recorder_buffers;

hs_status hs_recorder_buffers_init(hs_recorder_buffers *buffers, const hs_recorder *recorder);
void hs_recorder_buffers_free(hs_recorder_buffers *buffers);

/* What only the colour camera tells: colours, light, the room beyond the depth camera's range. */
typedef struct hs_look {
    hs_palette palette;
    hs_light light;
    hs_room beyond;
    double gain;             /* of the exposure */
    double way[HS_SIDES][2]; /* pixels that each hand moves while the shutter is open */
} hs_look;

/* Each takes what stands in buffers->depth.scene, in the depth camera's space, its mesh not built.
 * depth [H][W] counts; truth [H][W] labels of the surfaces the pixels' rays hit, measured or not.
 * The keys draw folds and noise. */
void hs_recorder_depth(const hs_recorder *recorder, uint32_t cloth_key, uint32_t sensor_key,
                       hs_recorder_buffers *buffers, uint16_t *depth, uint8_t *truth);

/* picture [H][W][3]. Leaves the scene in the colour camera's space. */
void hs_recorder_color(const hs_recorder *recorder, const hs_look *look, uint32_t noise_key,
                       hs_recorder_buffers *buffers, uint8_t *picture);

#endif
