#include "synth/paint.h"

#include <stddef.h>

/* Ranges of colours: hue in degrees, saturation, value. */
typedef struct swatch {
    double weight;
    double hue[2], saturation[2], value[2];
} swatch;

/* None of these is a glove's: pale greens are out, and so are strong oranges and reds that are not
 * dark. */
static const swatch cloths[] = {
    {3.0, {200, 260}, {0.00, 0.06}, {0.16, 0.92}}, /* white, grey, black */
    {3.0, {205, 250}, {0.30, 0.85}, {0.22, 0.85}}, /* blue */
    {1.0, {182, 200}, {0.25, 0.70}, {0.30, 0.80}}, /* petrol */
    {1.0, {260, 310}, {0.15, 0.55}, {0.30, 0.80}}, /* violet */
    {0.7, {316, 336}, {0.15, 0.50}, {0.40, 0.90}}, /* pink */
    {0.6, {344, 354}, {0.45, 0.70}, {0.20, 0.33}}, /* wine */
    {1.0, {28, 36}, {0.10, 0.28}, {0.50, 0.90}},   /* beige */
    {0.7, {20, 30}, {0.25, 0.45}, {0.16, 0.45}},   /* brown */
};

static const swatch walls[] = {
    {3.0, {200, 250}, {0.00, 0.05}, {0.62, 0.92}}, /* white */
    {1.0, {28, 36}, {0.05, 0.18}, {0.65, 0.90}},   /* cream */
    {1.0, {200, 225}, {0.06, 0.25}, {0.60, 0.88}}, /* pale blue */
    {0.5, {320, 340}, {0.04, 0.12}, {0.65, 0.88}}, /* pale pink */
    {0.7, {210, 240}, {0.00, 0.05}, {0.35, 0.60}}, /* grey */
};

static const swatch woods[] = {
    {1.0, {22, 32}, {0.25, 0.45}, {0.30, 0.75}},   /* wood */
    {1.0, {200, 240}, {0.00, 0.08}, {0.10, 0.90}}, /* metal, plastic */
};

static const swatch skins[] = {
    {2.0, {16, 24}, {0.22, 0.36}, {0.72, 0.90}},
    {1.5, {18, 26}, {0.32, 0.44}, {0.56, 0.74}},
    {1.0, {18, 26}, {0.36, 0.50}, {0.30, 0.50}},
};

static const swatch hairs[] = {
    {2.0, {20, 30}, {0.20, 0.45}, {0.08, 0.22}},   /* black, dark brown */
    {1.0, {22, 30}, {0.35, 0.50}, {0.24, 0.40}},   /* brown */
    {0.5, {34, 42}, {0.25, 0.42}, {0.50, 0.70}},   /* fair */
    {0.4, {220, 240}, {0.00, 0.05}, {0.40, 0.70}}, /* grey */
};

static const swatch gloves[HS_SIDES] = {
    [HS_RIGHT] = {1, {88, 104}, {0.40, 0.50}, {0.82, 0.88}},
    [HS_LEFT] = {1, {15, 20}, {0.80, 0.87}, {0.88, 0.94}},
};

hs_paint hs_paint_hsv(double hue, double saturation, double value)
{
    hs_paint paint;
    for (int c = 0; c < 3; c++) {
        /* How far the hue is from the colour's own, in sixths of the circle. */
        double at = fabs(fmod(hue / 60 - 2 * c + 9, 6) - 3);
        double level = value * (1 - saturation * hs_clamp(at - 1, 0, 1));
        paint.rgb[c] = (float)pow(level, 2.2);
    }
    return paint;
}

static hs_paint draw_swatch(const swatch *s, hs_rng *rng)
{
    double hue = hs_rng_range(rng, s->hue[0], s->hue[1]);
    double saturation = hs_rng_range(rng, s->saturation[0], s->saturation[1]);
    return hs_paint_hsv(hue, saturation, hs_rng_range(rng, s->value[0], s->value[1]));
}

