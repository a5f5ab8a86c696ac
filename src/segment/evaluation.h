/* A model held against labelled frames: tables, and pictures of the frames. */
#ifndef HS_SEGMENT_EVALUATION_H
#define HS_SEGMENT_EVALUATION_H

#include "eval/picks.h"
#include "report/picture.h"
#include "report/table.h"
#include "segment/evaluation_data.h"
#include "segment/model.h"

enum { HS_EVALUATION_WORST = 8 };

typedef struct hs_evaluation_request {
    const char *model; /* of any kind */
    const char *data;  /* data set, or recordings that have true labels */
    const char *split; /* NULL: test; all of recordings */
    int32_t batch;
    bool merge_hands; /* every class but the background is the same: hand; so too, unasked, where
                         the set labels one hand */
    hs_table_format format;
    const char *out;      /* folder for the tables in every format; NULL: none */
    const char *overlays; /* folder for pictures; NULL: none */
    int worst;            /* pictures of so many of the worst frames, and as many typical ones; 0:
                             HS_EVALUATION_WORST */
    const char *frames;   /* pictures of these instead, NAME,NAME,...; NULL: none */
} hs_evaluation_request;

/* Evaluates, prints the tables to `file` in the format asked for and writes what else was.
 * HS_ERR_USAGE for `worst` or `frames` without `overlays`, among which they choose. HS_ERR_DATA
 * where the frames have other labels than the model, unless hands are merged, or lack colours that
 * it needs. Memory does not grow with the number of frames. */
hs_status hs_evaluate_model(const hs_evaluation_request *request, FILE *file);

/* The classes where hands are merged. */
enum { HS_MERGED_CLASSES = 2 };
extern const char *const hs_merged_labels[HS_MERGED_CLASSES];

/* HS_ERR_DATA, with `hint`, where the data have other labels than the model. */
hs_status hs_evaluation_check_labels(const hs_evaluation_data *data, const hs_model *model,
                                     const char *hint);

/* Pictures of the picked frames, truth | prediction: FOLDER/NAME.png of the worst or, where there
 * are none, of the chosen ones, and FOLDER/sheet.png of them all. */
hs_status hs_draw_picks(hs_model *model, const hs_evaluation_data *data, const hs_picks *picks,
                        bool merge_hands, const char *folder);

/* Pictures with their captions, in memory. Initialise with {0}; free after failure too. */
typedef struct hs_drawn_picks {
    hs_picture pictures[HS_PICKS_MAX];
    const char *captions[HS_PICKS_MAX]; /* "IoU 12.3 %, user-3.00012" */
    int count;
    hs_arena arena; /* of the captions */
} hs_drawn_picks;

/* The same pictures of the worst frames, the worst first. */
hs_status hs_draw_worst(hs_model *model, const hs_evaluation_data *data, const hs_picks *picks,
                        bool merge_hands, hs_drawn_picks *drawn);
void hs_drawn_picks_free(hs_drawn_picks *drawn);

#endif
