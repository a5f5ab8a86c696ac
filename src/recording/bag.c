/* Recordings as bags of librealsense (file version 2 and later). */
#include "io/rosbag.h"
#include "recording/bag_messages.h"
#include "recording/source.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH, COLOR, STREAMS };

static const char *const stream_names[STREAMS] = {"Depth", "Color"};

/* A frame as it was met in the file. */
typedef struct bag_frame {
    hs_bag_place place;
    int64_t taken, arrived; /* nanoseconds: the camera's clock, the recorder's */
} bag_frame;

typedef struct bag_stream {
    char prefix[64]; /* "/device_0/sensor_0/Depth_0/", "" while none was met */
    bag_frame *frames;
    int64_t count, capacity;
    bool has_lens, has_transform;
    hs_lens lens;
    char group[16]; /* of the transform: only those of one group have one reference */
    hs_bag_transform transform;
} bag_stream;

typedef struct bag_context {
    hs_bag *bag;
    bag_stream streams[STREAMS];
    double unit; /* metres a count, 0: not met */
    uint32_t version;
    int64_t topics; /* messages seen */
} bag_context;

/* ---- scanning ---------------------------------------------------------------------------------
 */

/* Whether a topic is of a stream, "/device_D/sensor_S/Depth_0/REST": REST, or NULL. The first
 * stream met of each kind is the one that is read. */
static const char *rest_of_topic(const char *topic, int kind, char prefix[64])
{
    char name[16];
    int device, sensor, index, used = 0;
    if (sscanf(topic, "/device_%4d/sensor_%4d/%15[A-Za-z]_%4d/%n", &device, &sensor, name, &index,
               &used) != 4 ||
        used == 0 || used >= 64 || strcmp(name, stream_names[kind]) != 0)
        return NULL;
    if (!prefix[0])
        memcpy(prefix, topic, (size_t)used);
    return strncmp(topic, prefix, (size_t)used) == 0 && !prefix[used] ? topic + used : NULL;
}

static hs_status add_frame(bag_stream *stream, int kind, const hs_bag_message *m)
{
    hs_bag_image image;
    hs_status status =
        hs_bag_image_decode(m->head, m->head_size, m->place.size, kind == DEPTH, &image);
    if (status != HS_OK)
        return status;
    const hs_lens *lens = &stream->lens;
    if (stream->has_lens && (image.width != lens->width || image.height != lens->height))
        return hs_error(HS_ERR_FORMAT, NULL, "got an image of %dx%d, but camera_info says %dx%d",
                        image.width, image.height, lens->width, lens->height);
    if (stream->count == stream->capacity) {
        int64_t capacity = stream->capacity ? 2 * stream->capacity : 1024;
        bag_frame *frames = realloc(stream->frames, (size_t)capacity * sizeof *frames);
        if (!frames)
            return hs_error(HS_ERR_MEMORY, NULL, "no memory for the list of frames");
        stream->frames = frames;
        stream->capacity = capacity;
    }
    stream->frames[stream->count++] = (bag_frame){m->place, image.stamp, m->time};
    return HS_OK;
}

static hs_status take_stream(bag_stream *stream, int kind, const char *rest,
                             const hs_bag_message *m)
{
    hs_status status = HS_OK;
    if (strcmp(rest, "image/data") == 0)
        return add_frame(stream, kind, m);
    if (strcmp(rest, "info/camera_info") == 0 && !stream->has_lens) {
        status = hs_bag_lens_decode(m->head, m->head_size, &stream->lens);
        stream->has_lens = status == HS_OK;
    } else if (strncmp(rest, "tf/", 3) == 0 && !stream->has_transform) {
        status = hs_bag_transform_decode(m->head, m->head_size, &stream->transform);
        stream->has_transform = status == HS_OK;
        snprintf(stream->group, sizeof stream->group, "%s", rest + 3);
    }
    return status;
}

static hs_status take_message(void *context, const hs_bag_message *m)
{
    bag_context *c = context;
    c->topics++;
    if (strcmp(m->topic, "/file_version") == 0 && m->head_size == 4)
        c->version = m->head[0];
    for (int kind = 0; kind < STREAMS; kind++) {
        const char *rest = rest_of_topic(m->topic, kind, c->streams[kind].prefix);
        if (rest)
            return take_stream(&c->streams[kind], kind, rest, m);
    }
    const char *option = strstr(m->topic, "/option/Depth_Units/value");
    if (option && m->head_size == 4 && c->unit == 0)
        c->unit = (double)hs_bag_float(m->head);
    return HS_OK;
}

