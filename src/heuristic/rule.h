/* What a rule is, and what rules share. */
#ifndef HS_HEURISTIC_RULE_H
#define HS_HEURISTIC_RULE_H

#include "heuristic/heuristic.h"
#include "image/components.h"

/* Memory to work in, of the size of the frames. */
typedef struct hs_heuristic_room {
    int32_t height, width;
    int32_t smallest; /* pixels of a part, at least */
    hs_components components;
    uint8_t *mask;          /* [height][width] */
    int32_t *order, *queue; /* [height * width] */
    int32_t *starts;        /* [65537] */
} hs_heuristic_room;

struct hs_heuristic_rule {
    const char *name;
    const hs_field *fields; /* its keys, which fill `settings` */
    int n_fields;
    size_t size; /* bytes of the settings */
    bool color;  /* it looks at frame->color */

    /* HS_ERR_CONFIG for settings that contradict each other; `where` begins messages. NULL: none
     * can. */
    hs_status (*check)(const void *settings, const char *where);

    /* parts [height][width]: 0, or the number of the part, from 1 on. */
    void (*find)(const void *settings, const hs_heuristic_frame *frame, hs_heuristic_room *room,
                 uint8_t *parts);
};

/* The largest 8-connected components of room->mask that are large enough, as parts: 1 is the
 * largest, and of equal ones the first in the order of reading. */
void hs_heuristic_largest(hs_heuristic_room *room, uint8_t *parts);

#endif
