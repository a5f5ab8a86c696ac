#include "cli/file_kind.h"

#include "io/file.h"
#include "io/hdf5.h"
#include <string.h>
#include <sys/stat.h>

hs_status hs_file_kind_of(const char *path, hs_file_kind *kind)
{
    static const char bag[] = "#ROSBAG ";
    char start[sizeof bag - 1];
    size_t size;
    bool text;
    hs_h5 *file = NULL;
    struct stat info;
    hs_status status;
    *kind = HS_FILE_RECORDING;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return HS_OK;
    HS_TRY(hs_file_read_start(path, start, sizeof start, &size));
    if (size == sizeof start && memcmp(start, bag, size) == 0)
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
