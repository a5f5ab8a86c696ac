/* The messages of librealsense's bags that a recording needs, decoded. Their texts of errors say
 * what is wrong with the message; who calls adds where it is. */
#ifndef HS_RECORDING_BAG_MESSAGES_H
#define HS_RECORDING_BAG_MESSAGES_H

#include "base/status.h"
#include "glove/rig.h"
#include <stddef.h>
#include <stdint.h>

/* Pixels of a sensor_msgs/Image. */
typedef struct hs_bag_encoding {
    const char *name;
    int bytes;            /* a pixel */
    int red, green, blue; /* their places in a pixel; depth has none: all 0 */
} hs_bag_encoding;

typedef struct hs_bag_image {
    int64_t stamp; /* nanoseconds, of the camera's clock */
    int32_t width, height;
    const hs_bag_encoding *encoding;
    size_t step;   /* bytes from row to row */
    size_t pixels; /* where they begin in the message */
    size_t unit;   /* where the unit of depth stands, a float32 in metres; 0: it does not */
} hs_bag_image;

/* Decodes what stands before the pixels from the first `size` bytes of a message of `whole` bytes,
 * and checks that the pixels are all there. Accepts the message with and without the 4 bytes that
 * librealsense appends since 2.49. Rows are told depth from colour by `depth`: mono16, or rgb8,
 * bgr8, rgba8 and bgra8. HS_ERR_FORMAT. */
hs_status hs_bag_image_decode(const uint8_t *bytes, size_t size, size_t whole, int depth,
                              hs_bag_image *image);

/* sensor_msgs/CameraInfo: K, D and the size. HS_ERR_FORMAT for a broken one, HS_ERR_DATA for a
 * model of distortion that is not supported. */
hs_status hs_bag_lens_decode(const uint8_t *bytes, size_t size, hs_lens *lens);

/* A point of the reference frame is rotation * p + translation in the stream's. */
typedef struct hs_bag_transform {
    double rotation[9]; /* row-major */
    double translation[3];
} hs_bag_transform;

/* geometry_msgs/Transform. HS_ERR_FORMAT. */
hs_status hs_bag_transform_decode(const uint8_t *bytes, size_t size, hs_bag_transform *transform);

/* from -> to of two streams that know their common reference. */
void hs_bag_transform_between(const hs_bag_transform *from, const hs_bag_transform *to,
                              double rotation[9], double translation[3]);

/* A float32, as in std_msgs/Float32. */
float hs_bag_float(const uint8_t bytes[4]);

#endif
