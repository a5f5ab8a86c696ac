/* From shots of the probe, a sphere wrapped in a glove's material, to the ranges of its colours
 * (paper, section on calibration): all pixels inside its circle, over a sparse grid of places in
 * the view, give conservative thresholds of each HSV channel. */
#ifndef HS_GLOVE_PROBE_H
#define HS_GLOVE_PROBE_H

#include "base/status.h"
#include "glove/disc.h"
#include "glove/range.h"

enum { HS_HUES = 180, HS_LEVELS = 256 };

/* The colours of some pixels, counted. Hue says little of a grey pixel and saturation little of a
 * dark one, so each is weighted by what its precision goes with: hue by max - min of the channels,
 * saturation by the value. 740 KB: allocate it. Start with {0}. */
typedef struct hs_colour_cloud {
    int64_t pixels;
    int64_t hue[HS_HUES], saturation[HS_LEVELS], value[HS_LEVELS]; /* weighted as said */
    int32_t hue_saturation[HS_HUES][HS_LEVELS], hue_value[HS_HUES][HS_LEVELS]; /* pixels */
} hs_colour_cloud;

/* Adds n pixels, rgb [n][3]. */
void hs_colour_cloud_add(hs_colour_cloud *cloud, const uint8_t *rgb, size_t n);

/* Adds the pixels within .85 of the radius of a disc: those at the rim are mixed with what is
 * behind. */
void hs_colour_cloud_add_disc(hs_colour_cloud *cloud, const uint8_t *rgb, int width, int height,
                              const hs_disc *disc);

/* How ranges are drawn around a cloud; hs_probe_standard for the values used by default. */
typedef struct hs_probe_rule {
    double kept;     /* share of a channel's weight between its ends: the central .99 */
    int margin[3];   /* added to both ends: hue, saturation, value */
    double shade;    /* light that reaches a fold of a hand, as a share of what a sphere has at
                      * its darkest: the factor of value's lower end */
    int disagree[2]; /* hue, saturation: how far a shot's median may be from that of all */
    int64_t shots;   /* shots that must show the probe */
} hs_probe_rule;
extern const hs_probe_rule hs_probe_standard;

/* The range of a cloud that has pixels: for each channel the quantiles that leave half of 1 - kept
 * on either side, and the margin; hue is cut at the point opposite its circular mean. A hand puts
 * parts of itself in the shade, which a sphere does not: value's lower end is lowered for that. */
hs_glove_range hs_colour_cloud_range(const hs_colour_cloud *cloud, const hs_probe_rule *rule);

/* Medians of a cloud: of hue along the circle, and of saturation. */
typedef struct hs_colour_median {
    int hue, saturation;
} hs_colour_median;
hs_colour_median hs_colour_cloud_median(const hs_colour_cloud *cloud);

/* The distance of two hues along the circle, 0..90. */
int hs_hue_distance(int a, int b);

/* The medians of those of n > 0 shots. */
hs_colour_median hs_probe_common(const hs_colour_median *shots, int n);

/* How far a shot is from the colour of all, in units of what the rule allows: above 1 it shows
 * another material, or in another light. */
double hs_probe_deviation(hs_colour_median shot, hs_colour_median common,
                          const hs_probe_rule *rule);

#endif
