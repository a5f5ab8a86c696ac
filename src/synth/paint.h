/* The colours of a recording: gloves as the paper's, people and rooms that do not share them. */
#ifndef HS_SYNTH_PAINT_H
#define HS_SYNTH_PAINT_H

#include "synth/scene.h"

/* Linear reflectance, red green blue. */
typedef struct hs_paint {
    float rgb[3];
} hs_paint;

enum { HS_THINGS = 12 };
typedef struct hs_palette {
    hs_paint glove[HS_SIDES]; /* right pale green, left orange-red; the same in a whole data set */
    hs_paint skin, lip, hair, eye;
    hs_paint shirt, stripe, trousers; /* stripe: the shirt's second colour */
    hs_paint wall, floor, things[HS_THINGS];
    hs_paint probe;
    double stripes[2]; /* across and down: a metre of the shirt has this many; 0 none */
    uint32_t key;      /* of textures */
} hs_palette;

/* Hue in degrees, saturation and value 0 to 1, as a picture's pixel of a well-lit surface has them.
 */
hs_paint hs_paint_hsv(double hue, double saturation, double value);

/* The palette of `subject` in the data set of `seed`; subject 0: of a room without a person. */
hs_palette hs_palette_draw(uint64_t seed, uint32_t subject);

/* The colour of each primitive of a mesh. */
void hs_paint_mesh(const hs_palette *palette, const hs_mesh *mesh, hs_paint *paints);

#endif
