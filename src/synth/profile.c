#include "synth/profile.h"

#include "base/text.h"
#include <string.h>

/* One profile an entry; everything that differs between families of data sets is here. */
static const hs_profile profiles[] = {
    {
        .name = "handseg",
        .summary = "both hands in front of an Intel RealSense SR300",
        .camera = {.width = 640,
                   .height = 480,
                   .focal = {472.9, 476.1},
                   .cx = {310.2, 316.0},
                   .cy = {242.7, 245.3},
                   .distortion = {0.0981, 0.2033, 0.0031, 0.0026, -0.1124},
                   .depth_unit = 8.191 / 65535,
                   .range = {0.2, 1.5}},
        .sensor = {.noise_floor = 0.0003,
                   .noise_quadratic = 0.0025,
                   .baseline = 0.0032,
                   .gap_floor = 0.5,
                   .gap_spread = 0.55,
                   .gap_right = 2.9,
                   .step = 0.017,
                   .signal = 4.5,
                   .cloth_rough = 0.3,
                   .flying = 0.015},
        .staging = {.body_distance = {0.6, 0.92},
                    .measured = {0.22, 0.57},
                    .hand = {0.022, 0.06},
                    .hand_distance = {0.35, 0.8},
                    .one_hand = 0.18,
                    .clear = 0.05, /* what gloves label: hands away from the body, and */
                    .apart = 0.04, /* from each other (the paper, section 3) */
                    .together = 0.06,
                    .crossed = 0.03,
                    .seated = 0.55},
        .recording = {.focal = 620.33,
                      .cx = 309.21,
                      .cy = 240.30,
                      .translation = {0.0257, 0.00122, 0.0039},
                      .tilt = 0.004,
                      .body_distance = {0.76, 0.98},
                      .hand_distance = {0.42, 0.62},
                      .key_time = {0.5, 1.0},
                      .episode_time = {1.0, 1.7},
                      .reach = 0.18,
                      .delay = {0.002, 0.007},
                      .shutter = {0.004, 0.014},
                      .jitter = 0.0005,
                      .late = {0.004, 0.010},
                      .tolerance = 0.012,
                      .least_interval = 1 / 48.0,
                      .episodes = {[HS_EPISODE_TOUCHING] = 0.015,
                                   [HS_EPISODE_NEAR_BODY] = 0.015,
                                   [HS_EPISODE_OUT_OF_VIEW] = 0.015,
                                   [HS_EPISODE_BRIGHT] = 0.009,
                                   [HS_EPISODE_DARK] = 0.009,
                                   [HS_EPISODE_SHIRT] = 0.008,
                                   [HS_EPISODE_OBJECT] = 0.008,
                                   [HS_EPISODE_LATE] = 0.012,
                                   [HS_EPISODE_NO_COLOR] = 0.006,
                                   [HS_EPISODE_NO_DEPTH] = 0.004}},
    },
};

enum { PROFILES = sizeof profiles / sizeof *profiles };

hs_status hs_profile_find(const char *name, const hs_profile **profile)
{
    const char *names[PROFILES];
    for (int i = 0; i < PROFILES; i++) {
        names[i] = profiles[i].name;
        if (strcmp(name, profiles[i].name) == 0) {
            *profile = &profiles[i];
            return HS_OK;
        }
    }
    char hint[256];
    hs_hint_names(name, names, PROFILES, hint, sizeof hint);
    return hs_error(HS_ERR_USAGE, hint, "synth: --profile: got '%s', expected a known profile",
                    name);
}
