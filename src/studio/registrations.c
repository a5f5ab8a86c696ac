#include "studio/registrations.h"

#include <stdlib.h>
#include <string.h>

hs_status hs_registrations_init(hs_registrations *r, const hs_frames *frames)
{
    hs_status status;
    HS_TRY(hs_allocate((size_t)frames->n * sizeof *r->items, "registration", (void **)&r->items));
    r->n = frames->n;
    for (int i = 0; i < r->n; i++) {
        const hs_recording_info *info = hs_frames_info(frames, i);
        if (i > 0 && memcmp(&info->rig, &hs_frames_info(frames, i - 1)->rig, sizeof info->rig) == 0)
            r->items[i] = r->items[i - 1];
        else
            HS_TRY(
                hs_error_context(hs_registration_init(&info->rig, &r->items[i]), "%s", info->path));
        size_t needs = hs_registration_scratch(r->items[i]);
        r->scratch = needs > r->scratch ? needs : r->scratch;
    }
exit:
    return status;
}

void hs_registrations_free(hs_registrations *r)
{
    for (int i = 0; i < r->n; i++)
        if (i == 0 || r->items[i] != r->items[i - 1])
            hs_registration_free(r->items[i]);
    free(r->items);
    *r = (hs_registrations){0};
}
