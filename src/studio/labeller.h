/* Labels of frames: read, registered, annotated, measured and written, a group at a time. */
#ifndef HS_STUDIO_LABELLER_H
#define HS_STUDIO_LABELLER_H

#include "glove/config.h"
#include "glove/registration.h"
#include "studio/frames.h"

/* What is known of a frame after its own turn. */
typedef enum hs_frame_state {
    HS_FRAME_WAITING,
    HS_FRAME_UNPAIRED,   /* no colour frame near enough in time */
    HS_FRAME_DAMAGED,    /* cannot be read; only where salvaging */
    HS_FRAME_UNLABELLED, /* no glove found */
    HS_FRAME_LABELLED,
} hs_frame_state;

typedef struct hs_frame_result {
    hs_frame_state state;
    hs_outcome outcome[HS_GLOVES];
    hs_quality_frame quality;
} hs_frame_result;

/* Seconds spent, of the wall clock. */
typedef struct hs_labeller_times {
    double labelling; /* from decoded frames to masks and measures */
    double files;     /* reading and writing */
    int64_t frames;
} hs_labeller_times;

typedef struct hs_labeller hs_labeller;

enum { HS_LABELLER_GROUP = 32 }; /* frames worked on together */

/* `frames`, `gloves` and `config` are borrowed. `out`: the folder with images/, masks/ and color/.
 */
hs_status hs_labeller_create(const hs_frames *frames, const hs_gloves *gloves,
                             const hs_glove_config *config, const char *out, bool salvage,
                             hs_labeller **labeller);
void hs_labeller_destroy(hs_labeller *labeller);

/* Labels n <= HS_LABELLER_GROUP tasks (indices into frames->tasks), all of which have a pair,
 * writes the files of those that got labels, and fills results[tasks[i]]. All processors work on
 * one step of all frames, then on the next. */
hs_status hs_labeller_run(hs_labeller *labeller, const int64_t *tasks, int n,
                          hs_frame_result *results);
hs_labeller_times hs_labeller_spent(const hs_labeller *labeller);

/* Looks at one frame again: valid until the next call from the same thread. Safe from any thread of
 * a parallel region. */
typedef struct hs_labelled_frame {
    const hs_annotator *annotator; /* with all stages */
    const uint16_t *depth;         /* [height][width] */
    const uint8_t *color, *mask;   /* [height][width][3], [height][width] */
} hs_labelled_frame;
hs_status hs_labeller_look(hs_labeller *labeller, int64_t task, hs_labelled_frame *frame);

#endif
