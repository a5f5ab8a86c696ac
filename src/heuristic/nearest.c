/* The nearest object: the closest point and everything that is connected to it and not much farther
 * away. The second hand is the same for the closest point of the rest, where that is not much
 * farther away either.
 *
 * Pixels are connected where they are neighbours, diagonal ones too, and their depths differ by at
 * most `step`. What is connected to a closest point but too small for a hand is noise, and is left
 * out. */
#include "heuristic/rule.h"

#include <string.h>

typedef struct settings {
    double within, step;
} settings;

static const hs_field fields[] = {
    {"within", HS_FIELD_REAL, offsetof(settings, within), NULL, 0, 100, NULL,
     "metres from the closest point back to the end of the hand"},
    {"step", HS_FIELD_REAL, offsetof(settings, step), "0.02", 0, 100, NULL,
     "metres between the depths of neighbours of one object, at most"},
};

/* Fills room->order with the measured pixels, the nearest first, equals in the order of reading;
 * returns their number. */
static int32_t sort_pixels(const uint16_t *depth, hs_heuristic_room *room)
{
    int32_t area = room->height * room->width, *starts = room->starts;
    memset(starts, 0, (UINT16_MAX + 2) * sizeof *starts);
    for (int32_t i = 0; i < area; i++)
        starts[depth[i] + 1]++;
    int32_t missing = starts[1];
    starts[1] = 0;
    for (int32_t z = 1; z <= UINT16_MAX; z++)
        starts[z + 1] += starts[z];
    for (int32_t i = 0; i < area; i++)
        if (depth[i] > 0)
            room->order[starts[depth[i]]++] = i;
    return area - missing;
}

/* What a part is grown with. */
typedef struct growth {
    const hs_heuristic_room *room;
    const uint16_t *depth;
    uint8_t *seen;         /* [height][width]: belongs to a part, or to noise */
    double step, farthest; /* counts */
} growth;

/* The object around pixel `seed`: room->queue[count]. */
static int32_t grow(const growth *g, int32_t seed)
{
    const hs_heuristic_room *room = g->room;
    int32_t *queue = room->queue, count = 0;
    queue[count++] = seed;
    g->seen[seed] = 1;
    for (int32_t at = 0; at < count; at++) {
        int32_t y = queue[at] / room->width, x = queue[at] % room->width;
        for (int32_t v = y > 0 ? y - 1 : 0; v <= y + 1 && v < room->height; v++)
            for (int32_t u = x > 0 ? x - 1 : 0; u <= x + 1 && u < room->width; u++) {
                int32_t i = v * room->width + u, apart = g->depth[i] - g->depth[queue[at]];
                if (g->seen[i] || g->depth[i] == 0 || g->depth[i] > g->farthest ||
                    (apart < 0 ? -apart : apart) > g->step)
                    continue;
                g->seen[i] = 1;
                queue[count++] = i;
            }
    }
    return count;
}

static void find(const void *user, const hs_heuristic_frame *frame, hs_heuristic_room *room,
                 uint8_t *parts)
{
    const settings *s = user;
    double within = s->within / frame->depth_unit;
    growth g = {.room = room,
                .depth = frame->depth,
                .seen = room->mask,
                .step = s->step / frame->depth_unit};
    double last = UINT16_MAX; /* the farthest point a part may begin with */
    int n = 0;
    memset(g.seen, 0, (size_t)room->height * (size_t)room->width);
    memset(parts, 0, (size_t)room->height * (size_t)room->width);
    int32_t measured = sort_pixels(frame->depth, room);
    for (int32_t k = 0; k < measured && n < HS_HEURISTIC_PARTS; k++) {
        int32_t seed = room->order[k];
        uint16_t z = frame->depth[seed];
        if (z > last)
            break;
        if (g.seen[seed])
            continue;
        g.farthest = z + within;
        int32_t count = grow(&g, seed);
        if (count < room->smallest)
            continue;
        n++;
        last = n == 1 ? g.farthest : last;
        for (int32_t i = 0; i < count; i++)
            parts[room->queue[i]] = (uint8_t)n;
    }
}

const hs_heuristic_rule hs_heuristic_nearest = {
    .name = "nearest",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(settings),
    .find = find,
};
