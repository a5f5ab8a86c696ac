/* The colour sensor: radiance -> 8-bit picture. */
#ifndef HS_SYNTH_FILM_H
#define HS_SYNTH_FILM_H

#include <stdint.h>

/* rgb: three planes [H][W] of linear radiance, overwritten; noise [H][W] is scratch; picture
 * [H][W][3]. `gain` multiplies the light; vignetting, noise, the blur of lens and demosaicing, and
 * gamma follow. */
void hs_film_expose(int width, int height, double gain, uint32_t key, float *const rgb[3],
                    float *noise, uint8_t *picture);

#endif
