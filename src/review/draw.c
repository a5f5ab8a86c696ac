#include "review/draw.h"

#include "base/memory.h"
#include "io/png.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- frames ---- */

hs_status hs_review_frame_read(hs_review_frame *frame, const char *depth, const char *mask,
                               const char *rgb)
{
    int width, height, rgb_width = 0, rgb_height = 0;
    hs_status status;
    *frame = (hs_review_frame){0};
    HS_TRY(hs_png_read_u16(depth, &frame->depth, &frame->width, &frame->height));
    HS_TRY(hs_png_read_u8(mask, &frame->mask, &width, &height));
    if (width != frame->width || height != frame->height)
        HS_TRY(hs_error(HS_ERR_DATA, NULL, "%s: got %dx%d, expected %dx%d like the depth", mask,
                        width, height, frame->width, frame->height));
    if (!rgb || access(rgb, F_OK) != 0)
        return HS_OK;
    HS_TRY(hs_png_read_rgb(rgb, &frame->rgb, &rgb_width, &rgb_height));
    if (rgb_width != width || rgb_height != height)
        HS_TRY(hs_error(HS_ERR_DATA, NULL, "%s: got %dx%d, expected %dx%d like the depth", rgb,
                        rgb_width, rgb_height, width, height));
exit:
    return status;
}

void hs_review_frame_free(hs_review_frame *frame)
{
    free(frame->depth);
    free(frame->mask);
    free(frame->rgb);
    *frame = (hs_review_frame){0};
}

/* ---- depth in false colour ---- */

enum { BINS = 4096, BIN = 65536 / BINS, RAMP = 256 };

/* From near to far; green and orange are left to the outlines. */
static const uint8_t anchors[][3] = {{250, 250, 240}, {178, 221, 246}, {104, 170, 236},
                                     {74, 112, 204},  {72, 68, 158},   {58, 40, 104},
                                     {36, 22, 58}};
enum { ANCHORS = sizeof anchors / sizeof *anchors };
static const hs_colour missing = {{9, 9, 11}};

static void make_ramp(uint8_t ramp[RAMP][3])
{
    for (int i = 0; i < RAMP; i++) {
        float at = (float)i / (RAMP - 1) * (ANCHORS - 1);
        int a = (int)at < ANCHORS - 2 ? (int)at : ANCHORS - 2;
        for (int c = 0; c < 3; c++)
            ramp[i][c] = (uint8_t)((float)anchors[a][c] +
                                   (at - (float)a) * (float)(anchors[a + 1][c] - anchors[a][c]));
    }
}

/* Depths below and above which lie the nearest and the furthest fiftieth. */
static void find_range(const hs_review_frame *frame, int *near, int *far)
{
    uint32_t histogram[BINS] = {0}, count = 0, below = 0;
    int64_t pixels = (int64_t)frame->width * frame->height;
    for (int64_t i = 0; i < pixels; i += 3)
        histogram[frame->depth[i] / BIN] += frame->depth[i] > 0;
    for (int b = 0; b < BINS; b++)
        count += histogram[b];
    int low = 0, high = BINS - 1;
    for (below = histogram[low]; low < high && below <= count / 50; below += histogram[low])
        low++;
    for (below = histogram[high]; high > low && below <= count / 50; below += histogram[high])
        high--;
    *near = low * BIN;
    *far = (high + 1) * BIN;
}

/* Brightness of a surface lit from above and the left, 256 where it faces the camera. */
static int shade(const hs_review_frame *frame, int x, int y, int step)
{
    const uint16_t *at = frame->depth + (int64_t)y * frame->width + x;
    int left = x >= step ? at[-step] : 0, above = y >= step ? at[-(int64_t)step * frame->width] : 0;
    int d = *at, jump = d / 24, pixel = 1 + d * step / (frame->width * 3 / 4);
    int slope = 0;
    if (left && abs(left - d) < jump)
        slope += left - d;
    if (above && abs(above - d) < jump)
        slope += above - d;
    int light = 232 + 60 * slope / pixel;
    return light < 120 ? 120 : light > 300 ? 300 : light;
}

static void draw_depth(const hs_review_frame *frame, hs_picture *out)
{
    uint8_t ramp[RAMP][3];
    int near, far, step = frame->width / out->width > 4 ? frame->width / out->width : 4;
    make_ramp(ramp);
    find_range(frame, &near, &far);
    for (int v = 0; v < out->height; v++)
        for (int u = 0; u < out->width; u++) {
            int x = (2 * u + 1) * frame->width / (2 * out->width);
            int y = (2 * v + 1) * frame->height / (2 * out->height);
            int d = frame->depth[(int64_t)y * frame->width + x];
            uint8_t *rgb = out->rgb + 3 * ((int64_t)v * out->width + u);
            memcpy(rgb, missing.rgb, 3);
            if (!d)
                continue;
            int t = (d - near) * (RAMP - 1) / (far - near);
            const uint8_t *colour = ramp[t < 0 ? 0 : t >= RAMP ? RAMP - 1 : t];
            int light = shade(frame, x, y, step);
            for (int c = 0; c < 3; c++)
                rgb[c] = (uint8_t)(colour[c] * light / 256 > 255 ? 255 : colour[c] * light / 256);
        }
}

