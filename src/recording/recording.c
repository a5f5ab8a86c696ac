#include "recording/recording.h"

#include "recording/pairing.h"
#include "recording/source.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void hs_recording_note_damage(hs_recording *recording)
{
    if (recording->info.damages++ == 0)
        recording->info.damage = hs_arena_string(&recording->arena, hs_error_message());
}

static const char *last_part(hs_arena *arena, const char *path)
{
    char *copy = hs_arena_string(arena, path);
    size_t length = strlen(copy);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = 0;
    const char *slash = strrchr(copy, '/');
    return slash && slash[1] ? slash + 1 : copy;
}

/* ---- pairs and what they amount to ------------------------------------------------------------
 */

static hs_status pair_streams(hs_recording_info *info)
{
    size_t depths = (size_t)info->depth.count, colors = (size_t)info->color.count;
    void *memory;
    int64_t *partner = NULL;
    bool *used = NULL;
    hs_status status;
    HS_TRY(hs_allocate(depths * sizeof *partner, "pairs", &memory));
    partner = memory;
    HS_TRY(hs_allocate(colors * sizeof *used, "pairs", &memory));
    used = memory;
    HS_TRY(hs_allocate(depths * sizeof *info->pairs, "pairs", &memory));
    info->pairs = memory;
    HS_TRY(hs_allocate(depths * sizeof *info->unpaired_depth, "pairs", &memory));
    info->unpaired_depth = memory;
    HS_TRY(hs_allocate(colors * sizeof *info->unpaired_color, "pairs", &memory));
    info->unpaired_color = memory;
    hs_pair_frames(&info->depth, &info->color, info->tolerance, partner);
    for (int64_t i = 0; i < info->depth.count; i++) {
        if (partner[i] < 0) {
            info->unpaired_depth[info->unpaired_depth_count++] = i;
        } else {
            info->pairs[info->pair_count++] = (hs_recording_pairing){i, partner[i]};
            used[partner[i]] = true;
        }
    }
    for (int64_t i = 0; i < info->color.count; i++)
        if (!used[i])
            info->unpaired_color[info->unpaired_color_count++] = i;
exit:
    free(partner);
    free(used);
    return status;
}

static void measure(hs_recording_info *info)
{
    const hs_stamp *depth = info->depth.items, *color = info->color.items;
    double first = fmin(depth[0].time, color[0].time);
    double last = fmax(depth[info->depth.count - 1].time, color[info->color.count - 1].time);
    info->duration = last - first;
    for (int64_t i = 0; i < info->pair_count; i++) {
        double time = depth[info->pairs[i].depth].time;
        info->widest_offset =
            fmax(info->widest_offset, fabs(color[info->pairs[i].color].time - time));
        if (i > 0)
            info->biggest_gap =
                fmax(info->biggest_gap, time - depth[info->pairs[i - 1].depth].time);
    }
    if (info->pair_count > 1) {
        double span =
            depth[info->pairs[info->pair_count - 1].depth].time - depth[info->pairs[0].depth].time;
        info->rate = span > 0 ? (double)(info->pair_count - 1) / span : 0;
    }
}

/* ---- opening and reading ----------------------------------------------------------------------
 */

static hs_status open_source(hs_recording *r, bool salvage)
{
    const char *path = r->info.path;
    struct stat info;
    if (stat(path, &info) != 0)
        return hs_error_system(errno, "check the path", "%s: cannot read", path);
    if (S_ISDIR(info.st_mode))
        return hs_folder_open(r, salvage);
    return hs_bag_recording_open(r, salvage);
}

hs_status hs_recording_open(const char *path, const hs_recording_options *options,
                            hs_recording **recording)
{
    static const hs_recording_options standard = {0};
    const hs_recording_options *o = options ? options : &standard;
    void *memory;
    hs_recording *r = NULL;
    hs_status status;
    *recording = NULL;
    HS_TRY(hs_allocate(sizeof *r, "recording", &memory));
    r = memory;
    r->info.path = hs_arena_string(&r->arena, path);
    r->info.name = last_part(&r->arena, path);
    HS_TRY(open_source(r, o->salvage));
    if (o->tolerance > 0)
        r->info.tolerance = o->tolerance;
    if (r->info.depth.count == 0 || r->info.color.count == 0) {
        status = hs_error(HS_ERR_DATA, "record both streams together",
                          "%s: got %lld depth frames and %lld colour frames, expected both", path,
                          (long long)r->info.depth.count, (long long)r->info.color.count);
        goto exit;
    }
    HS_TRY(pair_streams(&r->info));
    measure(&r->info);
    *recording = r;
    r = NULL;
exit:
    hs_recording_close(r);
    return status;
}

void hs_recording_close(hs_recording *recording)
{
    if (!recording)
        return;
    if (recording->source)
        recording->source->close(recording);
    hs_recording_info *info = &recording->info;
    free(info->depth.items);
    free(info->color.items);
    free(info->pairs);
    free(info->unpaired_depth);
    free(info->unpaired_color);
    hs_arena_free(&recording->arena);
    free(recording);
}

const hs_recording_info *hs_recording_get_info(const hs_recording *recording)
{
    return &recording->info;
}

hs_status hs_recording_read(const hs_recording *recording, int64_t i, hs_recording_pair *pair)
{
    const hs_recording_info *info = &recording->info;
    hs_status status;
    pair->depth_stamp = info->depth.items[info->pairs[i].depth];
    pair->color_stamp = info->color.items[info->pairs[i].color];
    HS_TRY(recording->source->read_depth(recording, pair->depth_stamp.number, pair));
    HS_TRY(recording->source->read_color(recording, pair->color_stamp.number, pair));
exit:
    return status;
}

void hs_recording_pair_free(hs_recording_pair *pair)
{
    free(pair->depth);
    free(pair->color);
    free(pair->work);
    *pair = (hs_recording_pair){0};
}
