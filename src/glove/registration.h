/* Registration: the colour of every depth pixel.
 *
 * A depth pixel is undistorted, moved to the colour camera and projected; its colour is that of the
 * nearest colour pixel. Nearest, not interpolated: the colours are thresholded afterwards, and a
 * mixture of a glove and what is behind it is a colour that neither has.
 *
 * The two cameras do not see the same surfaces. Every depth pixel is drawn into a depth buffer of
 * the colour camera as a rectangle of its own size there, and it takes a colour only where it lies
 * no further than the nearest surface drawn there plus a tolerance of 5 mm + 1 % of its distance.
 * That much is what one surface, seen at up to about 75 degrees from its normal, spans within a
 * pixel, and above the noise of the sensor; it also means that of two surfaces closer than that
 * (two fingers one on the other) the farther one may take the nearer one's colour, in a seam
 * which, with the baseline of an SR300, is a pixel wide or less. */
#ifndef HS_GLOVE_REGISTRATION_H
#define HS_GLOVE_REGISTRATION_H

#include "base/status.h"
#include "glove/rig.h"
#include <stddef.h>

typedef struct hs_registration hs_registration;

/* Precomputes a ray a pixel. HS_ERR_DATA for a rig that is none: sizes out of 1..32767, focal
 * lengths or depth unit not positive, numbers that are not finite, a rotation that is none to
 * 1e-3. */
hs_status hs_registration_init(const hs_rig *rig, hs_registration **registration);
void hs_registration_free(hs_registration *registration);

/* Bytes that hs_registration_apply needs to work in, one piece a thread. */
size_t hs_registration_scratch(const hs_registration *registration);

/* depth [H][W] in counts, 0 unknown; color [CH][CW][3]; out: registered [H][W][3], 0 where unknown,
 * and known [H][W], 1 or 0. `scratch` is aligned to 4 bytes; its content does not matter. Allocates
 * nothing; safe from any thread with a scratch of its own. Unknown are pixels without depth, those
 * outside the colour image, and those hidden from the colour camera. Works in single precision: a
 * neighbouring colour pixel may be taken where the point falls within 1e-3 pixels of the border
 * between two. 640x480 pixels take under 3 ms on one core; a colour lens with a distortion, which
 * that of an SR300 has not, costs a little more, and with an inverse one several times as much. */
void hs_registration_apply(const hs_registration *registration, const uint16_t *depth,
                           const uint8_t *color, void *scratch, uint8_t *registered,
                           uint8_t *known);

#endif
