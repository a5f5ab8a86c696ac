#include "io/lz4_frame.h"

#include <errno.h>
#include <lz4frame.h>
#include <stdlib.h>
#include <unistd.h>

enum { INPUT = 64 << 10, LEAST = 64 << 10 }; /* bytes read at once; of memory, at first */

hs_status hs_bytes_reserve(hs_bytes *memory, size_t capacity)
{
    if (capacity <= memory->capacity)
        return HS_OK;
    uint8_t *bytes = realloc(memory->bytes, capacity);
    if (!bytes)
        return hs_error(HS_ERR_MEMORY, NULL, "a piece of the file needs %zu bytes of memory",
                        capacity);
    memory->bytes = bytes;
    memory->capacity = capacity;
    return HS_OK;
}

size_t hs_read_at(int fd, uint64_t at, void *bytes, size_t size, int *err)
{
    size_t done = 0;
    *err = 0;
    while (done < size) {
        ssize_t got = pread(fd, (char *)bytes + done, size - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            *err = errno;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

/* Room for more, doubling, but not beyond `most`. */
static hs_status grow(hs_bytes *out, size_t most)
{
    size_t capacity = out->capacity < LEAST ? LEAST : 2 * out->capacity;
    return hs_bytes_reserve(out, capacity < most ? capacity : most);
}

/* Decodes `size` compressed bytes. */
static hs_status decode_piece(LZ4F_dctx *context, hs_lz4_source *source, const uint8_t *piece,
                              size_t size, size_t limit, hs_bytes *out)
{
    size_t done = 0;
    hs_status status = HS_OK;
    bool more = size > 0; /* input, or output that had no room yet */
    while (more && !source->flaw && !source->finished) {
        if (out->size == out->capacity && out->capacity <= limit)
            HS_TRY(grow(out, limit + 1)); /* one more than it may hold, to see that it does */
        size_t room = out->capacity - out->size, in = size - done;
        size_t left =
            LZ4F_decompress(context, out->bytes + out->size, &room, piece + done, &in, NULL);
        if (LZ4F_isError(left))
            source->flaw = LZ4F_getErrorName(left);
        source->finished = left == 0;
        out->size += room;
        done += in;
        more = done < size || out->size == out->capacity;
        if (out->size > limit)
            source->flaw = "holds more than its chunk says";
    }
    source->used += done;
exit:
    return status;
}

hs_status hs_lz4_decode(hs_lz4_source *source, size_t want, size_t limit, hs_bytes *out)
{
    LZ4F_dctx *context = NULL;
    uint8_t *piece = malloc(INPUT);
    hs_status status = HS_OK;
    source->used = 0;
    source->finished = false;
    source->flaw = NULL;
    out->size = 0;
    if (!piece || LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) {
        status = hs_error(HS_ERR_MEMORY, NULL, "no memory to decompress");
        goto exit;
    }
    while (out->size < want && !source->finished && !source->flaw) {
        uint64_t at = source->at + source->used, left = source->end - at;
        int err;
        size_t got = hs_read_at(source->fd, at, piece, left < INPUT ? (size_t)left : INPUT, &err);
        if (err) {
            status = hs_error_system(err, NULL, "cannot read");
            goto exit;
        }
        if (got == 0)
            source->flaw = "the frame is cut";
        HS_TRY(decode_piece(context, source, piece, got, limit, out));
    }
exit:
    LZ4F_freeDecompressionContext(context);
    free(piece);
    return status;
}
