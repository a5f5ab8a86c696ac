/* What a data set holds, for people and for programs. */
#ifndef HS_DATA_DATASET_PRINT_H
#define HS_DATA_DATASET_PRINT_H

#include "base/text.h"
#include "handseg/dataset.h"

/* A table to `file`. */
void hs_dataset_print(const hs_dataset *dataset, FILE *file);

/* One JSON object to `file`. */
void hs_dataset_print_json(const hs_dataset *dataset, FILE *file);

#endif
