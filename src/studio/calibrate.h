/* Calibration as a job: recordings of the probe in, calib.ini and calib.png out. */
#ifndef HS_STUDIO_CALIBRATE_H
#define HS_STUDIO_CALIBRATE_H

#include "base/status.h"
#include "glove/probe.h"

/* A glove's range comes from a recording of its probe, from a box in every frame of one, or is
 * given; at least one glove has one of these. */
typedef struct hs_calibrate_request {
    const char *recordings[HS_GLOVES]; /* NULL: none of this glove */
    bool boxed;                        /* no probe: the colours of this box */
    int32_t box[4];                    /* x, y, width, height, pixels of the colour image */
    hs_gloves given;
    hs_disc_search search;
    hs_probe_rule rule;
    const char *out; /* calib.ini; the picture goes beside it, as .png */
    bool force;      /* replace what is there */
} hs_calibrate_request;

typedef struct hs_calibrate_result {
    hs_gloves gloves;
    hs_glove_evidence evidence;
    int frames[HS_GLOVES]; /* looked at */
    char picture[4096];    /* its path */
} hs_calibrate_result;

/* HS_ERR_DATA where too few shots show the probe, shots disagree in colour, a box lies outside, or
 * the gloves have colours in common: nothing is written then but the picture, which shows why.
 * HS_ERR_STATE where `out` exists and is not to be replaced. */
hs_status hs_calibrate(const hs_calibrate_request *request, hs_calibrate_result *result);

#endif
