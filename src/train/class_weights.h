/* What a pixel of each class counts in the loss of a run. */
#ifndef HS_TRAIN_CLASS_WEIGHTS_H
#define HS_TRAIN_CLASS_WEIGHTS_H

#include "train/config.h"
#include "train/run_frames.h"

/* weights[HS_CLASSES_MAX]: those of [loss], or of the classes of the frames trained on, where they
 * are mirrored with both hands; the data set's own where they are its training split, else counted,
 * in parallel. HS_ERR_CONFIG for another number of weights than classes, HS_ERR_DATA where the
 * frames have nothing to balance. */
hs_status hs_class_weights_choose(const hs_train_config *config, const hs_dataset *dataset,
                                  const hs_run_frames *frames, double *weights);

#endif
