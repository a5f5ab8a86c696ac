/* Which frame goes to training, which to validation, which to the test: pure functions. */
#ifndef HS_DATA_SPLIT_H
#define HS_DATA_SPLIT_H

#include "handseg/dataset.h"

enum { HS_SPLIT_PARTS = 3 }; /* train, val, test, in the order of hs_split */

/* Shares n things by the ratio: every part with a ratio above 0 gets one, the rest goes where most
 * is missing. HS_ERR_DATA where n is below the number of such parts. */
hs_status hs_split_quotas(int64_t n, const int ratio[HS_SPLIT_PARTS],
                          int64_t quotas[HS_SPLIT_PARTS]);

/* Sets `split` of infos[n]: whole subjects go to one part (nobody is in two), or single frames.
 * Random, and the same for the same seed. HS_ERR_DATA where there are too few. */
hs_status hs_split_by_subject(hs_frame_info *infos, int64_t n, const int ratio[HS_SPLIT_PARTS],
                              uint64_t seed);
hs_status hs_split_by_frame(hs_frame_info *infos, int64_t n, const int ratio[HS_SPLIT_PARTS],
                            uint64_t seed);

/* Sets `split` of infos[n] from the text of a list, one name a line ("user-3.000120", with or
 * without folder and .png; empty lines and those that begin with '#' are skipped). Every info
 * starts as HS_SPLIT_NONE. `label` names the list in messages. HS_ERR_DATA for a name that is no
 * frame or already has a split. */
hs_status hs_split_by_list(hs_frame_info *infos, int64_t n, hs_split split, const char *label,
                           const char *text);

#endif
