/* calib.ini, which holds the colours of both gloves (handseg/annotate.h):
 *
 *   [glove right]
 *   hue = 28, 70          ; 0..179, low > high wraps around
 *   saturation = 35, 200  ; 0..255
 *   value = 100, 255
 *   pixels = 91230        ; how many pixels and shots these come from; 0: given by hand
 *   shots = 24
 *
 * and [glove left] likewise; one of them may be missing. */
#ifndef HS_GLOVE_RANGE_H
#define HS_GLOVE_RANGE_H

#include "config/ini.h"
#include "handseg/annotate.h"
#include <stdbool.h>
#include <stdio.h>

/* "right", "left". */
extern const char *const hs_glove_names[HS_GLOVES];

/* What the ranges come from. */
typedef struct hs_glove_evidence {
    int64_t pixels[HS_GLOVES], shots[HS_GLOVES];
} hs_glove_evidence;

/* Reads the [glove ...] sections of `ini`, which may have others; `path` stands for it in messages.
 * HS_ERR_CONFIG, with the place, for keys and values that are wrong, low above high (but for hue),
 * a glove of another name, no glove at all. `evidence` may be NULL. */
hs_status hs_gloves_read(hs_ini *ini, const char *path, hs_gloves *gloves,
                         hs_glove_evidence *evidence);

/* Writes the sections that hs_gloves_read reads. The caller checks the file for errors. */
void hs_gloves_write(const hs_gloves *gloves, const hs_glove_evidence *evidence, FILE *file);

/* "right=28-70,35-200,100-255": hue, saturation, value of one glove, which is worn then.
 * HS_ERR_USAGE for any other text. */
hs_status hs_gloves_parse(const char *text, hs_gloves *gloves);

/* The same text without the name, into text. */
void hs_glove_range_format(const hs_glove_range *range, char *text, size_t size);

/* Whether there is a colour in both. */
bool hs_glove_ranges_overlap(const hs_glove_range *a, const hs_glove_range *b);

#endif
