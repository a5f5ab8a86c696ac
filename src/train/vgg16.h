/* What others call the tensors of VGG16 (Simonyan & Zisserman 2015), and what they are here. */
#ifndef HS_TRAIN_VGG16_H
#define HS_TRAIN_VGG16_H

#include <stdbool.h>

typedef enum hs_vgg16_kind { HS_VGG16_PLAIN, HS_VGG16_BN } hs_vgg16_kind;

/* "conv1_1" and "weight" of PyTorch's module "features.0" and its tensor "weight"; the numbers are
 * others in the net with batch norm. False, with nothing set, for what is not of VGG16's layers. */
bool hs_vgg16_of_torch(hs_vgg16_kind kind, const char *module, const char *tensor,
                       const char **our_layer, const char **our_tensor);

/* The same of Keras's layer "block1_conv1" and its "kernel" or "bias". */
bool hs_vgg16_of_keras(const char *layer, const char *tensor, const char **our_layer,
                       const char **our_tensor);

/* Whether Keras has a layer of VGG16 by this name. */
bool hs_vgg16_has_keras(const char *layer);

#endif