/* ---- what the bag amounts to ------------------------------------------------------------------
 */

static hs_status check_kind(const hs_recording *r, const bag_context *c)
{
    const char *path = r->info.path;
    if (c->version < 2)
        return hs_error(
            HS_ERR_FORMAT, "record with librealsense 2: rs-record, realsense-viewer",
            "%s: topic /file_version: got %s, expected 2 or more: a bag of librealsense", path,
            c->version  ? "1"
            : c->topics ? "none"
                        : "a bag without messages");
    for (int kind = 0; kind < STREAMS; kind++) {
        const bag_stream *s = &c->streams[kind];
        const char *lacking = !s->count           ? "image/data"
                              : !s->has_lens      ? "info/camera_info"
                              : !s->has_transform ? "tf/0"
                                                  : NULL;
        if (lacking)
            return hs_error(HS_ERR_DATA, "record depth and colour together",
                            "%s: topic /device_0/sensor_%d/%s_0/%s: got no message", path, kind,
                            stream_names[kind], lacking);
    }
    if (strcmp(c->streams[DEPTH].group, c->streams[COLOR].group) != 0)
        return hs_error(HS_ERR_DATA, NULL,
                        "%s: topics tf: got depth in group %s and colour in group %s, expected one",
                        path, c->streams[DEPTH].group, c->streams[COLOR].group);
    return HS_OK;
}

/* The unit of depth: the camera's option, or what the first image carries. */
static hs_status find_unit(const hs_recording *r, bag_context *c)
{
    hs_bytes memory = {0};
    const bag_frame *first = &c->streams[DEPTH].frames[0];
    hs_bag_image image;
    const uint8_t *bytes;
    hs_status status = HS_OK;
    if (c->unit == 0) {
        HS_TRY(hs_bag_read(c->bag, &first->place, &memory, &bytes));
        HS_TRY(hs_bag_image_decode(bytes, first->place.size, first->place.size, 1, &image));
        c->unit = image.unit ? (double)hs_bag_float(bytes + image.unit) : 0;
    }
    if (!(c->unit >= 1e-7 && c->unit <= 1))
        status = hs_error(HS_ERR_DATA, NULL,
                          "%s: topic /device_0/sensor_0/option/Depth_Units/value: got %g, expected "
                          "metres a count, 1e-7 to 1",
                          r->info.path, c->unit);
exit:
    free(memory.bytes);
    return status;
}

static void range_of(const bag_stream *s, bool taken, int64_t range[2])
{
    range[0] = INT64_MAX;
    range[1] = INT64_MIN;
    for (int64_t i = 0; i < s->count; i++) {
        int64_t time = taken ? s->frames[i].taken : s->frames[i].arrived;
        range[0] = time < range[0] ? time : range[0];
        range[1] = time > range[1] ? time : range[1];
    }
}

/* Times of the frames: those the camera gave them, where both streams' are of one clock, which
 * shows by their overlapping; else when they arrived. */
