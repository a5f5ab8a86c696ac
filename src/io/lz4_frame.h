/* LZ4 frames decoded as a stream: the only user of liblz4. */
#ifndef HS_IO_LZ4_FRAME_H
#define HS_IO_LZ4_FRAME_H

#include "base/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that grows as it is filled, so that a size that a file only claims costs nothing.
 * Initialise with {0}; the caller frees bytes with free(). */
typedef struct hs_bytes {
    uint8_t *bytes;
    size_t size, capacity;
} hs_bytes;

/* Makes capacity at least `capacity`, keeping the content; HS_ERR_MEMORY. */
hs_status hs_bytes_reserve(hs_bytes *memory, size_t capacity);

/* Where the compressed bytes come from, and what came of them. */
typedef struct hs_lz4_source {
    int fd;
    uint64_t at, end; /* bytes of the file that hold the frame */
    uint64_t used;    /* out: how many of them were decoded */
    bool finished;    /* out: the frame ended, its checksums agree */
    const char *flaw; /* out: what is wrong with the frame; NULL: nothing */
} hs_lz4_source;

/* Decodes from the start of the frame until `want` bytes are there, the frame ends or is found
 * flawed, into out->bytes from 0 on; out->size is what was decoded, also before a flaw. A frame
 * that holds more than `limit` bytes is flawed. Fails only for what is not the frame's fault: no
 * memory, a file that cannot be read. */
hs_status hs_lz4_decode(hs_lz4_source *source, size_t want, size_t limit, hs_bytes *out);

/* Reads size bytes of a file at a position; fewer where the file ends. *err: errno, or 0. */
size_t hs_read_at(int fd, uint64_t at, void *bytes, size_t size, int *err);

#endif
