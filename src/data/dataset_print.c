#include "data/dataset_print.h"

#include <math.h>

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static uint64_t pixels_of(const hs_dataset_info *info)
{
    return (uint64_t)info->frames * (uint64_t)info->height * (uint64_t)info->width;
}

/* Frames of the folder that were to be left out, and are: unless all were packed. */
static int64_t left_out(const hs_dataset_info *info)
{
    const hs_review_counts *r = info->review;
    return r->accepted_by_person + r->accepted_by_score + r->rejected_by_person +
           r->rejected_by_score + r->unjudged - info->frames;
}

static void print_review(const hs_dataset_info *info, FILE *file)
{
    const hs_review_counts *r = info->review;
    fprintf(file,
            "review         accepted %lld by person, %lld by score; rejected %lld by person, %lld "
            "by score; %lld unjudged; %lld left out\n",
            (long long)r->accepted_by_person, (long long)r->accepted_by_score,
            (long long)r->rejected_by_person, (long long)r->rejected_by_score,
            (long long)r->unjudged, (long long)left_out(info));
}

void hs_dataset_print(const hs_dataset *dataset, FILE *file)
{
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    const hs_intrinsics *k = &info->intrinsics;
    fprintf(file, "data set       %s\n", hs_dataset_get_path(dataset));
    fprintf(file, "frames         %lld of %dx%d, ", (long long)info->frames, info->width,
            info->height);
    if (info->subjects_unknown)
        fputs("subjects unknown\n", file);
    else
        fprintf(file, "%d subject%s\n", info->subjects, info->subjects == 1 ? "" : "s");
    fprintf(file, "hands          %s\n", info->hands);
    fprintf(file, "sensor         %s\n", info->sensor[0] ? info->sensor : "unknown");
    fprintf(file, "annotation     %s\n", info->annotation[0] ? info->annotation : "unknown");
    fprintf(file, "splits        ");
    for (int s = 0; s < HS_SPLITS; s++)
        if (s != HS_SPLIT_NONE || info->split_frames[s] > 0)
            fprintf(file, " %s %lld%s", hs_split_name((hs_split)s),
                    (long long)info->split_frames[s], s + 1 < HS_SPLIT_NONE ? "," : "");
    fprintf(file, " (by %s)\n", info->split_method);
    fprintf(file, "depth unit     %.6g mm, %.6g is 1 for the nets\n", 1000 * info->depth_unit,
            info->normalization);
    if (k->fx > 0)
        fprintf(file, "camera         f = %.2f, %.2f, c = %.2f, %.2f\n", k->fx, k->fy, k->cx,
                k->cy);
    else
        fprintf(file, "camera         unknown\n");
    if (info->review)
        print_review(info, file);
    fprintf(file, "hash           %016llx\n\n", (unsigned long long)info->hash);
    fprintf(file, "%-14s %15s %8s %12s\n", "class", "pixels", "share", "weight");
    for (int c = 0; c < info->classes; c++)
        fprintf(file, "%-14s %15llu %7.3f%% %12.5g\n", info->labels[c],
                (unsigned long long)info->counts.pixels[c],
                100 * share(info->counts.pixels[c], pixels_of(info)), info->weights[c]);
}

static void print_classes(hs_json *json, const hs_dataset_info *info)
{
    hs_json_open(json, "classes", '[');
    for (int c = 0; c < info->classes; c++) {
        hs_json_open(json, NULL, '{');
        hs_json_string(json, "label", info->labels[c]);
        hs_json_integer(json, "pixels", (long long)info->counts.pixels[c]);
        hs_json_number(json, "share", share(info->counts.pixels[c], pixels_of(info)));
        hs_json_integer(json, "image_pixels", (long long)info->counts.image_pixels[c]);
        hs_json_integer(json, "train_pixels", (long long)info->train_counts.pixels[c]);
        hs_json_integer(json, "train_image_pixels", (long long)info->train_counts.image_pixels[c]);
        hs_json_number(json, "weight", info->weights[c]);
        hs_json_close(json, '}');
    }
    hs_json_close(json, ']');
}

static void print_review_json(hs_json *json, const hs_dataset_info *info)
{
    const hs_review_counts *r = info->review;
    hs_json_open(json, "review", '{');
    hs_json_integer(json, "accepted_by_person", r->accepted_by_person);
    hs_json_integer(json, "accepted_by_score", r->accepted_by_score);
    hs_json_integer(json, "rejected_by_person", r->rejected_by_person);
    hs_json_integer(json, "rejected_by_score", r->rejected_by_score);
    hs_json_integer(json, "unjudged", r->unjudged);
    hs_json_integer(json, "left_out", left_out(info));
    hs_json_close(json, '}');
}

void hs_dataset_print_json(const hs_dataset *dataset, FILE *file)
{
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    char hash[24];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)info->hash);
    hs_json json = hs_json_start(file);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "kind", "dataset");
    hs_json_string(&json, "file", hs_dataset_get_path(dataset));
    hs_json_integer(&json, "frames", info->frames);
    hs_json_integer(&json, "width", info->width);
    hs_json_integer(&json, "height", info->height);
    hs_json_number(&json, "subjects",
                   info->subjects_unknown ? NAN : (double)info->subjects); /* null */
    hs_json_string(&json, "hands", info->hands);
    hs_json_string(&json, "sensor", info->sensor);
    hs_json_string(&json, "annotation", info->annotation);
    hs_json_open(&json, "splits", '{');
    for (int s = 0; s < HS_SPLITS; s++)
        hs_json_integer(&json, hs_split_name((hs_split)s), info->split_frames[s]);
    hs_json_close(&json, '}');
    hs_json_string(&json, "split_method", info->split_method);
    hs_json_number(&json, "depth_unit", info->depth_unit);
    hs_json_number(&json, "normalization", info->normalization);
    hs_json_open(&json, "intrinsics", '{');
    hs_json_number(&json, "fx", info->intrinsics.fx);
    hs_json_number(&json, "fy", info->intrinsics.fy);
    hs_json_number(&json, "cx", info->intrinsics.cx);
    hs_json_number(&json, "cy", info->intrinsics.cy);
    hs_json_close(&json, '}');
    if (info->review)
        print_review_json(&json, info);
    hs_json_string(&json, "hash", hash);
    print_classes(&json, info);
    hs_json_close(&json, '}');
}
