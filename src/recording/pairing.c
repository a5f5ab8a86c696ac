#include "recording/pairing.h"

#include <math.h>
#include <stdbool.h>

void hs_pair_frames(const hs_stamps *depth, const hs_stamps *color, double tolerance,
                    int64_t *partner)
{
    int64_t c = 0, owner = -1; /* the depth frame that has colour frame c */
    for (int64_t i = 0; i < depth->count; i++) {
        double time = depth->items[i].time;
        partner[i] = -1;
        while (c + 1 < color->count &&
               fabs(color->items[c + 1].time - time) < fabs(color->items[c].time - time)) {
            c++;
            owner = -1;
        }
        double offset = c < color->count ? fabs(color->items[c].time - time) : (double)INFINITY;
        bool mine = offset <= tolerance &&
                    (owner < 0 || offset < fabs(color->items[c].time - depth->items[owner].time));
        if (mine && owner >= 0)
            partner[owner] = -1;
        if (mine)
            partner[owner = i] = c;
    }
}
