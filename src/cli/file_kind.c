#include "cli/file_kind.h"

#include "io/file.h"
#include "io/hdf5.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Whether the file begins like a bag, or like text: no zero byte in its first part. */
static hs_status look_at_start(const char *path, bool *text, bool *bag)
{
    static const char bag_start[] = "#ROSBAG ";
    char start[512];
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_file_open_error(path, errno);
    size_t size = fread(start, 1, sizeof start, file);
    int err = ferror(file) ? errno : 0;
    fclose(file);
    if (err)
        return hs_file_open_error(path, err);
    *bag = size >= sizeof bag_start - 1 && memcmp(start, bag_start, sizeof bag_start - 1) == 0;
    *text = size > 0 && memchr(start, 0, size) == NULL && (unsigned char)start[0] < 0x80;
    return HS_OK;
}

hs_status hs_file_kind_of(const char *path, hs_file_kind *kind)
{
    bool text = false, bag = false;
    hs_h5 *file = NULL;
    struct stat info;
    hs_status status;
    *kind = HS_FILE_RECORDING;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return HS_OK;
    HS_TRY(look_at_start(path, &text, &bag));
    if (bag)
        return HS_OK;
    *kind = HS_FILE_CONFIG;
    if (text)
        return HS_OK;
    HS_TRY(hs_h5_open(path, &file));
    if (hs_h5_exists(file, "/depth"))
        *kind = HS_FILE_DATASET;
    else if (hs_h5_exists(file, "/params"))
        *kind = HS_FILE_CHECKPOINT;
    else
        status = hs_error(HS_ERR_FORMAT, NULL,
                          "%s: got HDF5 with neither /depth nor /params, expected a data set or a "
                          "checkpoint",
                          path);
exit:
    hs_h5_close(file);
    return status;
}
