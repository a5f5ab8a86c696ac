#include "glove/rig.h"

#include "glove/brown_conrady.h"
#include <math.h>
#include <stdbool.h>

/* The polynomial, and NaN beyond its first fold, where it no longer says what a lens does. */
static void polynomial(const double k[5], const double from[2], double to[2])
{
    hs_brown_conrady at = hs_brown_conrady_at(k, from[0], from[1]);
    bool folded = !(at.xx * at.yy - at.xy * at.xy > 0);
    to[0] = folded ? (double)NAN : at.x;
    to[1] = folded ? (double)NAN : at.y;
}

/* The point that the polynomial takes to `to`, by Newton's method from the centre of the image,
 * where the polynomial is the identity. A step is halved until it comes nearer and does not leave
 * the part of the plane around the centre that is not folded; NaN where no step does, because then
 * no point of that part goes to `to`. */
static void invert_polynomial(const double k[5], const double to[2], double from[2])
{
    enum { STEPS = 60, HALVINGS = 30 };
    static const double exact = 1e-12;
    double x = 0, y = 0, error = hypot(to[0], to[1]);
    hs_brown_conrady at = hs_brown_conrady_at(k, x, y);
    for (int step = 0; step < STEPS && error > exact; step++) {
        double determinant = at.xx * at.yy - at.xy * at.xy;
        double ex = to[0] - at.x, ey = to[1] - at.y, share = 1;
        double dx = (at.yy * ex - at.xy * ey) / determinant;
        double dy = (at.xx * ey - at.xy * ex) / determinant;
        bool nearer = false;
        for (int i = 0; i < HALVINGS && !nearer; i++, share /= 2) {
            hs_brown_conrady next = hs_brown_conrady_at(k, x + share * dx, y + share * dy);
            double left = hypot(to[0] - next.x, to[1] - next.y);
            nearer = left < error && next.xx * next.yy - next.xy * next.xy > 0;
            if (nearer) {
                x += share * dx;
                y += share * dy;
                at = next;
                error = left;
            }
        }
        if (!nearer)
            break;
    }
    /* The last digits of a large number may keep the error from becoming exact. */
    bool found = error <= 1e-9;
    from[0] = found ? x : (double)NAN;
    from[1] = found ? y : (double)NAN;
}

void hs_lens_ray(const hs_lens *lens, double u, double v, double ray[2])
{
    double point[2] = {(u - lens->cx) / lens->fx, (v - lens->cy) / lens->fy};
    switch (lens->model) {
    case HS_LENS_NONE:
        ray[0] = point[0];
        ray[1] = point[1];
        break;
    case HS_LENS_BROWN_CONRADY:
        invert_polynomial(lens->k, point, ray);
        break;
    case HS_LENS_INVERSE_BROWN_CONRADY:
        polynomial(lens->k, point, ray);
        break;
    }
}

void hs_lens_project(const hs_lens *lens, double x, double y, double point[2])
{
    double ray[2] = {x, y}, plane[2] = {x, y};
    if (lens->model == HS_LENS_BROWN_CONRADY)
        polynomial(lens->k, ray, plane);
    else if (lens->model == HS_LENS_INVERSE_BROWN_CONRADY)
        invert_polynomial(lens->k, ray, plane);
    point[0] = lens->cx + lens->fx * plane[0];
    point[1] = lens->cy + lens->fy * plane[1];
}
