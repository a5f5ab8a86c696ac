/* Which frames of a folder go into a data set: what people and the automatic score said. */
#ifndef HS_DATA_SELECTION_H
#define HS_DATA_SELECTION_H

#include "data/layout.h"

/* Reads the folder's quality.csv and verdicts.log. A person's verdict goes before that of the
 * score. *counts says how many frames fell where, *rejected, one byte a frame of the layout and in
 * its arena, which are to be left out; NULL where the folder has neither file. */
hs_status hs_selection_make(hs_layout *layout, hs_review_counts *counts, const uint8_t **rejected);

#endif
