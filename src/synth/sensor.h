/* The structured-light depth sensor: ideal depth -> what it reports. */
#ifndef HS_SYNTH_SENSOR_H
#define HS_SYNTH_SENSOR_H

#include "synth/camera.h"
#include "synth/raycast.h"

/* What the sensor does to a frame. All arrays are [H][W]. */
typedef struct hs_sensor_input {
    const hs_sensor_profile *sensor;
    const hs_camera_profile *camera;
    const hs_rays *rays;
    const hs_view *view;       /* ideal depth */
    const uint8_t *hidden;     /* 1 where nothing can be measured */
    const double *reflectance; /* [HS_PART_CODES] */
    uint32_t key;              /* of the noise */
} hs_sensor_input;

/* Working memory, [H][W] each. */
typedef struct hs_sensor_scratch {
    float *noise, *signal;
    uint8_t *valid;
} hs_sensor_scratch;

/* depth: counts of the profile's unit, 0 where nothing is measured: out of range, in a gap at a
 * depth step, too weak a return (grazing, far, dark). */
void hs_sensor_measure(const hs_sensor_input *input, const hs_sensor_scratch *scratch,
                       uint16_t *depth);

#endif
