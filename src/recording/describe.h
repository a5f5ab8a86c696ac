/* Recordings in words, and for programs. */
#ifndef HS_RECORDING_DESCRIBE_H
#define HS_RECORDING_DESCRIBE_H

#include "recording/recording.h"
#include <stdio.h>

/* Describes the recordings that `path` means (hs_recording_list_read), one after the other, and
 * their sums where there are several. Errors as in opening them. */
hs_status hs_recording_describe(const char *path, const hs_recording_options *options, bool json,
                                FILE *out);

#endif
