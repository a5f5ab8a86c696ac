#include "studio/calibrate.h"

#include "io/file.h"
#include "studio/calibrate_picture.h"
#include "studio/shots.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The gloves while they are being calibrated. */
typedef struct job {
    const hs_calibrate_request *request;
    hs_calibrate_result *result;
    hs_shots shots[HS_GLOVES];
} job;

static hs_status check_paths(job *j)
{
    const char *out = j->request->out;
    size_t length = strlen(out);
    bool ini = length > 4 && strcmp(out + length - 4, ".ini") == 0;
    int written = snprintf(j->result->picture, sizeof j->result->picture, "%.*s.png",
                           (int)(ini ? length - 4 : length), out);
    if (written >= (int)sizeof j->result->picture)
        return hs_error(HS_ERR_USAGE, NULL, "calibrate: --out: got a name of %zu characters",
                        length);
    if (access(out, F_OK) == 0 && !j->request->force)
        return hs_error(HS_ERR_STATE, "name another file, or replace it with --force",
                        "%s: there is such a file already", out);
    return HS_OK;
}

static hs_status refuse_few(const job *j, int g)
{
    const hs_shots *s = &j->shots[g];
    char hint[4300];
    snprintf(hint, sizeof hint,
             "show the probe alone, whole, at more places and in better light (%s has what was "
             "found), or take a rectangle of every shot: --box X,Y,W,H",
             j->result->picture);
    return hs_error(
        HS_ERR_DATA, hint, "%s: %s glove: got the probe in %d of %d shots, expected at least %lld",
        s->path, hs_glove_names[g], s->showing, s->count, (long long)j->request->rule.shots);
}

static hs_status refuse_odd(const job *j, int g)
{
    const hs_shots *s = &j->shots[g];
    const hs_shot *shot = &s->shots[s->odd];
    hs_colour_median colour = shot->colours[shot->chosen];
    char hint[4300];
    snprintf(hint, sizeof hint,
             "take the shot out, or record all in the same light with the same glove: see %s",
             j->result->picture);
    return hs_error(HS_ERR_DATA, hint,
                    "%s: %s glove: shot %08d disagrees with the others: got hue %d and saturation "
                    "%d in the median, expected about %d and %d",
                    s->path, hs_glove_names[g], shot->number, colour.hue, colour.saturation,
                    s->common.hue, s->common.saturation);
}

static hs_status calibrate_glove(job *j, int g)
{
    const hs_calibrate_request *r = j->request;
    hs_calibrate_result *result = j->result;
    hs_shots *s = &j->shots[g];
    hs_status status;
    HS_TRY(hs_shots_read(r->recordings[g], s));
    if (r->boxed)
        HS_TRY(hs_shots_box(s, r->box));
    else
        HS_TRY(hs_shots_find(s, &r->search, &r->rule));
    result->frames[g] = s->count;
    result->evidence.pixels[g] = s->cloud->pixels;
    result->evidence.shots[g] = s->showing;
    if (s->cloud->pixels == 0)
        return HS_OK;
    result->gloves.range[g] = hs_colour_cloud_range(s->cloud, &r->rule);
    result->gloves.worn[g] = true;
exit:
    return status;
}

static hs_status write_picture(const job *j)
{
    hs_calibrate_view views[HS_GLOVES];
    for (int g = 0; g < HS_GLOVES; g++)
        views[g] = (hs_calibrate_view){.shots = j->shots[g].count ? &j->shots[g] : NULL,
                                       .box = j->request->boxed ? j->request->box : NULL,
                                       .ranged = j->result->gloves.worn[g],
                                       .range = j->result->gloves.range[g]};
    return hs_calibrate_picture(views, j->result->picture);
}

static hs_status check(const job *j)
{
    const hs_gloves *gloves = &j->result->gloves;
    for (int g = 0; g < HS_GLOVES; g++) {
        if (!j->request->recordings[g] || j->request->boxed)
            continue;
        if (j->shots[g].showing < j->request->rule.shots || j->shots[g].showing == 0)
            return refuse_few(j, g);
        if (j->shots[g].odd >= 0)
            return refuse_odd(j, g);
    }
    if (!gloves->worn[0] || !gloves->worn[1] ||
        !hs_glove_ranges_overlap(&gloves->range[0], &gloves->range[1]))
        return HS_OK;
    char right[64], left[64], hint[4300];
    hs_glove_range_format(&gloves->range[0], right, sizeof right);
    hs_glove_range_format(&gloves->range[1], left, sizeof left);
    snprintf(hint, sizeof hint, "gloves of other colours, or more even light: see %s",
             j->result->picture);
    return hs_error(HS_ERR_DATA, hint,
                    "the gloves have colours in common: right %s, left %s (hue, saturation, value)",
                    right, left);
}

static hs_status write_ini(const job *j)
{
    hs_new_file file = {0};
    hs_status status;
    HS_TRY(hs_new_file_open(&file, j->request->out));
    fputs("# The colours of the gloves: hue 0 to 179 (low > high wraps), saturation and value 0 to "
          "255.\n",
          file.file);
    hs_gloves_write(&j->result->gloves, &j->result->evidence, file.file);
    HS_TRY(hs_new_file_commit(&file));
exit:
    hs_new_file_drop(&file);
    return status;
}

hs_status hs_calibrate(const hs_calibrate_request *request, hs_calibrate_result *result)
{
    void *memory = NULL;
    job *j = NULL;
    hs_status status;
    *result = (hs_calibrate_result){.gloves = request->given};
    HS_TRY(hs_allocate(sizeof *j, "calibration", &memory));
    j = memory;
    j->request = request;
    j->result = result;
    HS_TRY(check_paths(j));
    for (int g = 0; g < HS_GLOVES; g++)
        if (request->recordings[g])
            HS_TRY(calibrate_glove(j, g));
    HS_TRY(write_picture(j));
    HS_TRY(check(j));
    HS_TRY(write_ini(j));
exit:
    for (int g = 0; j && g < HS_GLOVES; g++)
        hs_shots_free(&j->shots[g]);
    free(memory);
    return status;
}
