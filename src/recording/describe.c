#include "recording/describe.h"

#include "base/text.h"
#include <math.h>

/* Sums over several recordings. */
typedef struct sums {
    int recordings;
    int64_t pairs, unpaired;
    double duration;
} sums;

static const char *const kinds[] = {[HS_RECORDING_FOLDER] = "folder", [HS_RECORDING_BAG] = "bag"};
static const char *const models[] = {
    [HS_LENS_NONE] = "no distortion",
    [HS_LENS_BROWN_CONRADY] = "Brown-Conrady",
    [HS_LENS_INVERSE_BROWN_CONRADY] = "inverse Brown-Conrady",
};

static double baseline(const hs_rig *rig)
{
    const double *t = rig->translation;
    return sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]);
}

/* Degrees between the two cameras, from the trace of the rotation. */
static double turn(const hs_rig *rig)
{
    const double *r = rig->rotation;
    double cosine = (r[0] + r[4] + r[8] - 1) / 2;
    return acos(fmin(fmax(cosine, -1), 1)) * 180 / acos(-1);
}

/* ---- text -------------------------------------------------------------------------------------
 */

static void print_stream(FILE *out, const char *name, const hs_stamps *stamps, const hs_lens *lens)
{
    fprintf(out, "  %-12s %lld frames of %dx%d, f %.2f %.2f, centre %.2f %.2f, %s", name,
            (long long)stamps->count, lens->width, lens->height, lens->fx, lens->fy, lens->cx,
            lens->cy, models[lens->model]);
    for (int i = 0; lens->model != HS_LENS_NONE && i < 5; i++)
        fprintf(out, " %.4g", lens->k[i]);
    fputc('\n', out);
}

/* The numbers of some frames, the first of them where there are many. */
static void print_frames(FILE *out, const char *name, const hs_stamps *stamps,
                         const int64_t *indices, int64_t count)
{
    enum { SHOWN = 8 };
    fprintf(out, "  %-12s %lld%s", name, (long long)count, count ? ":" : "");
    for (int64_t i = 0; i < count && i < SHOWN; i++)
        fprintf(out, " %d", stamps->items[indices[i]].number);
    fprintf(out, "%s\n", count > SHOWN ? " ..." : "");
}

static void print_text(FILE *out, const hs_recording_info *info)
{
    fprintf(out, "%s: %s", info->path, kinds[info->kind]);
    if (info->subject)
        fprintf(out, ", subject %d", info->subject);
    fprintf(out, "%s\n", info->truth ? ", with true masks" : "");
    print_stream(out, "depth", &info->depth, &info->rig.depth);
    print_stream(out, "colour", &info->color, &info->rig.color);
    fprintf(out, "  %-12s %.6g mm\n", "depth unit", 1e3 * info->rig.depth_unit);
    fprintf(out, "  %-12s %.2f mm, turned by %.3f degrees\n", "baseline",
            1e3 * baseline(&info->rig), turn(&info->rig));
    fprintf(out, "  %-12s %.2f s, %.2f pairs a second, biggest gap %.1f ms%s\n", "duration",
            info->duration, info->rate, 1e3 * info->biggest_gap,
            info->arrival_times ? "; times of arrival: the streams have no common clock" : "");
    fprintf(out, "  %-12s %lld within %.4g ms, the widest %.2f ms\n", "pairs",
            (long long)info->pair_count, 1e3 * info->tolerance, 1e3 * info->widest_offset);
    print_frames(out, "depth alone", &info->depth, info->unpaired_depth,
                 info->unpaired_depth_count);
    print_frames(out, "colour alone", &info->color, info->unpaired_color,
                 info->unpaired_color_count);
    if (info->damages)
        fprintf(out, "  %-12s %lld; the first: %s\n", "damages", (long long)info->damages,
                info->damage);
}

/* ---- for programs -----------------------------------------------------------------------------
 */

static void write_stream(hs_json *json, const char *name, const hs_stamps *stamps,
                         const hs_lens *lens)
{
    static const char *const keys[] = {"k1", "k2", "p1", "p2", "k3"};
    hs_json_open(json, name, '{');
    hs_json_integer(json, "frames", stamps->count);
    hs_json_integer(json, "width", lens->width);
    hs_json_integer(json, "height", lens->height);
    hs_json_number(json, "fx", lens->fx);
    hs_json_number(json, "fy", lens->fy);
    hs_json_number(json, "cx", lens->cx);
    hs_json_number(json, "cy", lens->cy);
    hs_json_string(json, "distortion", models[lens->model]);
    for (int i = 0; i < 5; i++)
        hs_json_number(json, keys[i], lens->k[i]);
    hs_json_close(json, '}');
}