static hs_status set_times(hs_recording *r, const bag_context *c)
{
    int64_t d[2], k[2];
    hs_stamps *out[STREAMS] = {&r->info.depth, &r->info.color};
    range_of(&c->streams[DEPTH], true, d);
    range_of(&c->streams[COLOR], true, k);
    bool taken = d[0] <= k[1] && k[0] <= d[1];
    range_of(&c->streams[DEPTH], taken, d);
    range_of(&c->streams[COLOR], taken, k);
    int64_t start = d[0] < k[0] ? d[0] : k[0];
    r->info.arrival_times = !taken;
    hs_status status = HS_OK;
    for (int kind = 0; kind < STREAMS; kind++) {
        const bag_stream *s = &c->streams[kind];
        int64_t capacity = 0;
        for (int64_t i = 0; i < s->count; i++) {
            int64_t time = (taken ? s->frames[i].taken : s->frames[i].arrived) - start;
            HS_TRY(
                hs_stamps_add(out[kind], &capacity, (hs_stamp){(double)time * 1e-9, (int32_t)i}));
        }
        hs_stamps_sort(out[kind]);
    }
exit:
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

/* The message of a frame, whole and checked. */
static hs_status read_frame(const hs_recording *r, int kind, int32_t number,
                            hs_recording_pair *pair, hs_bag_image *image, const uint8_t **pixels)
{
    const bag_context *c = r->context;
    const hs_bag_place *place = &c->streams[kind].frames[number].place;
    const hs_lens *lens = kind == DEPTH ? &r->info.rig.depth : &r->info.rig.color;
    hs_bytes work = {pair->work, 0, pair->work_size};
    const uint8_t *bytes;
    hs_status status = hs_bag_read(c->bag, place, &work, &bytes);
    pair->work = work.bytes;
    pair->work_size = work.capacity;
    if (status == HS_OK)
        status = hs_bag_image_decode(bytes, place->size, place->size, kind == DEPTH, image);
    if (status == HS_OK && (image->width != lens->width || image->height != lens->height))
        status =
            hs_error(HS_ERR_FORMAT, NULL, "got an image of another size: did the file change?");
    if (status != HS_OK)
        return hs_error_context(status, "%s: %s frame %d", r->info.path, stream_names[kind],
                                number);
    *pixels = bytes + image->pixels;
    return HS_OK;
}

static hs_status read_depth(const hs_recording *r, int32_t number, hs_recording_pair *pair)
{
    hs_bag_image image;
    const uint8_t *pixels;
    void *memory = pair->depth;
    hs_status status = read_frame(r, DEPTH, number, pair, &image, &pixels);
    size_t width = (size_t)r->info.rig.depth.width, height = (size_t)r->info.rig.depth.height;
    if (status == HS_OK && !memory)
        status = hs_allocate(width * height * sizeof *pair->depth, "depth frame", &memory);
    if (status != HS_OK)
        return status;
    pair->depth = memory;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const uint8_t *p = pixels + y * image.step + 2 * x;
            pair->depth[y * width + x] = (uint16_t)(p[0] | p[1] << 8);
        }
    return HS_OK;
}

static hs_status read_color(const hs_recording *r, int32_t number, hs_recording_pair *pair)
{
    hs_bag_image image;
    const uint8_t *pixels;
    void *memory = pair->color;
    hs_status status = read_frame(r, COLOR, number, pair, &image, &pixels);
    size_t width = (size_t)r->info.rig.color.width, height = (size_t)r->info.rig.color.height;
    if (status == HS_OK && !memory)
        status = hs_allocate(width * height * 3, "colour frame", &memory);
    if (status != HS_OK)
        return status;
    pair->color = memory;
    const hs_bag_encoding *e = image.encoding;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const uint8_t *p = pixels + y * image.step + x * (size_t)e->bytes;
            uint8_t *out = pair->color + 3 * (y * width + x);
            out[0] = p[e->red];
            out[1] = p[e->green];
            out[2] = p[e->blue];
        }
    return HS_OK;
}

/* ---- opening ----------------------------------------------------------------------------------
 */

static void close_bag(hs_recording *r)
{
    bag_context *c = r->context;
    hs_bag_close(c->bag);
    for (int kind = 0; kind < STREAMS; kind++)
        free(c->streams[kind].frames);
    free(c);
}

hs_status hs_bag_recording_open(hs_recording *r, bool salvage)
{
    static const hs_source source = {read_depth, read_color, close_bag};
    void *memory;
    hs_recording_info *info = &r->info;
    hs_status status;
    HS_TRY(hs_allocate(sizeof(bag_context), "bag", &memory));
    bag_context *c = r->context = memory;
    r->source = &source;
    info->kind = HS_RECORDING_BAG;
    info->tolerance = HS_PAIR_TOLERANCE;
    HS_TRY(hs_bag_open(info->path, salvage, take_message, c, &c->bag));
    info->damages = hs_bag_damages(c->bag, &info->damage);
    HS_TRY(check_kind(r, c));
    HS_TRY(find_unit(r, c));
    HS_TRY(set_times(r, c));
    info->rig.depth = c->streams[DEPTH].lens;
    info->rig.color = c->streams[COLOR].lens;
    info->rig.depth_unit = c->unit;
    hs_bag_transform_between(&c->streams[DEPTH].transform, &c->streams[COLOR].transform,
                             info->rig.rotation, info->rig.translation);
exit:
    return status;
}
