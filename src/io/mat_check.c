#include "io/mat_check.h"

#include "io/file.h"
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

static const char *const again = "copy or download the file again";

enum { ORDER = 126, HEADER = 128, TAG = 8, COMPRESSED = 15 };

/* The first bytes, which say what it is, so that no file of another kind reaches matio: MAT 7.3 is
 * HDF5, whose library takes one thread at a time. */
static hs_status check_signature(const char *path, FILE *file)
{
    static const char signature[] = "MATLAB 5.0 MAT-file";
    enum { SIZE = sizeof signature - 1 };
    char got[SIZE + 1] = "";
    size_t size = fread(got, 1, SIZE, file);
    if (ferror(file))
        return hs_file_open_error(path, errno);
    if (strncmp(got, "MATLAB 7.3", 10) == 0)
        return hs_error(HS_ERR_FORMAT, "save it with -v7",
                        "%s: got a MATLAB 7.3 file, expected "
                        "one of MATLAB 5 to 7",
                        path);
    return size == SIZE && strcmp(got, signature) == 0
               ? HS_OK
               : hs_error(HS_ERR_FORMAT, again,
                          "%s: not a MATLAB file: got %s, expected MATLAB 5 "
                          "to 7",
                          path, size ? "other content" : "an empty file");
}

/* Four bytes in the order of the file. */
static uint32_t number_of(const unsigned char *b, bool big)
{
    return big ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
               : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* Whether the next `size` bytes of a file are one whole stream of zlib, by its checksum. */
static bool inflates(FILE *file, uint32_t size)
{
    unsigned char in[16384], out[65536];
    z_stream stream = {0};
    int result = Z_OK;
    if (inflateInit(&stream) != Z_OK)
        return false;
    while (size > 0 && result == Z_OK) {
        stream.avail_in = (uInt)fread(in, 1, size < sizeof in ? size : sizeof in, file);
        stream.next_in = in;
        size -= stream.avail_in;
        if (stream.avail_in == 0)
            break;
        do {
            stream.next_out = out;
            stream.avail_out = sizeof out;
            result = inflate(&stream, Z_NO_FLUSH);
        } while (result == Z_OK && stream.avail_out == 0);
        result = result == Z_BUF_ERROR ? Z_OK : result; /* it wants more of the file */
    }
    inflateEnd(&stream);
    return result == Z_STREAM_END;
}

/* After a header come variables, each behind its type and its length: what is cut off must not pass
 * for what is absent. */
static hs_status check_variables(const char *path, FILE *file, bool content)
{
    unsigned char order = 0, tag[TAG];
    int64_t at = HEADER, size;
    if (fseeko(file, 0, SEEK_END) != 0 || (size = ftello(file)) < 0 ||
        fseeko(file, ORDER, SEEK_SET) != 0)
        return hs_file_open_error(path, errno);
    bool whole = fread(&order, 1, 1, file) == 1, sound = true;
    while (whole && sound && at < size) {
        whole = fseeko(file, at, SEEK_SET) == 0 && fread(tag, 1, TAG, file) == TAG;
        uint32_t type = whole ? number_of(tag, order == 'M') : 0;
        uint32_t length = whole ? number_of(tag + 4, order == 'M') : 0;
        at += TAG + (int64_t)length;
        if (content && type == COMPRESSED && at <= size)
            sound = inflates(file, length);
    }
    if (ferror(file))
        return hs_file_open_error(path, errno);
    if (!sound)
        return hs_error(HS_ERR_FORMAT, again,
                        "%s: damaged MATLAB file: got compressed data that do not fit their "
                        "checksum",
                        path);
    return whole && at == size
               ? HS_OK
               : hs_error(HS_ERR_FORMAT, again, "%s: truncated MATLAB file: got %lld bytes", path,
                          (long long)size);
}

static hs_status check(const char *path, bool content)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_file_open_error(path, errno);
    hs_status status;
    HS_TRY(check_signature(path, file));
    HS_TRY(check_variables(path, file, content));
exit:
    fclose(file);
    return status;
}

hs_status hs_mat_check_frame(const char *path)
{
    return check(path, false);
}

hs_status hs_mat_check_content(const char *path)
{
    return check(path, true);
}