static void write_numbers(hs_json *json, const char *name, const double *values, int count)
{
    hs_json_open(json, name, '[');
    for (int i = 0; i < count; i++)
        hs_json_number(json, NULL, values[i]);
    hs_json_close(json, ']');
}

static void write_frames(hs_json *json, const char *name, const hs_stamps *stamps,
                         const int64_t *indices, int64_t count)
{
    hs_json_open(json, name, '[');
    for (int64_t i = 0; i < count; i++)
        hs_json_integer(json, NULL, stamps->items[indices[i]].number);
    hs_json_close(json, ']');
}

static void write_json(hs_json *json, const hs_recording_info *info)
{
    hs_json_open(json, NULL, '{');
    hs_json_string(json, "path", info->path);
    hs_json_string(json, "kind", kinds[info->kind]);
    hs_json_integer(json, "subject", info->subject);
    hs_json_bool(json, "truth", info->truth);
    write_stream(json, "depth", &info->depth, &info->rig.depth);
    write_stream(json, "color", &info->color, &info->rig.color);
    hs_json_number(json, "depth_unit", info->rig.depth_unit);
    write_numbers(json, "rotation", info->rig.rotation, 9);
    write_numbers(json, "translation", info->rig.translation, 3);
    hs_json_number(json, "baseline", baseline(&info->rig));
    hs_json_integer(json, "pairs", info->pair_count);
    hs_json_number(json, "tolerance", info->tolerance);
    hs_json_number(json, "widest_offset", info->widest_offset);
    hs_json_number(json, "duration", info->duration);
    hs_json_number(json, "rate", info->rate);
    hs_json_number(json, "biggest_gap", info->biggest_gap);
    hs_json_bool(json, "arrival_times", info->arrival_times);
    write_frames(json, "unpaired_depth", &info->depth, info->unpaired_depth,
                 info->unpaired_depth_count);
    write_frames(json, "unpaired_color", &info->color, info->unpaired_color,
                 info->unpaired_color_count);
    hs_json_integer(json, "damages", info->damages);
    if (info->damage)
        hs_json_string(json, "damage", info->damage);
    hs_json_close(json, '}');
}

/* ---- all of a path ----------------------------------------------------------------------------
 */

static void print_sums(FILE *out, const sums *all)
{
    fprintf(out, "%d recordings, %lld pairs, %lld frames alone, %.2f s\n", all->recordings,
            (long long)all->pairs, (long long)all->unpaired, all->duration);
}

static hs_status describe_one(const char *path, const hs_recording_options *options, hs_json *json,
                              FILE *out, sums *all)
{
    hs_recording *recording;
    hs_status status = hs_recording_open(path, options, &recording);
    if (status != HS_OK)
        return status;
    const hs_recording_info *info = hs_recording_get_info(recording);
    if (json)
        write_json(json, info);
    else
        print_text(out, info);
    all->recordings++;
    all->pairs += info->pair_count;
    all->unpaired += info->unpaired_depth_count + info->unpaired_color_count;
    all->duration += info->duration;
    hs_recording_close(recording);
    return HS_OK;
}

hs_status hs_recording_describe(const char *path, const hs_recording_options *options, bool json,
                                FILE *out)
{
    hs_recording_list list = {0};
    sums all = {0};
    hs_json writer = hs_json_start(out);
    hs_status status;
    HS_TRY(hs_recording_list_read(path, &list));
    if (json) {
        hs_json_open(&writer, NULL, '{');
        hs_json_open(&writer, "recordings", '[');
    }
    for (int i = 0; i < list.count; i++)
        HS_TRY(describe_one(list.paths[i], options, json ? &writer : NULL, out, &all));
    if (json) {
        hs_json_close(&writer, ']');
        hs_json_integer(&writer, "pairs", all.pairs);
        hs_json_integer(&writer, "unpaired", all.unpaired);
        hs_json_number(&writer, "duration", all.duration);
        hs_json_close(&writer, '}');
    } else if (all.recordings > 1) {
        print_sums(out, &all);
    }
exit:
    hs_recording_list_free(&list);
    return status;
}
