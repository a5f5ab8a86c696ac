/* rosbag V2.0 files, read: http://wiki.ros.org/Bags/Format/2.0
 *
 * A bag is a sequence of records, each a header of fields and data; messages lie in chunks, which
 * may be compressed. The index at its end is not used: a bag is scanned from its start, which finds
 * the same messages whether or not the index was ever written, and looks at all of it. What the
 * index and the bag's own header promise is held against what was found, so that a cut bag is never
 * taken for a whole one.
 *
 * The file may be of any size and content: at most one chunk, of at most 256 MiB, is in memory. */
#ifndef HS_IO_ROSBAG_H
#define HS_IO_ROSBAG_H

#include "base/status.h"
#include "io/lz4_frame.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct hs_bag hs_bag;

/* Where a message lies. */
typedef struct hs_bag_place {
    uint64_t at;     /* in the file: the message, or the compressed chunk it lies in */
    uint64_t stored; /* bytes of that chunk; 0: not compressed */
    uint32_t offset; /* of the message in the decompressed chunk */
    uint32_t size;   /* bytes of the message */
} hs_bag_place;

enum { HS_BAG_HEAD = 1024 };

typedef struct hs_bag_message {
    const char *topic, *type; /* valid as long as the bag */
    int64_t time;             /* when it was recorded: nanoseconds */
    hs_bag_place place;
    const uint8_t *head; /* its first head_size bytes: all of them, or HS_BAG_HEAD */
    size_t head_size;
} hs_bag_message;

/* Called for every message in order of the file. An error of its own is reported with the place
 * and the topic; HS_ERR_FORMAT counts as a damage of the bag. */
typedef hs_status (*hs_bag_visitor)(void *context, const hs_bag_message *message);

/* Opens a bag and visits its messages. HS_ERR_IO, or HS_ERR_FORMAT with the byte and the topic for
 * what is damaged, cut, compressed otherwise than by LZ4, or no bag. With `salvage` damages are
 * counted and passed over, and what can be read before and after them is visited; a file that is no
 * bag is refused as ever. */
hs_status hs_bag_open(const char *path, bool salvage, hs_bag_visitor visitor, void *context,
                      hs_bag **bag);
void hs_bag_close(hs_bag *bag);

/* Damages passed over, and what was said of the first (NULL: none). */
int64_t hs_bag_damages(const hs_bag *bag, const char **first);

/* Reads a message into memory (initialise with {0}; may be used again): its place.size bytes begin
 * at *message. Safe from any thread, each with memory of its own. */
hs_status hs_bag_read(const hs_bag *bag, const hs_bag_place *place, hs_bytes *memory,
                      const uint8_t **message);

#endif
