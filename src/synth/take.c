#include "synth/take.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* Streams of SYNTH_COLOR of a subject: 1 is the palette's. */
enum { STREAM_LOOK = 2, FRAMES_FROM = 16 };

static hs_look draw_look(uint64_t seed, uint32_t subject, const hs_scene *base)
{
    hs_rng rng = hs_rng_make(seed, subject, STREAM_LOOK, HS_PURPOSE_SYNTH_COLOR);
    hs_look look = {.palette = hs_palette_draw(seed, subject), .gain = 1};
    look.light = hs_light_draw(&rng);
    look.beyond = hs_room_beyond_draw(&rng, base->body.neck.z);
    return look;
}

static hs_episode_kind draw_frame_episode(const hs_recording_profile *recording, hs_rng *rng)
{
    double at = hs_rng_uniform(rng);
    for (int kind = HS_EPISODE_LATE; kind < HS_EPISODE_KINDS; kind++) {
        at -= recording->episodes[kind];
        if (at < 0)
            return (hs_episode_kind)kind;
    }
    return HS_EPISODE_GOOD;
}

static void plan_frame(hs_take *take, const hs_recording_profile *recording, uint64_t seed,
                       int64_t i, double interval, double delay)
{
    hs_take_frame *frame = &take->frames[i];
    hs_rng rng =
        hs_rng_make(seed, take->subject, FRAMES_FROM + (uint32_t)i, HS_PURPOSE_SYNTH_COLOR);
    double time = (double)i * interval + recording->jitter * hs_rng_range(&rng, 0, 2);
    frame->time[HS_DEPTH_VIEW] = time;
    frame->time[HS_COLOR_VIEW] = time + delay + recording->jitter * hs_rng_range(&rng, -1, 1);
    const hs_key *key = hs_motion_key(&take->motion, time);
    frame->episode = key->episode;
    frame->strength = hs_key_strength(key, time);
    /* Light, clothes and things change at once. */
    if (key->episode >= HS_EPISODE_BRIGHT)
        frame->strength = 1;
    if (key->episode == HS_EPISODE_GOOD) {
        frame->episode = draw_frame_episode(recording, &rng);
        frame->strength = frame->episode != HS_EPISODE_GOOD;
    }
    if (frame->episode == HS_EPISODE_LATE)
        frame->time[HS_COLOR_VIEW] += hs_rng_range(&rng, recording->late.low, recording->late.high);
}

/* Takes the gloves off: hands of skin, to the wrist. What an episode gives the colour of a glove
 * gets that of skin. */
static void bare_hands(hs_take *take)
{
    hs_clothes *clothes = &take->motion.base->clothes;
    hs_palette *palette = &take->look.palette;
    clothes->glove_thick = clothes->glove_cuff = 0;
    clothes->glove = clothes->skin;
    for (int s = 0; s < HS_SIDES; s++)
        palette->glove[s] = palette->skin;
}

hs_status hs_take_init(hs_take *take, const hs_recorder *recorder, uint32_t subject, int64_t frames,
                       double interval)
{
    const hs_profile *profile = recorder->synth.profile;
    const hs_recording_profile *recording = &profile->recording;
    uint64_t seed = recorder->synth.seed;
    hs_status status;
    memset(take, 0, sizeof *take);
    take->subject = subject;
    take->count = frames;
    HS_TRY(hs_allocate((size_t)frames * sizeof *take->frames, "frames of a recording",
                       (void **)&take->frames));
    HS_TRY(hs_motion_init(&take->motion, profile, seed, subject, (double)frames * interval,
                          recorder->views));
    take->look = draw_look(seed, subject, take->motion.base);
    if (recorder->bare_hands)
        bare_hands(take);
    hs_rng rng = hs_rng_make(seed, subject, 0, HS_PURPOSE_SYNTH_COLOR);
    double delay = hs_rng_range(&rng, recording->delay.low, recording->delay.high);
    take->shutter = hs_rng_range(&rng, recording->shutter.low, recording->shutter.high);
    for (int64_t i = 0; i < frames; i++)
        plan_frame(take, recording, seed, i, interval, delay);
exit:
    return status;
}

void hs_take_free(hs_take *take)
{
    hs_motion_free(&take->motion);
    free(take->frames);
    memset(take, 0, sizeof *take);
}

bool hs_take_has(const hs_take_frame *frame, int view)
{
    return frame->episode != (view == HS_DEPTH_VIEW ? HS_EPISODE_NO_DEPTH : HS_EPISODE_NO_COLOR);
}

const char *hs_episode_name(hs_episode_kind kind)
{
    static const char *const names[HS_EPISODE_KINDS] = {
#define HS_EPISODE(name, text, meaning) text,
#include "synth/episodes.def"
#undef HS_EPISODE
    };
    return names[kind];
}

/* Keys of a frame's noise. */
typedef struct frame_keys {
    uint32_t depth, color;
} frame_keys;

static frame_keys draw_keys(const hs_recorder *recorder, const hs_take *take, int64_t frame)
{
    hs_rng rng =
        hs_rng_make(recorder->synth.seed, take->subject, (uint32_t)frame, HS_PURPOSE_SYNTH_NOISE);
    uint32_t depth = hs_rng_u32(&rng);
    return (frame_keys){depth, hs_rng_u32(&rng)};
}

void hs_take_depth(const hs_recorder *recorder, const hs_take *take, int64_t frame,
                   hs_recorder_buffers *buffers, uint16_t *depth, uint8_t *truth)
{
    hs_motion_pose(&take->motion, take->frames[frame].time[HS_DEPTH_VIEW], buffers->depth.scene);
    hs_recorder_depth(recorder, take->look.palette.key, draw_keys(recorder, take, frame).depth,
                      buffers, depth, truth);
}

/* Pixels of the colour camera that each hand moves while the shutter is open around `time`. */
static void find_way(const hs_recorder *recorder, const hs_take *take, double time, hs_scene *scene,
                     double way[HS_SIDES][2])
{
    double from[HS_SIDES][2];
    for (int end = 0; end < 2; end++) {
        hs_motion_pose(&take->motion, time + (end - 0.5) * take->shutter, scene);
        for (int s = 0; s < HS_SIDES; s++) {
            const hs_limb *limb = &scene->limb[s];
            hs_vec3 knuckles = hs_along(limb->wrist, 0.09, limb->hand.y);
            hs_viewpoint_project(&recorder->views[HS_COLOR_VIEW], knuckles, way[s]);
            for (int c = 0; c < 2; c++) {
                double at = way[s][c];
                way[s][c] = at - (end ? from[s][c] : 0);
                from[s][c] = at;
            }
        }
    }
}

void hs_take_color(const hs_recorder *recorder, const hs_take *take, int64_t frame,
                   hs_recorder_buffers *buffers, uint8_t *picture)
{
    const hs_take_frame *f = &take->frames[frame];
    const hs_key *key = hs_motion_key(&take->motion, f->time[HS_DEPTH_VIEW]);
    hs_look look = take->look;
    hs_paint glove = look.palette.glove[key->left];
    look.gain = key->gain;
    look.palette.probe = glove;
    if (key->episode == HS_EPISODE_SHIRT)
        look.palette.shirt = look.palette.stripe = glove;
    find_way(recorder, take, f->time[HS_COLOR_VIEW], buffers->depth.scene, look.way);
    hs_motion_pose(&take->motion, f->time[HS_COLOR_VIEW], buffers->depth.scene);
    buffers->depth.scene->ball = key->ball;
    hs_recorder_color(recorder, &look, draw_keys(recorder, take, frame).color, buffers, picture);
}
