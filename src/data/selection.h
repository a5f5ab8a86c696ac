/* Which frames of a folder go into a data set: what people and the automatic score said. */
#ifndef HS_DATA_SELECTION_H
#define HS_DATA_SELECTION_H

#include "data/layout.h"

/* HS_ERR_DATA for a folder in which annotate has begun and not yet scored the frames. */
hs_status hs_selection_check(const char *folder);

/* Reads the folder's quality.csv and verdicts.log. A person's verdict goes before that of the
 * score. *counts says how many frames fell where, *rejected, one byte a frame of the layout and in
 * its arena, which are to be left out; NULL where the folder has neither file. Warns of frames that
 * neither says anything of, where the folder has scores. */
hs_status hs_selection_make(hs_layout *layout, hs_review_counts *counts, const uint8_t **rejected);

#endif
