#include "eval/picks.h"

#include "base/text.h"
#include "eval/frame_name.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void hs_picks_spread(hs_picks *picks, const uint32_t *frames, uint32_t count, int most)
{
    int n = (uint32_t)most < count ? most : (int)count;
    *picks = (hs_picks){.most_worst = most, .n_chosen = n};
    for (int i = 0; i < n; i++)
        picks->chosen[i] =
            (hs_pick){frames[(2 * (uint64_t)i + 1) * count / (2 * (unsigned)n)], NAN};
}

/* The frames that names are looked for in. */
typedef struct named_frames {
    const char *where;
    hs_frame_about *about;
    const void *data;
    const uint32_t *frames;
    uint32_t count;
} named_frames;

static hs_status no_such_frame(const named_frames *in, const char *name)
{
    hs_frame_name *list = calloc(in->count, sizeof *list);
    const char **names = calloc(in->count, sizeof *names);
    char hint[512] = "";
    for (uint32_t i = 0; list && names && i < in->count; i++) {
        list[i] = hs_frame_name_of(in->about(in->data, in->frames[i]));
        names[i] = list[i].text;
    }
    if (list && names) {
        const char *nearest = hs_nearest_name(name, names, (int)in->count);
        snprintf(hint, sizeof hint, "%s '%s'", nearest ? "did you mean" : "the first one is",
                 nearest ? nearest : names[0]);
    }
    free(list);
    free(names);
    return hs_error(HS_ERR_USAGE, hint, "%s: frame '%s': no such frame in the split", in->where,
                    name);
}

static hs_status find_frame(const named_frames *in, const char *name, uint32_t *frame)
{
    for (uint32_t i = 0; i < in->count; i++) {
        const hs_frame_info *info = in->about(in->data, in->frames[i]);
        if (strcmp(hs_frame_name_of(info).text, name) != 0 &&
            (!info->source || strcmp(info->source, name) != 0))
            continue;
        *frame = in->frames[i];
        return HS_OK;
    }
    return no_such_frame(in, name);
}

hs_status hs_picks_named(hs_picks *picks, const char *where, hs_frame_about *about,
                         const void *data, const uint32_t *frames, uint32_t count,
                         const char *names)
{
    const named_frames in = {where, about, data, frames, count};
    hs_status status = HS_OK;
    char *list = strdup(names), *rest = list;
    *picks = (hs_picks){0};
    if (!list)
        return hs_error(HS_ERR_MEMORY, NULL, "frames: out of memory");
    for (char *name; (name = strtok_r(rest, ", \t\n", &rest)) != NULL;) {
        if (picks->n_chosen == HS_PICKS_MAX)
            HS_TRY(hs_error(HS_ERR_USAGE, NULL, "frames: got more than %d names, expected fewer",
                            HS_PICKS_MAX));
        hs_pick *pick = &picks->chosen[picks->n_chosen++];
        pick->miou = NAN;
        HS_TRY(find_frame(&in, name, &pick->frame));
    }
    if (picks->n_chosen == 0)
        status = hs_error(HS_ERR_USAGE, NULL, "frames: got no name, expected NAME,NAME,...");
exit:
    free(list);
    return status;
}

void hs_picks_see(hs_picks *picks, uint32_t frame, double miou)
{
    for (int i = 0; i < picks->n_chosen; i++)
        if (picks->chosen[i].frame == frame)
            picks->chosen[i].miou = miou;
    bool full = picks->n_worst == picks->most_worst;
    if (isnan(miou) || picks->most_worst == 0 ||
        (full && miou >= picks->worst[picks->n_worst - 1].miou))
        return;
    int at = full ? picks->n_worst - 1 : picks->n_worst++;
    for (; at > 0 && picks->worst[at - 1].miou > miou; at--)
        picks->worst[at] = picks->worst[at - 1];
    picks->worst[at] = (hs_pick){frame, miou};
}

bool hs_picks_is_worst(const hs_picks *picks, uint32_t frame)
{
    for (int i = 0; i < picks->n_worst; i++)
        if (picks->worst[i].frame == frame)
            return true;
    return false;
}
