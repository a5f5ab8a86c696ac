/* The median of 16-bit numbers. */
#ifndef HS_IMAGE_MEDIAN_H
#define HS_IMAGE_MEDIAN_H

#include <stddef.h>
#include <stdint.h>

/* The lower median: the number at place (n - 1) / 2 of the n in order, always one of them. 0 where
 * there are none. */
uint16_t hs_median_u16(const uint16_t *values, size_t n);

#endif
