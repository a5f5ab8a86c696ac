/* The polynomial of Brown and Conrady, on points of the plane at distance 1, as librealsense has
 * it. Inline because the registration runs it once a pixel. */
#ifndef HS_GLOVE_BROWN_CONRADY_H
#define HS_GLOVE_BROWN_CONRADY_H

/* Where the polynomial takes (x, y), and its derivative, which is symmetric. */
typedef struct hs_brown_conrady {
    double x, y, xx, xy, yy;
} hs_brown_conrady;

/* k: k1 k2 p1 p2 k3. */
static inline hs_brown_conrady hs_brown_conrady_at(const double k[5], double x, double y)
{
    double p1 = k[2], p2 = k[3], r2 = x * x + y * y;
    double radial = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]));
    double slope = k[0] + r2 * (2 * k[1] + r2 * 3 * k[4]); /* of radial, by r2 */
    return (hs_brown_conrady){
        .x = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        .y = y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y),
        .xx = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x,
        .xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y,
        .yy = radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x,
    };
}

#endif
