/* Everything within reach: what lies in a range of distances is hands. */
#include "heuristic/rule.h"

typedef struct settings {
    double nearest, farthest;
} settings;

static const hs_field fields[] = {
    {"nearest", HS_FIELD_REAL, offsetof(settings, nearest), "0.2", 0, 100, NULL,
     "metres: what is nearer is no hand"},
    {"farthest", HS_FIELD_REAL, offsetof(settings, farthest), NULL, 0, 100, NULL,
     "metres: what is farther is no hand"},
};

static hs_status check(const void *user, const char *where)
{
    const settings *s = user;
    if (s->nearest <= s->farthest)
        return HS_OK;
    return hs_error(HS_ERR_CONFIG, NULL, "%s: [reach]: got %g to %g m, expected nearest first",
                    where, s->nearest, s->farthest);
}

static void find(const void *user, const hs_heuristic_frame *frame, hs_heuristic_room *room,
                 uint8_t *parts)
{
    const settings *s = user;
    int64_t area = (int64_t)room->height * room->width;
    for (int64_t i = 0; i < area; i++) {
        double metres = frame->depth[i] * frame->depth_unit;
        room->mask[i] = frame->depth[i] > 0 && metres >= s->nearest && metres <= s->farthest;
    }
    hs_heuristic_largest(room, parts);
}

const hs_heuristic_rule hs_heuristic_reach = {
    .name = "reach",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(settings),
    .check = check,
    .find = find,
};
