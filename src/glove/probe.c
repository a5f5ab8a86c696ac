#include "glove/probe.h"

#include "base/memory.h"
#include "image/hsv.h"
#include <math.h>
#include <stdlib.h>

/* The margins: hue of 8-bit colours is good to a step or two at the saturations gloves have;
 * exposure and shade differ between the shots and the recording by some percent. */
const hs_probe_rule hs_probe_standard = {
    .kept = 0.99, .margin = {3, 15, 20}, .shade = 0.5, .disagree = {8, 60}, .shots = 5};

/* Of the radius. */
static const double inside = 0.85;

/* ---- gathering ---- */

static void add_pixel(hs_colour_cloud *cloud, uint8_t hue, uint8_t saturation, uint8_t value)
{
    cloud->pixels++;
    cloud->hue[hue] += saturation * value; /* 255 times max - min */
    cloud->saturation[saturation] += value;
    cloud->value[value]++;
    cloud->hue_saturation[hue][saturation]++;
    cloud->hue_value[hue][value]++;
}

void hs_colour_cloud_add(hs_colour_cloud *cloud, const uint8_t *rgb, size_t n)
{
    enum { BLOCK = 256 };
    uint8_t hue[BLOCK], saturation[BLOCK], value[BLOCK];
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        hs_rgb_to_hsv(rgb + 3 * first, count, hue, saturation, value);
        for (size_t i = 0; i < count; i++)
            add_pixel(cloud, hue[i], saturation[i], value[i]);
    }
}

void hs_colour_cloud_add_disc(hs_colour_cloud *cloud, const uint8_t *rgb, int width, int height,
                              const hs_disc *disc)
{
    double radius = inside * disc->radius;
    for (int y = 0; y < height; y++) {
        double dy = y - disc->y, half = radius * radius - dy * dy;
        if (half < 0)
            continue;
        double first = fmax(0, ceil(disc->x - sqrt(half)));
        double last = fmin(width - 1, floor(disc->x + sqrt(half)));
        if (first <= last)
            hs_colour_cloud_add(cloud, rgb + 3 * ((size_t)y * (size_t)width + (size_t)first),
                                (size_t)(last - first) + 1);
    }
}

/* ---- quantiles ---- */

/* The least i below which, itself included, lies at least `share` of the weight. */
static int quantile(const int64_t *weights, int n, double share)
{
    int64_t total = 0, below = 0;
    for (int i = 0; i < n; i++)
        total += weights[i];
    for (int i = 0; i < n; i++) {
        below += weights[i];
        if ((double)below >= share * (double)total)
            return i;
    }
    return n - 1;
}

/* The hues unrolled: `unrolled[i]` is the weight of hue (first + i) mod 180, where `first` is
 * opposite the circular mean. */
static int unroll(const int64_t hue[HS_HUES], int64_t unrolled[HS_HUES])
{
    double x = 0, y = 0;
    for (int h = 0; h < HS_HUES; h++) {
        x += (double)hue[h] * cos(h * 2 * M_PI / HS_HUES);
        y += (double)hue[h] * sin(h * 2 * M_PI / HS_HUES);
    }
    int mean = (int)lround(atan2(y, x) / (2 * M_PI) * HS_HUES);
    int first = (mean + HS_HUES + HS_HUES / 2) % HS_HUES;
    for (int i = 0; i < HS_HUES; i++)
        unrolled[i] = hue[(first + i) % HS_HUES];
    return first;
}

static void level_range(const int64_t weights[HS_LEVELS], const hs_probe_rule *rule, int margin,
                        uint8_t range[2])
{
    int low = quantile(weights, HS_LEVELS, (1 - rule->kept) / 2) - margin;
    int high = quantile(weights, HS_LEVELS, (1 + rule->kept) / 2) + margin;
    range[0] = (uint8_t)(low < 0 ? 0 : low);
    range[1] = (uint8_t)(high > 255 ? 255 : high);
}

hs_glove_range hs_colour_cloud_range(const hs_colour_cloud *cloud, const hs_probe_rule *rule)
{
    hs_glove_range range;
    int64_t unrolled[HS_HUES];
    int first = unroll(cloud->hue, unrolled);
    int low = quantile(unrolled, HS_HUES, (1 - rule->kept) / 2) - rule->margin[0];
    int high = quantile(unrolled, HS_HUES, (1 + rule->kept) / 2) + rule->margin[0];
    bool all = high - low >= HS_HUES - 1; /* a cloud of every hue */
    range.hue[0] = (uint8_t)(all ? 0 : (first + low + HS_HUES) % HS_HUES);
    range.hue[1] = (uint8_t)(all ? HS_HUES - 1 : (first + high) % HS_HUES);
    level_range(cloud->saturation, rule, rule->margin[1], range.saturation);
    level_range(cloud->value, rule, rule->margin[2], range.value);
    range.value[0] = (uint8_t)(rule->shade * range.value[0]);
    return range;
}

hs_colour_median hs_colour_cloud_median(const hs_colour_cloud *cloud)
{
    int64_t unrolled[HS_HUES];
    int first = unroll(cloud->hue, unrolled);
    return (hs_colour_median){(first + quantile(unrolled, HS_HUES, 0.5)) % HS_HUES,
                              quantile(cloud->saturation, HS_LEVELS, 0.5)};
}

/* ---- shots among each other ---- */

int hs_hue_distance(int a, int b)
{
    int d = abs(a - b) % HS_HUES;
    return d <= HS_HUES / 2 ? d : HS_HUES - d;
}

hs_colour_median hs_probe_common(const hs_colour_median *shots, int n)
{
    int64_t hues[HS_HUES] = {0}, unrolled[HS_HUES], saturations[HS_LEVELS] = {0};
    for (int i = 0; i < n; i++) {
        hues[shots[i].hue]++;
        saturations[shots[i].saturation]++;
    }
    int first = unroll(hues, unrolled);
    return (hs_colour_median){(first + quantile(unrolled, HS_HUES, 0.5)) % HS_HUES,
                              quantile(saturations, HS_LEVELS, 0.5)};
}

double hs_probe_deviation(hs_colour_median shot, hs_colour_median common, const hs_probe_rule *rule)
{
    double hue = (double)hs_hue_distance(shot.hue, common.hue) / rule->disagree[0];
    double saturation = fabs((double)shot.saturation - common.saturation) / rule->disagree[1];
    return fmax(hue, saturation);
}
