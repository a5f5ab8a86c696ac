#include "studio/shots.h"

#include "base/log.h"
#include "base/memory.h"
#include "recording/recording.h"
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static hs_status read_shot(const hs_recording *recording, int64_t pair, hs_shot *shot)
{
    hs_recording_pair frames = {0};
    hs_status status = hs_recording_read(recording, pair, &frames);
    if (status == HS_OK) {
        shot->rgb = frames.color;
        shot->number = frames.color_stamp.number;
        frames.color = NULL;
    }
    hs_recording_pair_free(&frames);
    return status;
}

hs_status hs_shots_read(const char *path, hs_shots *shots)
{
    hs_recording *recording = NULL;
    hs_error_record error = {0};
    hs_status status;
    shots->path = path;
    shots->odd = -1;
    HS_TRY(hs_allocate(sizeof *shots->cloud, "colours", (void **)&shots->cloud));
    HS_TRY(hs_recording_open(path, NULL, &recording));
    const hs_recording_info *info = hs_recording_get_info(recording);
    int64_t pairs = info->pair_count;
    if (pairs == 0)
        HS_TRY(hs_error(HS_ERR_DATA, NULL, "%s: got no pair of frames, expected shots of a probe",
                        path));
    shots->count = pairs < HS_SHOTS ? (int)pairs : HS_SHOTS;
    shots->width = info->rig.color.width;
    shots->height = info->rig.color.height;
    int n = shots->count;
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++) {
        hs_status failed = read_shot(recording, i * pairs / n, &shots->shots[i]);
        if (failed != HS_OK) {
#pragma omp critical(hs_shots)
            hs_error_save(&error, failed);
        }
    }
    HS_TRY(hs_error_raise(&error));
exit:
    hs_recording_close(recording);
    return status;
}

void hs_shots_free(hs_shots *shots)
{
    for (int i = 0; i < HS_SHOTS; i++)
        free(shots->shots[i].rgb);
    free(shots->cloud);
    *shots = (hs_shots){0};
}

/* ---- the probe ---- */

static hs_status search_shot(const hs_shots *shots, hs_shot *shot, const hs_disc_search *search)
{
    hs_colour_cloud *cloud = NULL;
    hs_status status;
    HS_TRY(hs_allocate(sizeof *cloud, "colours", (void **)&cloud));
    HS_TRY(hs_disc_find(shot->rgb, shots->width, shots->height, search, shot->discs, HS_SHOT_DISCS,
                        &shot->found));
    for (int k = 0; k < shot->found; k++) {
        memset(cloud, 0, sizeof *cloud);
        hs_colour_cloud_add_disc(cloud, shot->rgb, shots->width, shots->height, &shot->discs[k]);
        shot->colours[k] = hs_colour_cloud_median(cloud);
    }
    shot->chosen = shot->found ? 0 : -1;
exit:
    free(cloud);
    return status;
}

static void find_common(hs_shots *shots)
{
    hs_colour_median colours[HS_SHOTS];
    int n = 0;
    for (int i = 0; i < shots->count; i++)
        if (shots->shots[i].chosen >= 0)
            colours[n++] = shots->shots[i].colours[shots->shots[i].chosen];
    shots->showing = n;
    if (n > 0)
        shots->common = hs_probe_common(colours, n);
}

/* The best disc of the common colour, where there is one; else the shot stays odd. */
static void choose(const hs_shots *shots, hs_shot *shot, const hs_probe_rule *rule)
{
    for (int k = 0; k < shot->found; k++)
        if (hs_probe_deviation(shot->colours[k], shots->common, rule) <= 1) {
            shot->chosen = k;
            return;
        }
}

static void find_odd(hs_shots *shots, const hs_probe_rule *rule)
{
    double most = 1;
    shots->odd = -1;
    for (int i = 0; i < shots->count; i++) {
        const hs_shot *shot = &shots->shots[i];
        if (shot->chosen < 0)
            continue;
        double d = hs_probe_deviation(shot->colours[shot->chosen], shots->common, rule);
        if (d > most) {
            most = d;
            shots->odd = i;
        }
    }
}

hs_status hs_shots_find(hs_shots *shots, const hs_disc_search *search, const hs_probe_rule *rule)
{
    hs_error_record error = {0};
    int done = 0;
    hs_progress progress = hs_progress_start("finding the probe", "shots", 0, shots->count);
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < shots->count; i++) {
        hs_status failed = search_shot(shots, &shots->shots[i], search);
#pragma omp critical(hs_shots)
        {
            if (failed != HS_OK)
                hs_error_save(&error, failed);
            hs_progress_update(&progress, ++done, NULL);
        }
    }
    hs_progress_finish(&progress, shots->path);
    hs_status status = hs_error_raise(&error);
    if (status != HS_OK)
        return status;
    find_common(shots);
    for (int i = 0; i < shots->count; i++)
        choose(shots, &shots->shots[i], rule);
    find_common(shots);
    find_odd(shots, rule);
    for (int i = 0; i < shots->count; i++) {
        const hs_shot *shot = &shots->shots[i];
        if (shot->chosen >= 0)
            hs_colour_cloud_add_disc(shots->cloud, shot->rgb, shots->width, shots->height,
                                     &shot->discs[shot->chosen]);
    }
    return HS_OK;
}

/* ---- a box ---- */

hs_status hs_shots_box(hs_shots *shots, const int32_t box[4])
{
    int64_t right = (int64_t)box[0] + box[2], bottom = (int64_t)box[1] + box[3];
    if (box[0] < 0 || box[1] < 0 || box[2] < 1 || box[3] < 1 || right > shots->width ||
        bottom > shots->height)
        return hs_error(HS_ERR_DATA, "x, y, width, height in pixels of the colour image",
                        "%s: box: got %d,%d,%d,%d, expected one inside %dx%d", shots->path, box[0],
                        box[1], box[2], box[3], shots->width, shots->height);
    for (int i = 0; i < shots->count; i++) {
        shots->shots[i].chosen = -1;
        for (int y = box[1]; y < bottom; y++)
            hs_colour_cloud_add(shots->cloud,
                                shots->shots[i].rgb +
                                    3 * ((size_t)y * (size_t)shots->width + (size_t)box[0]),
                                (size_t)box[2]);
    }
    shots->showing = shots->count;
    return HS_OK;
}
