#include "recording/bag_messages.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- bytes ------------------------------------------------------------------------------------
 */

/* Reading on through a message; `good` ends at the first read beyond its end. */
typedef struct cursor {
    const uint8_t *bytes;
    size_t size, at;
    bool good;
} cursor;

static const uint8_t *take(cursor *c, size_t size)
{
    c->good = c->good && size <= c->size - c->at;
    if (!c->good)
        return NULL;
    const uint8_t *bytes = c->bytes + c->at;
    c->at += size;
    return bytes;
}

static uint64_t take_number(cursor *c, size_t size)
{
    const uint8_t *bytes = take(c, size);
    uint64_t value = 0;
    for (size_t i = size; bytes && i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static double take_double(cursor *c)
{
    uint64_t bits = take_number(c, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A text: its length in *length; may be NULL where that is 0. */
static const char *take_text(cursor *c, size_t *length)
{
    *length = (size_t)take_number(c, 4);
    return (const char *)take(c, *length);
}

/* std_msgs/Header: the stamp in nanoseconds. */
static int64_t take_header(cursor *c)
{
    size_t length;
    take_number(c, 4);
    int64_t seconds = (int64_t)take_number(c, 4), nanoseconds = (int64_t)take_number(c, 4);
    take_text(c, &length);
    return seconds * 1000000000 + nanoseconds;
}

static bool is_text(const char *text, size_t length, const char *expected)
{
    return text && strlen(expected) == length && memcmp(text, expected, length) == 0;
}

float hs_bag_float(const uint8_t bytes[4])
{
    cursor c = {bytes, 4, 0, true};
    uint32_t bits = (uint32_t)take_number(&c, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- images -----------------------------------------------------------------------------------
 */

enum { SIDE_LIMIT = 32767, UNIT_BYTES = 4 };

static const hs_bag_encoding encodings[] = {
    {"mono16", 2, 0, 0, 0}, {"rgb8", 3, 0, 1, 2},  {"bgr8", 3, 2, 1, 0},
    {"rgba8", 4, 0, 1, 2},  {"bgra8", 4, 2, 1, 0},
};

static const hs_bag_encoding *find_encoding(const char *name, size_t length, int depth)
{
    size_t first = depth ? 0 : 1, end = depth ? 1 : sizeof encodings / sizeof *encodings;
    for (size_t i = first; i < end; i++)
        if (is_text(name, length, encodings[i].name))
            return &encodings[i];
    return NULL;
}

hs_status hs_bag_image_decode(const uint8_t *bytes, size_t size, size_t whole, int depth,
                              hs_bag_image *image)
{
    cursor c = {bytes, size, 0, true};
    size_t length;
    *image = (hs_bag_image){.stamp = take_header(&c)};
    uint64_t height = take_number(&c, 4), width = take_number(&c, 4);
    const char *name = take_text(&c, &length);
    bool big_endian = take_number(&c, 1) != 0;
    uint64_t step = take_number(&c, 4), data = take_number(&c, 4);
    if (!c.good)
        return hs_error(HS_ERR_FORMAT, NULL, "an image without its header");
    image->encoding = find_encoding(name, length, depth);
    if (!image->encoding || big_endian)
        return hs_error(HS_ERR_FORMAT, NULL, "got pixels '%.*s'%s, expected %s",
                        length < 32 ? (int)length : 32, name ? name : "",
                        big_endian ? ", high byte first" : "",
                        depth ? "mono16" : "rgb8, bgr8, rgba8 or bgra8");
    bool fits = width >= 1 && height >= 1 && width <= SIDE_LIMIT && height <= SIDE_LIMIT &&
                step >= width * (uint64_t)image->encoding->bytes && data == step * height &&
                data <= whole - c.at;
    size_t after = fits ? whole - c.at - (size_t)data : 0;
    if (!fits || (after != 0 && after != UNIT_BYTES))
        return hs_error(HS_ERR_FORMAT, NULL,
                        "got an image of %llux%llu in rows of %llu bytes, %llu bytes of %llu left",
                        (unsigned long long)width, (unsigned long long)height,
                        (unsigned long long)step, (unsigned long long)data,
                        (unsigned long long)(whole - c.at));
    image->width = (int32_t)width;
    image->height = (int32_t)height;
    image->step = (size_t)step;
    image->pixels = c.at;
    image->unit = after ? c.at + (size_t)data : 0;
    return HS_OK;
}

/* ---- lenses -----------------------------------------------------------------------------------
 */

/* rs2_distortion_to_string's names. The polynomial of the modified model is another one. */
static const struct {
    const char *name;
    hs_lens_model model;
    bool supported;
} lens_models[] = {
    {"None", HS_LENS_NONE, true},
    {"Brown Conrady", HS_LENS_BROWN_CONRADY, true},
    {"Inverse Brown Conrady", HS_LENS_INVERSE_BROWN_CONRADY, true},
    {"Modified Brown Conrady", HS_LENS_NONE, false},
    {"Ftheta", HS_LENS_NONE, false},
    {"Kannala Brandt4", HS_LENS_NONE, false},
};

static hs_status set_model(const char *name, size_t length, hs_lens *lens)
{
    bool bent = false;
    for (int i = 0; i < 5; i++)
        bent = bent || lens->k[i] != 0;
    for (size_t i = 0; i < sizeof lens_models / sizeof *lens_models; i++)
        if (is_text(name, length, lens_models[i].name) && (lens_models[i].supported || !bent)) {
            lens->model = bent ? lens_models[i].model : HS_LENS_NONE;
            return HS_OK;
        }
    return hs_error(HS_ERR_DATA, "record with a camera whose images are undistorted, or rectified",
                    "got the distortion '%.*s', expected None, Brown Conrady or Inverse Brown "
                    "Conrady",
                    length < 64 ? (int)length : 64, name ? name : "");
}

hs_status hs_bag_lens_decode(const uint8_t *bytes, size_t size, hs_lens *lens)
{
    cursor c = {bytes, size, 0, true};
    size_t length;
    take_header(&c);
    uint64_t height = take_number(&c, 4), width = take_number(&c, 4);
    const char *name = take_text(&c, &length);
    uint64_t count = take_number(&c, 4);
    *lens = (hs_lens){0};
    bool good = c.good && count <= 5 && width >= 1 && height >= 1 && width <= SIDE_LIMIT &&
                height <= SIDE_LIMIT;
    for (uint64_t i = 0; good && i < count; i++)
        lens->k[i] = take_double(&c);
    double k[9];
    for (int i = 0; i < 9; i++)
        k[i] = take_double(&c);
    lens->width = (int32_t)(good ? width : 0);
    lens->height = (int32_t)(good ? height : 0);
    lens->fx = k[0];
    lens->cx = k[2];
    lens->fy = k[4];
    lens->cy = k[5];
    const double values[] = {k[2],       k[5],       lens->k[0], lens->k[1],
                             lens->k[2], lens->k[3], lens->k[4]};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        good = good && isfinite(values[i]);
    if (!good || !c.good || !(k[0] > 0 && k[0] < 1e6) || !(k[4] > 0 && k[4] < 1e6))
        return hs_error(HS_ERR_FORMAT, NULL, "got a camera_info of no camera");
    return set_model(name, length, lens);
}

/* ---- places of the cameras --------------------------------------------------------------------
 */

hs_status hs_bag_transform_decode(const uint8_t *bytes, size_t size, hs_bag_transform *transform)
{
    cursor c = {bytes, size, 0, true};
    double v[7], square = 0;
    for (int i = 0; i < 7; i++) {
        v[i] = take_double(&c);
        square += i < 3 ? 0 : v[i] * v[i];
        c.good = c.good && isfinite(v[i]);
    }
    if (!c.good || !(fabs(square - 1) < 1e-2))
        return hs_error(HS_ERR_FORMAT, NULL, "got a transform that is no rigid motion");
    memcpy(transform->translation, v, 3 * sizeof *v);
    double n = 1 / sqrt(square), x = v[3] * n, y = v[4] * n, z = v[5] * n, w = v[6] * n;
    const double rotation[9] = {
        1 - 2 * (y * y + z * z), 2 * (x * y - z * w),     2 * (x * z + y * w),
        2 * (x * y + z * w),     1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
        2 * (x * z - y * w),     2 * (y * z + x * w),     1 - 2 * (x * x + y * y),
    };
    memcpy(transform->rotation, rotation, sizeof rotation);
    return HS_OK;
}

void hs_bag_transform_between(const hs_bag_transform *from, const hs_bag_transform *to,
                              double rotation[9], double translation[3])
{
    /* p_to = B (A^T (p_from - a)) + b */
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            rotation[3 * i + j] = 0;
            for (int l = 0; l < 3; l++)
                rotation[3 * i + j] += to->rotation[3 * i + l] * from->rotation[3 * j + l];
        }
        translation[i] = to->translation[i];
        for (int j = 0; j < 3; j++)
            translation[i] -= rotation[3 * i + j] * from->translation[j];
    }
}
