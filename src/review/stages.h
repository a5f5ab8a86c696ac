/* Stage pictures of a frame that annotate wrote for a closer look. */
#ifndef HS_REVIEW_STAGES_H
#define HS_REVIEW_STAGES_H

#include "base/memory.h"
#include "base/status.h"

enum { HS_STAGES_MAX = 32 };

typedef struct hs_stages {
    hs_arena arena;
    const char *folder;
    const char *names[HS_STAGES_MAX]; /* [count] files of the folder, in the order of their names */
    int count;
} hs_stages;

/* FOLDER/FRAME.png and every PNG in FOLDER/FRAME/. Initialise with {0}; free also after a
 * failure. */
hs_status hs_stages_list(hs_stages *stages, const char *folder, const char *frame);
void hs_stages_free(hs_stages *stages);

/* The bytes of one of them; the caller frees them. */
hs_status hs_stages_read(const hs_stages *stages, int n, unsigned char **bytes, size_t *size);

#endif
