#include "synth/subject.h"

/* Millimetres, FACTS of the hand: bones (metacarpal, proximal, middle, distal) and radii of the
 * spheres from base to tip, of a small hand. */
static const struct finger_table {
    int bones;
    double length[4], radius[4];
} finger_table[HS_FINGERS] = {
    [HS_THUMB] = {3, {46.2, 31.6, 21.7}, {15.7, 10.3, 7.3, 7.0}},
    [HS_INDEX] = {4, {68.1, 39.8, 22.4, 15.8}, {8.4, 7.6, 5.9, 5.2}},
    [HS_MIDDLE] = {4, {64.6, 44.6, 26.3, 17.4}, {7.7, 7.6, 5.7, 5.6}},
    [HS_RING] = {4, {58.0, 41.4, 25.7, 17.3}, {7.3, 7.0, 5.0, 4.8}},
    [HS_LITTLE] = {4, {53.7, 32.7, 18.1, 16.0}, {7.8, 6.2, 4.8, 4.2}},
};

/* Normal, kept within 2.5 standard deviations. */
static double draw(hs_rng *rng, double mean, double deviation)
{
    return mean + deviation * hs_clamp(hs_rng_normal(rng), -2.5, 2.5);
}

static hs_hand_anatomy draw_hand(hs_rng *rng, double scale, double stout)
{
    const double mm = 0.001;
    hs_hand_anatomy hand = {.scale = scale};
    for (int f = 0; f < HS_FINGERS; f++) {
        const struct finger_table *table = &finger_table[f];
        hs_finger *finger = &hand.fingers[f];
        finger->bones = table->bones;
        for (int b = 0; b < table->bones; b++)
            finger->length[b] = table->length[b] * mm * scale * draw(rng, 1, 0.055);
        finger->pulp = hs_rng_range(rng, 4, 6) * mm * scale;
        double thick = stout * draw(rng, 1, 0.03);
        for (int j = 0; j < 4; j++)
            finger->radius[j] = table->radius[j] * mm * thick;
        hand.palm_radius[f] = hs_rng_range(rng, 9.4, 11.4) * mm * stout;
    }
    hand.wrist_radius = hs_rng_range(rng, 13.0, 15.4) * mm * stout;
    hand.wrist_half = hs_rng_range(rng, 11.5, 14.5) * mm * stout;
    return hand;
}

static hs_body_anatomy draw_body(hs_rng *rng, double stature, double build)
{
    double s = stature / 1.72;
    return (hs_body_anatomy){
        .stature = stature,
        .shoulder_half = draw(rng, 0.178, 0.010) * s * hs_mix(1, build, 0.35),
        .upper_arm = draw(rng, 0.300, 0.010) * s,
        .forearm = draw(rng, 0.258, 0.009) * s,
        .chest_radius = draw(rng, 0.108, 0.006) * s * build,
        .waist_radius = draw(rng, 0.098, 0.008) * s * build,
        .hip_radius = draw(rng, 0.108, 0.006) * s * build,
        .hip_half = draw(rng, 0.085, 0.006) * s,
        .belly = fmax(0, draw(rng, 0.02, 0.03) * build),
        .arm_radius = draw(rng, 0.046, 0.004) * s * build,
        .elbow_radius = draw(rng, 0.038, 0.003) * s * build,
        .neck_radius = draw(rng, 0.056, 0.004) * s * hs_mix(1, build, 0.5),
        .head_radius = draw(rng, 0.084, 0.004) * hs_mix(1, s, 0.4),
        .trunk = draw(rng, 0.50, 0.02) * s,
        .thigh = draw(rng, 0.42, 0.015) * s,
    };
}

hs_subject hs_subject_make(uint64_t seed, uint32_t subject)
{
    hs_rng rng = hs_rng_make(seed, subject, 0, HS_PURPOSE_SYNTH_SUBJECT);
    bool man = hs_rng_uniform(&rng) < 0.6;
    double tall = hs_clamp(hs_rng_normal(&rng), -2, 2), build = draw(&rng, 1, 0.09);
    /* Hands follow stature in part: together a spread of 5-6 % beside the difference of men. */
    double scale = (man ? 1.05 : 0.96) * (1 + 0.035 * tall + 0.015 * draw(&rng, 0, 1));
    double stout = (man ? hs_rng_range(&rng, 1.08, 1.22) : hs_rng_range(&rng, 1.0, 1.1)) *
                   hs_mix(1, build, 0.4);
    hs_subject person;
    person.hand = draw_hand(&rng, scale, stout);
    person.body = draw_body(&rng, (man ? 1.76 : 1.64) + 0.065 * tall, build);
    for (int i = 0; i < 4; i++)
        person.pose_bias[i] = draw(&rng, 0, hs_radians(4));
    return person;
}

hs_clothes hs_clothes_draw(hs_rng *rng)
{
    hs_clothes c;
    double bare = hs_rng_uniform(rng);
    c.sleeve_loose = hs_rng_range(rng, 0.008, 0.028);
    c.sleeve_end = bare < 0.15  ? 1.25 /* short sleeves */
                   : bare < 0.3 ? hs_rng_range(rng, 0.2, 0.7)
                                : hs_rng_range(rng, 0.02, 0.1);
    c.trunk_loose = hs_rng_range(rng, 0.0, 0.03);
    c.glove_thick = hs_rng_range(rng, 0.0003, 0.0018);
    c.glove_cuff = hs_rng_range(rng, 0.018, 0.030); /* everybody wears the same pair */
    c.zip = hs_rng_uniform(rng) < 0.4;
    c.fold_depth = hs_rng_range(rng, 0.002, 0.009);
    c.fold_size = hs_rng_range(rng, 0.05, 0.11);
    c.crease = hs_rng_range(rng, 0.15, 0.9);
    c.shirt = hs_rng_range(rng, 0.5, 1.0);
    c.trousers = hs_rng_range(rng, 0.35, 0.9);
    c.hair = hs_rng_range(rng, 0.05, 0.35);
    c.skin = hs_rng_range(rng, 0.6, 0.85);
    c.glove = hs_rng_range(rng, 0.7, 1.0);
    return c;
}
