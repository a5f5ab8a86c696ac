/* The picture of all stages of a frame that annotate --debug wrote. */
#ifndef HS_REVIEW_STAGES_H
#define HS_REVIEW_STAGES_H

#include "base/status.h"
#include <stddef.h>

/* The bytes of FOLDER/FRAME.png, a PNG as it is; the caller frees them. HS_ERR_IO where there is
 * none. */
hs_status hs_stages_read(const char *folder, const char *frame, unsigned char **bytes,
                         size_t *size);

#endif
