/* Which frames of an evaluation are worth a picture: the worst, a few evenly spread ones, or those
 * asked for by name. Chosen while frames stream by, in room that does not grow with their number.
 */
#ifndef HS_EVAL_PICKS_H
#define HS_EVAL_PICKS_H

#include "base/status.h"
#include "handseg/dataset.h"
#include <stdbool.h>

enum { HS_PICKS_MAX = 64 }; /* of each kind */

typedef struct hs_pick {
    uint32_t frame; /* index in the data set */
    double miou;    /* mean IoU of the hands; NaN where there is none */
} hs_pick;

typedef struct hs_picks {
    hs_pick worst[HS_PICKS_MAX];  /* by IoU, the lowest first; equals in order of frames */
    hs_pick chosen[HS_PICKS_MAX]; /* evenly spread, or those asked for */
    int n_worst, most_worst, n_chosen;
} hs_picks;

/* The `most` worst and as many evenly spread ones of frames[count]. */
void hs_picks_spread(hs_picks *picks, const uint32_t *frames, uint32_t count, int most);

/* Those of frames[count] with these names, separated by commas; a name is that of hs_frame_name_of
 * or the source of the frame, of which `about(data, frame)` tells. HS_ERR_USAGE for one that is not
 * there, with the nearest; `where` stands for the frames in messages. */
typedef const hs_frame_info *hs_frame_about(const void *data, uint32_t frame);
hs_status hs_picks_named(hs_picks *picks, const char *where, hs_frame_about *about,
                         const void *data, const uint32_t *frames, uint32_t count,
                         const char *names);

/* Takes notice of one frame of the evaluation. */
void hs_picks_see(hs_picks *picks, uint32_t frame, double miou);

/* Whether the frame is among the worst. */
bool hs_picks_is_worst(const hs_picks *picks, uint32_t frame);

#endif
