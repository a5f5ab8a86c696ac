/* What a kind of recording provides: the reader in recording.c does the rest. */
#ifndef HS_RECORDING_SOURCE_H
#define HS_RECORDING_SOURCE_H

#include "recording/recording.h"

typedef struct hs_source {
    /* Each reads one frame into pair->depth or pair->color, which is either NULL or what an earlier
     * call put there: memory from malloc, of the size of the rig's image. */
    hs_status (*read_depth)(const hs_recording *recording, int32_t number, hs_recording_pair *pair);
    hs_status (*read_color)(const hs_recording *recording, int32_t number, hs_recording_pair *pair);
    void (*close)(hs_recording *recording);
} hs_source;

struct hs_recording {
    hs_arena arena; /* of texts */
    hs_recording_info info;
    const hs_source *source; /* NULL until opened */
    void *context;           /* of the source */
};

/* Each sets source, context and, of info: subject, rig, tolerance, depth, color (sorted), truth,
 * damages, damage. info.path is set before; what was set is freed also after a failure. */
hs_status hs_folder_open(hs_recording *recording, bool salvage);
hs_status hs_bag_recording_open(hs_recording *recording, bool salvage);

/* Counts a damage and keeps the first; the message is this thread's error. */
void hs_recording_note_damage(hs_recording *recording);

#endif
