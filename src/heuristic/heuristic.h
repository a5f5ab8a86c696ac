/* Hands found by rules that need no training, which work before the paper assumed: everything
 * within reach, the nearest object, skin. Each gives up to two parts of the image.
 *
 * None of them can tell right from left, so the side follows from the image: of two parts, the one
 * whose centre is further to the left is the right hand, as with a person who faces the camera; a
 * part alone is the right hand where its centre is in the left half. [hands] facing = no, for a
 * camera that sees what the person sees, turns that round. */
#ifndef HS_HEURISTIC_HEURISTIC_H
#define HS_HEURISTIC_HEURISTIC_H

#include "config/fields.h"

enum { HS_HEURISTIC_PARTS = 2 };

/* What a rule sees. */
typedef struct hs_heuristic_frame {
    const uint16_t *depth; /* [height][width], 0: nothing measured */
    const uint8_t *color;  /* [height][width][3], red green blue, 0 0 0 where unknown; or NULL */
    double depth_unit;     /* metres of one count of depth */
} hs_heuristic_frame;

typedef struct hs_heuristic hs_heuristic;
typedef struct hs_heuristic_rule hs_heuristic_rule;

/* Whether the file chooses a rule. */
bool hs_heuristic_in(const hs_ini *ini);

/* Reads [input], [hands] and the section of the one rule the file has. HS_ERR_CONFIG for what is
 * not understood or out of range. The heuristic borrows `ini`. */
hs_status hs_heuristic_create(hs_ini *ini, hs_heuristic **heuristic);
void hs_heuristic_destroy(hs_heuristic *heuristic); /* NULL is fine */

int32_t hs_heuristic_height(const hs_heuristic *heuristic);
int32_t hs_heuristic_width(const hs_heuristic *heuristic);

/* "nearest", and whether it goes by colour. */
const char *hs_heuristic_name(const hs_heuristic *heuristic);
bool hs_heuristic_needs_color(const hs_heuristic *heuristic);

/* labels [height][width]: 0 background, 1 right, 2 left. */
void hs_heuristic_label(hs_heuristic *heuristic, const hs_heuristic_frame *frame, uint8_t *labels);

#endif
