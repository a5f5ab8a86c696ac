/* Which frames are looked at: "user-1.00000003,7,20-30", names, and numbers of every subject. */
#ifndef HS_STUDIO_DEBUG_FRAMES_H
#define HS_STUDIO_DEBUG_FRAMES_H

#include "studio/frames.h"

/* HS_ERR_USAGE for a text of another form. */
hs_status hs_debug_frames_check(const char *list);

/* Whether a checked list has the task; NULL has all. */
bool hs_debug_frames_has(const char *list, const hs_frame_task *task);

#endif
