#include "data/frame_stats.h"

#include "base/status.h"
#include <stdlib.h>
#include <string.h>

hs_status hs_labels_check(const uint8_t *mask, size_t pixels, int classes, const char *what)
{
    size_t bad = 0;
    int value = 0;
    for (size_t i = 0; i < pixels; i++)
        if (mask[i] >= classes) {
            bad++;
            value = mask[i];
        }
    return bad == 0 ? HS_OK
                    : hs_error(HS_ERR_DATA, "masks hold classes, not grey levels or bones",
                               "%s: got value %d (%zu pixels are no class), expected 0 to %d", what,
                               value, bad, classes - 1);
}

void hs_class_counts_add(hs_class_counts *counts, const uint8_t *mask, size_t pixels)
{
    uint64_t histogram[256] = {0};
    for (size_t i = 0; i < pixels; i++)
        histogram[mask[i]]++;
    for (int c = 0; c < HS_CLASSES_MAX; c++) {
        counts->pixels[c] += histogram[c];
        counts->image_pixels[c] += histogram[c] ? pixels : 0;
    }
}

void hs_class_counts_merge(hs_class_counts *counts, const hs_class_counts *other)
{
    for (int c = 0; c < HS_CLASSES_MAX; c++) {
        counts->pixels[c] += other->pixels[c];
        counts->image_pixels[c] += other->image_pixels[c];
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void hs_median_frequency_weights(const hs_class_counts *counts, int classes, double *weights)
{
    double frequency[HS_CLASSES_MAX], sorted[HS_CLASSES_MAX];
    int n = 0;
    for (int c = 0; c < classes; c++) {
        uint64_t in_images = counts->image_pixels[c];
        frequency[c] = in_images ? (double)counts->pixels[c] / (double)in_images : 0;
        if (in_images)
            sorted[n++] = frequency[c];
    }
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    double median = n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    for (int c = 0; c < classes; c++)
        weights[c] = frequency[c] > 0 ? median / frequency[c] : 0;
}

void hs_mirror_weights(int32_t left, int32_t right, double *weights)
{
    if (weights[left] == 0)
        weights[left] = weights[right];
    if (weights[right] == 0)
        weights[right] = weights[left];
}

/* A multiplication and a fold for each eight bytes; little-endian machines only, as all of ours. */
uint64_t hs_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint64_t prime = 0x9FB21C651E98DF25u;
    const unsigned char *at = bytes;
    hash ^= size * prime;
    while (size > 0) {
        size_t step = size < 8 ? size : 8;
        uint64_t word = 0;
        memcpy(&word, at, step);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 35;
        at += step;
        size -= step;
    }
    return hash;
}

uint64_t hs_frame_hash(const hs_frame_info *info, const uint16_t *depth, const uint8_t *mask,
                       size_t pixels)
{
    int32_t origin[3] = {info->subject, info->number, (int32_t)info->split};
    uint64_t hash = hs_hash_bytes(0, origin, sizeof origin);
    hash = hs_hash_bytes(hash, depth, pixels * sizeof *depth);
    return hs_hash_bytes(hash, mask, pixels);
}