static hs_paint draw(const swatch *swatches, size_t n, hs_rng *rng)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += swatches[i].weight;
    double at = hs_rng_range(rng, 0, total);
    while (n > 1 && at >= swatches->weight)
        at -= swatches->weight, swatches++, n--;
    return draw_swatch(swatches, rng);
}

#define DRAW(table, rng) draw(table, sizeof(table) / sizeof *(table), rng)

static hs_paint scaled(hs_paint paint, float by)
{
    for (int c = 0; c < 3; c++)
        paint.rgb[c] *= by;
    return paint;
}

static void draw_shirt(hs_palette *p, hs_rng *rng)
{
    p->shirt = DRAW(cloths, rng);
    p->stripe = scaled(p->shirt, (float)hs_rng_range(rng, 0.45, 0.75));
    double kind = hs_rng_uniform(rng), size = hs_rng_range(rng, 12, 45);
    p->stripes[0] = kind < 0.25 ? size : 0;
    p->stripes[1] = kind > 0.15 && kind < 0.4 ? size : 0;
}

hs_palette hs_palette_draw(uint64_t seed, uint32_t subject)
{
    hs_palette p;
    hs_rng shared = hs_rng_make(seed, 0, 0, HS_PURPOSE_SYNTH_COLOR);
    for (int s = 0; s < HS_SIDES; s++)
        p.glove[s] = draw_swatch(&gloves[s], &shared);
    hs_rng rng = hs_rng_make(seed, subject, 1, HS_PURPOSE_SYNTH_COLOR);
    p.key = hs_rng_u32(&rng);
    p.skin = DRAW(skins, &rng);
    p.lip = p.skin;
    p.lip.rgb[1] *= 0.62f, p.lip.rgb[2] *= 0.72f;
    p.hair = DRAW(hairs, &rng);
    p.eye = hs_paint_hsv(25, 0.3, hs_rng_range(&rng, 0.1, 0.25));
    draw_shirt(&p, &rng);
    p.trousers = DRAW(cloths, &rng);
    p.wall = DRAW(walls, &rng);
    p.floor = hs_rng_uniform(&rng) < 0.5 ? DRAW(woods, &rng) : DRAW(walls, &rng);
    for (int i = 0; i < HS_THINGS; i++)
        p.things[i] = hs_rng_uniform(&rng) < 0.5 ? DRAW(woods, &rng) : DRAW(cloths, &rng);
    p.probe = p.glove[HS_RIGHT];
    return p;
}

void hs_paint_mesh(const hs_palette *palette, const hs_mesh *mesh, hs_paint *paints)
{
    const hs_paint black = {{0.02f, 0.02f, 0.02f}};
    const hs_paint *table[HS_PARTS] = {
        [HS_PART_NOTHING] = &black,         [HS_PART_FOREARM] = &palette->skin,
        [HS_PART_SLEEVE] = &palette->shirt, [HS_PART_UPPER_ARM] = &palette->skin,
        [HS_PART_TORSO] = &palette->shirt,  [HS_PART_NECK] = &palette->skin,
        [HS_PART_FACE] = &palette->skin,    [HS_PART_HAIR] = &palette->hair,
        [HS_PART_LEG] = &palette->trousers, [HS_PART_WALL] = &palette->wall,
        [HS_PART_EYE] = &palette->eye,      [HS_PART_BROW] = &palette->hair,
        [HS_PART_LIP] = &palette->lip,      [HS_PART_FLOOR] = &palette->floor,
        [HS_PART_PROBE] = &palette->probe,  [HS_PART_STICK] = &black,
    };
    int things = 0;
    for (int i = 0; i < mesh->count; i++) {
        uint8_t part = mesh->items[i].part, label = hs_part_label(part);
        if (label)
            paints[i] = palette->glove[label == 2 ? HS_LEFT : HS_RIGHT];
        else if (part == HS_PART_FURNITURE)
            paints[i] = palette->things[things++ % HS_THINGS];
        else
            paints[i] = *table[part % HS_PART_LEFT];
    }
}
