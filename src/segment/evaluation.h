/* A model held against a split of a data set: tables, and pictures of its frames. */
#ifndef HS_SEGMENT_EVALUATION_H
#define HS_SEGMENT_EVALUATION_H

#include "eval/picks.h"
#include "report/table.h"
#include "segment/model.h"

typedef struct hs_evaluation_request {
    const char *model, *data; /* of any kind; data set */
    hs_split split;
    int32_t batch;
    hs_table_format format;
    const char *out;      /* folder for the tables in every format; NULL: none */
    const char *overlays; /* folder for pictures; NULL: none */
    int worst;            /* pictures of so many of the worst frames, and as many typical ones */
    const char *frames;   /* pictures of these instead, NAME,NAME,...; NULL: none */
} hs_evaluation_request;

/* Evaluates, prints the tables to `file` in the format asked for and writes what else was.
 * HS_ERR_DATA where the data set has other labels than the model. Memory does not grow with the
 * number of frames. */
hs_status hs_evaluate_model(const hs_evaluation_request *request, FILE *file);

/* Pictures of the picked frames, truth | prediction: FOLDER/NAME.png of the worst or, where there
 * are none, of the chosen ones, and FOLDER/sheet.png of them all. */
hs_status hs_draw_picks(hs_model *model, const hs_dataset *dataset, const hs_picks *picks,
                        const char *folder);

#endif
