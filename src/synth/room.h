/* What stands around the person: walls, a table, a chair, things at the sides. */
#ifndef HS_SYNTH_ROOM_H
#define HS_SYNTH_ROOM_H

#include "base/rng.h"
#include "synth/mesh.h"
#include <stdbool.h>

enum { HS_ROOM_BOXES = 20 };
typedef struct hs_room_box {
    uint8_t part;
    hs_vec3 center, half; /* metres; x to the person's right, y up, z to the camera; see below */
    double turn;          /* radians about the vertical */
} hs_room_box;

/* Boxes in a frame whose origin is the middle of the person's shoulders and whose axes are level;
 * so the camera's height above the floor does not matter. */
typedef struct hs_room {
    int count;
    hs_room_box boxes[HS_ROOM_BOXES];
    bool table;
    hs_room_box table_box;
    double reflectance; /* infrared, of furniture and walls */
} hs_room;

/* `distance`: metres from the camera to the person, beyond which no wall may hide him. */
hs_room hs_room_draw(hs_rng *rng, bool seated, double distance);

/* What only a colour camera sees, since it is beyond a depth camera's range: walls, floor, ceiling
 * and what hangs and stands there. No table. */
hs_room hs_room_beyond_draw(hs_rng *rng, double distance);

/* Height of the table's top, below 0. */
double hs_room_table_height(const hs_room *room);

void hs_room_mesh(const hs_room *room, hs_vec3 origin, const hs_axes *level, hs_mesh *mesh);

#endif
