#include "cli/file_kind.h"

#include "io/file.h"
#include "io/hdf5.h"
#include "recording/recording.h"

hs_status hs_file_kind_of(const char *path, hs_file_kind *kind)
{
    bool text;
    hs_h5 *file = NULL;
    hs_status status;
    *kind = HS_FILE_RECORDING;
    if (hs_recording_is_likely(path))
        return HS_OK;
    *kind = HS_FILE_MODEL;
    HS_TRY(hs_file_is_text(path, &text));
    if (text)
        return HS_OK;
    HS_TRY(hs_h5_open(path, &file));
    if (hs_h5_exists(file, "/depth"))
        *kind = HS_FILE_DATASET;
exit:
    hs_h5_close(file);
    return status;
}
