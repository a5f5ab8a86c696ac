/* A model that labels depth frames, a trained network or another: what a hand tracker needs.
 *
 *   hs_model *model;
 *   if (hs_model_load("best.h5", 1, &model) == HS_OK) {
 *       hs_model_segment(model, depth, 480, 640, labels);    // for each frame
 *       hs_model_destroy(model);
 *   }
 *
 * A model is used by one thread at a time. */
#ifndef HANDSEG_SEGMENT_H
#define HANDSEG_SEGMENT_H

#include "handseg/net.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hs_model hs_model;

/* Loads a model, whose kind is found from what is in the file, for `batch` >= 1 frames at once: a
 * checkpoint of a network or a forest, or the INI file of a heuristic. HS_ERR_FORMAT for a file
 * that is no model. */
hs_status hs_model_load(const char *path, int32_t batch, hs_model **model);
void hs_model_destroy(hs_model *model); /* NULL is fine */

/* Labels one raw depth frame [height][width] of any size: labels [height][width]. The frame is
 * brought to the model's size by taking samples, and the labels back the same way. Of a model
 * loaded for several frames it uses one place. Depth in the unit the model was trained with, see
 * hs_model_depth_unit, unless it is a network that normalises by the mean. HS_ERR_NONFINITE for a
 * network whose outputs are no finite numbers: its parameters are too large. */
hs_status hs_model_segment(hs_model *model, const uint16_t *depth, int32_t height, int32_t width,
                           uint8_t *labels);

/* The same of a frame with colours, for models that go by them: color [height][width][3], red green
 * blue of what each pixel of depth shows, 0 0 0 where unknown; or NULL. HS_ERR_DATA where a model
 * needs them and there are none. */
hs_status hs_model_segment_color(hs_model *model, const uint16_t *depth, const uint8_t *color,
                                 int32_t height, int32_t width, uint8_t *labels);
bool hs_model_needs_color(const hs_model *model);

/* How sure the model is of the last frame: [classes][height][width] of its own size, the sum over
 * the classes of a pixel is 1. HS_ERR_USAGE for one that gives labels only. */
hs_status hs_model_probabilities(hs_model *model, float *probabilities);

/* Logits of the last frame, of a network: [classes][height][width] of its size. Of a model that has
 * none the shape, in which n is the batch, is all 0 and nothing is written. */
void hs_model_logits(const hs_model *model, hs_real *logits);
hs_shape hs_model_logits_shape(const hs_model *model);

/* Names of the classes by label, and metres of one raw unit of the training data. */
int hs_model_classes(const hs_model *model);
const char *hs_model_label(const hs_model *model, int label);
double hs_model_depth_unit(const hs_model *model);

/* Metres of one raw unit of the frames to come, where it is not that of the training data. Without
 * effect on a network that normalises by the mean or by a scale of its own. */
void hs_model_set_depth_unit(hs_model *model, double metres);

#ifdef __cplusplus
}
#endif

#endif