/* ---- the colour image ---- */

/* Each pixel is the mean of those below it. */
static void draw_colour(const hs_review_frame *frame, hs_picture *out)
{
    for (int v = 0; v < out->height; v++)
        for (int u = 0; u < out->width; u++) {
            int x0 = u * frame->width / out->width, x1 = (u + 1) * frame->width / out->width;
            int y0 = v * frame->height / out->height, y1 = (v + 1) * frame->height / out->height;
            x1 = x1 > x0 ? x1 : x0 + 1;
            y1 = y1 > y0 ? y1 : y0 + 1;
            int sum[3] = {0}, n = (x1 - x0) * (y1 - y0);
            for (int y = y0; y < y1; y++)
                for (int x = x0; x < x1; x++)
                    for (int c = 0; c < 3; c++)
                        sum[c] += frame->rgb[3 * ((int64_t)y * frame->width + x) + c];
            for (int c = 0; c < 3; c++)
                out->rgb[3 * ((int64_t)v * out->width + u) + c] = (uint8_t)(sum[c] / n);
        }
}

/* ---- outlines ---- */

static const hs_colour outlines[] = {{{64, 255, 92}}, {{255, 122, 26}}, {{255, 64, 255}}};
enum { OUTLINES = sizeof outlines / sizeof *outlines };

/* The label of each pixel of a picture of this size: that of any hand below it. */
static void reduce_labels(const hs_review_frame *frame, int width, int height, uint8_t *labels)
{
    memset(labels, 0, (size_t)width * (size_t)height);
    for (int y = 0; y < frame->height; y++) {
        const uint8_t *row = frame->mask + (int64_t)y * frame->width;
        int64_t v = (int64_t)y * height / frame->height;
        for (int x = 0; x < frame->width; x++)
            if (row[x])
                labels[v * width + (int64_t)x * width / frame->width] = row[x];
    }
}

/* A line in the label's colour just outside of it. */
static void draw_outlines(const hs_review_frame *frame, uint8_t *labels, hs_picture *out)
{
    int width = out->width, height = out->height;
    /* A larger picture has several pixels for each of the mask's, of which only one was set. */
    if (width > frame->width || height > frame->height)
        for (int v = 0; v < height; v++)
            for (int u = 0; u < width; u++)
                labels[(int64_t)v * width + u] =
                    frame->mask[(int64_t)v * frame->height / height * frame->width +
                                (int64_t)u * frame->width / width];
    for (int v = 0; v < height; v++)
        for (int u = 0; u < width; u++) {
            uint8_t found = 0;
            for (int y = v > 0 ? v - 1 : 0; y <= v + 1 && y < height; y++)
                for (int x = u > 0 ? u - 1 : 0; x <= u + 1 && x < width; x++)
                    found = labels[(int64_t)y * width + x] > found ? labels[(int64_t)y * width + x]
                                                                   : found;
            if (found && labels[(int64_t)v * width + u] != found)
                memcpy(out->rgb + 3 * ((int64_t)v * width + u),
                       outlines[(found - 1) % OUTLINES].rgb, 3);
        }
}

void hs_review_draw(const hs_review_frame *frame, hs_review_view view, bool outline,
                    hs_picture *out)
{
    size_t pixels = (size_t)out->width * (size_t)out->height;
    if (view == HS_VIEW_DEPTH)
        draw_depth(frame, out);
    else if (frame->rgb)
        draw_colour(frame, out);
    else
        memset(out->rgb, missing.rgb[0], 3 * pixels);
    uint8_t *labels = outline ? malloc(pixels) : NULL;
    if (!labels)
        return;
    reduce_labels(frame, out->width, out->height, labels);
    draw_outlines(frame, labels, out);
    free(labels);
}

/* ---- BMP ---- */

static void put_u32(unsigned char *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
}

hs_status hs_picture_bmp(const hs_picture *picture, unsigned char **bytes, size_t *size)
{
    enum { HEADER = 54 };
    size_t row = ((size_t)picture->width * 3 + 3) / 4 * 4;
    void *memory;
    *size = HEADER + row * (size_t)picture->height;
    hs_status status = hs_allocate(*size, "picture", &memory);
    *bytes = memory;
    if (status != HS_OK)
        return status;
    unsigned char *b = memory;
    b[0] = 'B', b[1] = 'M';
    put_u32(b + 2, (uint32_t)*size);
    put_u32(b + 10, HEADER);
    put_u32(b + 14, HEADER - 14);
    put_u32(b + 18, (uint32_t)picture->width);
    put_u32(b + 22, -(uint32_t)picture->height); /* rows from the top */
    b[26] = 1;                                   /* plane */
    b[28] = 24;                                  /* bits a pixel */
    for (int y = 0; y < picture->height; y++) {
        const uint8_t *from = picture->rgb + (size_t)y * (size_t)picture->width * 3;
        unsigned char *to = b + HEADER + (size_t)y * row;
        for (int x = 0; x < picture->width; x++, from += 3, to += 3)
            to[0] = from[2], to[1] = from[1], to[2] = from[0];
    }
    return HS_OK;
}
