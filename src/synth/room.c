#include "synth/room.h"

#include <assert.h>

static void add(hs_room *room, uint8_t part, hs_vec3 center, hs_vec3 half, double turn)
{
    assert(room->count < HS_ROOM_BOXES);
    room->boxes[room->count++] = (hs_room_box){part, center, half, turn};
}

static void add_wall(hs_room *room, hs_rng *rng, double distance)
{
    /* Most walls are beyond the sensor's range and need not be there at all. */
    if (hs_rng_uniform(rng) < 0.08) {
        double behind = fmax(1.18 - distance, 0.28) + hs_rng_range(rng, 0, 0.25);
        add(room, HS_PART_WALL, hs_vec(0, 0, -behind - 0.05), hs_vec(3, 3, 0.05),
            hs_rng_range(rng, -0.3, 0.3));
    }
}

static void add_chair(hs_room *room, hs_rng *rng)
{
    double width = hs_rng_range(rng, 0.19, 0.26), top = hs_rng_range(rng, -0.22, 0.12);
    add(room, HS_PART_FURNITURE, hs_vec(0, top - 0.3, -hs_rng_range(rng, 0.19, 0.24)),
        hs_vec(width, 0.3, 0.025), hs_rng_range(rng, -0.2, 0.2));
    if (hs_rng_uniform(rng) < 0.5)
        for (int side = -1; side <= 1; side += 2)
            add(room, HS_PART_FURNITURE, hs_vec(side * (width + 0.05), -0.40, 0.0),
                hs_vec(0.03, 0.015, 0.14), 0);
}

static void set_table(hs_room *room, hs_rng *rng)
{
    const double thick = 0.02;
    double height = -hs_rng_range(rng, 0.38, 0.52), depth = hs_rng_range(rng, 0.15, 0.35);
    double near = hs_rng_range(rng, 0.16, 0.24);
    room->table = true;
    room->table_box =
        (hs_room_box){.part = HS_PART_FURNITURE,
                      .center = hs_vec(hs_rng_range(rng, -0.2, 0.2), height - thick, near + depth),
                      .half = hs_vec(hs_rng_range(rng, 0.4, 0.8), thick, depth),
                      .turn = hs_rng_range(rng, -0.1, 0.1)};
}

double hs_room_table_height(const hs_room *room)
{
    return room->table_box.center.y + room->table_box.half.y;
}

/* Monitors, shelves, boxes, lamps: beside the person, so that they do not hide him. */
static void add_things(hs_room *room, hs_rng *rng)
{
    int things = 1 + (int)hs_rng_below(rng, 2);
    for (int i = 0; i < things; i++) {
        hs_vec3 half = hs_vec(hs_rng_range(rng, 0.02, 0.2), hs_rng_range(rng, 0.03, 0.45),
                              hs_rng_range(rng, 0.02, 0.15));
        double side = hs_rng_uniform(rng) < 0.5 ? -1 : 1;
        double x = side * (0.36 + half.x + hs_rng_range(rng, 0, 0.35));
        add(room, HS_PART_FURNITURE,
            hs_vec(x, hs_rng_range(rng, -0.6, 0.3), hs_rng_range(rng, -0.5, 0.15)), half,
            hs_rng_range(rng, -0.8, 0.8));
    }
}

hs_room hs_room_draw(hs_rng *rng, bool seated, double distance)
{
    hs_room room = {.reflectance = hs_rng_range(rng, 0.25, 0.9)};
    add_wall(&room, rng, distance);
    if (seated && hs_rng_uniform(rng) < 0.3)
        add_chair(&room, rng);
    if (hs_rng_uniform(rng) < (seated ? 0.16 : 0.04))
        set_table(&room, rng);
    if (hs_rng_uniform(rng) < 0.25)
        add_things(&room, rng);
    return room;
}

hs_room hs_room_beyond_draw(hs_rng *rng, double distance)
{
    hs_room room = {.reflectance = 0.5};
    const double thick = 0.05;
    double behind = fmax(1.75 - distance, 0.9) + hs_rng_range(rng, 0.1, 1.4);
    double wide = hs_rng_range(rng, 1.5, 3), floor = -hs_rng_range(rng, 1.15, 1.45), high = 1.3;
    add(&room, HS_PART_WALL, hs_vec(0, 0, -behind - thick), hs_vec(6, 4, thick), 0);
    for (int side = -1; side <= 1; side += 2)
        add(&room, HS_PART_WALL, hs_vec(side * (wide + thick), 0, 0), hs_vec(thick, 4, 6), 0);
    add(&room, HS_PART_FLOOR, hs_vec(0, floor - thick, 0), hs_vec(6, thick, 6), 0);
    add(&room, HS_PART_WALL, hs_vec(0, high + thick, 0), hs_vec(6, thick, 6), 0);
    int things = 3 + (int)hs_rng_below(rng, 7);
    for (int i = 0; i < things; i++) {
        bool hangs = hs_rng_uniform(rng) < 0.55; /* a picture, else a shelf, door or cupboard */
        hs_vec3 half = hangs ? hs_vec(hs_rng_range(rng, 0.1, 0.45), hs_rng_range(rng, 0.08, 0.4), 0)
                             : hs_vec(hs_rng_range(rng, 0.15, 0.5), hs_rng_range(rng, 0.3, 1), 0);
        half.z = hangs ? 0.012 : hs_rng_range(rng, 0.06, 0.2);
        double x = hs_rng_range(rng, -wide, wide) * 0.9;
        double y = hangs ? hs_rng_range(rng, -0.3, 0.8) : floor + half.y;
        add(&room, HS_PART_FURNITURE, hs_vec(x, y, half.z - behind), half, 0);
    }
    return room;
}

static void add_box(const hs_room_box *box, hs_vec3 origin, const hs_axes *level, hs_mesh *mesh)
{
    hs_axes axes = *level;
    hs_turn(&axes.x, &axes.z, box->turn);
    hs_mesh_box(mesh, box->part, hs_place(origin, level, box->center), &axes, box->half);
}

void hs_room_mesh(const hs_room *room, hs_vec3 origin, const hs_axes *level, hs_mesh *mesh)
{
    for (int i = 0; i < room->count; i++)
        add_box(&room->boxes[i], origin, level, mesh);
    if (room->table)
        add_box(&room->table_box, origin, level, mesh);
}
