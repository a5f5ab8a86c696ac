/* Recordings painted by a function, small and with both cameras in one place. */
#ifndef HS_TESTS_FILM_H
#define HS_TESTS_FILM_H

#include <stdint.h>

enum { HS_FILM_WIDTH = 160, HS_FILM_HEIGHT = 120 };

/* One pixel of frame `number`; what is not set is 0: black, no depth. Depth in millimetres. */
typedef void hs_film_paint(int number, int x, int y, uint8_t rgb[3], uint16_t *depth);

/* Makes the recording `name` in the test's folder: `frames` frames of both streams, 0.1 s apart,
 * the colour 2 ms after the depth; frame `uncolored` (-1: none) has no colour. Returns its path: a
 * static string, see hs_test_path. */
const char *hs_test_film(const char *name, int subject, int frames, int uncolored,
                         hs_film_paint *paint);

#endif
