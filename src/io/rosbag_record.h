/* Records of a bag: parts of rosbag.c. */
#ifndef HS_IO_ROSBAG_RECORD_H
#define HS_IO_ROSBAG_RECORD_H

#include "io/lz4_frame.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    HS_RECORD_HEADER = 4096,  /* bytes of a record's header, at most */
    HS_RECORD_WINDOW = 65536, /* bytes that can be had at once */
};

/* Bytes of the file, or of a decompressed chunk. */
typedef struct hs_record_source {
    int fd;           /* -1: in memory */
    uint64_t size;    /* of all of it */
    uint64_t chunk;   /* in memory: place of the chunk in the file, for messages */
    hs_bytes held;    /* of the file: what was read last; in memory: all (borrowed) */
    uint64_t held_at; /* of the file: where */
} hs_record_source;

/* `size` bytes at `at`, valid until the next call; NULL beyond the end, or where the system fails
 * (then *err is its errno). size <= HS_RECORD_WINDOW. */
const uint8_t *hs_record_bytes(hs_record_source *source, uint64_t at, size_t size, int *err);

enum {
    HS_RECORD_MESSAGE = 2,
    HS_RECORD_BAG = 3,
    HS_RECORD_INDEX = 4,
    HS_RECORD_CHUNK = 5,
    HS_RECORD_CHUNK_INFO = 6,
    HS_RECORD_CONNECTION = 7,
};

typedef struct hs_record {
    int op;                       /* -1: not known */
    uint64_t at, data, data_size; /* the record and its data */
    bool cut;                     /* its data reaches beyond `end` */
    const char *flaw;             /* NULL: it could be read */
    size_t header_size;
    uint8_t header[HS_RECORD_HEADER];
} hs_record;

/* Reads the record at `at` of what ends at `end`; false where it has a flaw. *err as above. */
bool hs_record_read(hs_record_source *source, uint64_t at, uint64_t end, hs_record *record,
                    int *err);

/* The value of a field among `size` bytes of fields, its length in *length; NULL: none. */
const uint8_t *hs_record_field(const uint8_t *fields, size_t size, const char *name,
                               size_t *length);

/* Fields of 4 and 8 bytes; false where there is none of this size. */
bool hs_record_u32(const hs_record *record, const char *name, uint32_t *value);
bool hs_record_u64(const hs_record *record, const char *name, uint64_t *value);

/* The place of the next chunk at or after `at`, by what its record looks like; source->size: none.
 */
uint64_t hs_record_next_chunk(hs_record_source *source, uint64_t at, int *err);

static inline uint32_t hs_le32(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t hs_le64(const uint8_t *b)
{
    return hs_le32(b) | (uint64_t)hs_le32(b + 4) << 32;
}

#endif
