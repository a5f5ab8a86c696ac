#include "io/rosbag.h"

#include "base/memory.h"
#include "io/file.h"
#include "io/rosbag_record.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK_LIMIT = 256 << 20, /* decompressed bytes */
    CONNECTION_LIMIT = 65536,
};

static const char magic[] = "#ROSBAG V2.0\n";
static const char salvage_hint[] = "--salvage reads what is whole";

typedef struct connection {
    const char *topic, *type; /* NULL: no such connection */
} connection;

struct hs_bag {
    int fd;
    hs_arena arena;
    connection *connections; /* [connection_count], by their ids */
    uint32_t connection_count;
    int64_t damages;
    const char *damage;
};

/* The bag while it is scanned. */
typedef struct scan {
    hs_bag *bag;
    const char *path;
    bool salvage;
    hs_bag_visitor visitor;
    void *context;
    hs_record_source file;
    hs_bytes content; /* of a compressed chunk */
    hs_record record; /* of the file */
    uint64_t index;   /* what the bag's header promises: place of the index, 0: never written */
    uint32_t connections, chunks;
    uint32_t chunks_found; /* in the file */
    uint32_t connections_indexed, chunks_indexed;
    bool framed;       /* where the record in hand ends is known */
    const char *topic; /* last one met, for messages */
} scan;

/* ---- damages ----------------------------------------------------------------------------------
 */

static hs_status flaw_at(const scan *s, const hs_record_source *source, uint64_t at,
                         const char *what)
{
    char place[96];
    if (source->fd < 0)
        snprintf(place, sizeof place, "byte %llu of the chunk at byte %llu", (unsigned long long)at,
                 (unsigned long long)source->chunk);
    else
        snprintf(place, sizeof place, "byte %llu", (unsigned long long)at);
    return hs_error(HS_ERR_FORMAT, s->salvage ? NULL : salvage_hint, "%s: %s, %s %s: %s", s->path,
                    place, s->topic ? "at topic" : "before any", s->topic ? s->topic : "topic",
                    what);
}

/* Passes over a damage where that is asked for. */
static hs_status pass_over(scan *s, hs_status status)
{
    if (status != HS_ERR_FORMAT || !s->salvage)
        return status;
    if (s->bag->damages++ == 0)
        s->bag->damage = hs_arena_string(&s->bag->arena, hs_error_message());
    return HS_OK;
}

static hs_status flaw_or_system(const scan *s, const hs_record_source *source, uint64_t at,
                                const char *what, int err)
{
    return err ? hs_file_open_error(s->path, err) : flaw_at(s, source, at, what);
}

/* ---- connections ------------------------------------------------------------------------------
 */

static hs_status grow_connections(hs_bag *bag, uint32_t count)
{
    if (count <= bag->connection_count)
        return HS_OK;
    uint32_t more = 2 * count;
    connection *connections = realloc(bag->connections, more * sizeof *connections);
    if (!connections)
        return hs_error(HS_ERR_MEMORY, NULL, "no memory for the topics of the bag");
    memset(connections + bag->connection_count, 0,
           (more - bag->connection_count) * sizeof *connections);
    bag->connections = connections;
    bag->connection_count = more;
    return HS_OK;
}

/* Keeps which topic a connection is. Its record is met in a chunk and once more in the index. */
static hs_status add_connection(scan *s, hs_record_source *source, const hs_record *record)
{
    uint32_t id;
    size_t length, type_length = 0;
    int err;
    const uint8_t *topic = hs_record_field(record->header, record->header_size, "topic", &length);
    if (!hs_record_u32(record, "conn", &id) || id >= CONNECTION_LIMIT || !topic || length == 0)
        return flaw_at(s, source, record->at, "a connection without a number and a topic");
    if (record->data_size > HS_RECORD_WINDOW)
        return flaw_at(s, source, record->at, "a connection of more than 64 KiB");
    const uint8_t *data = hs_record_bytes(source, record->data, (size_t)record->data_size, &err);
    if (!data)
        return flaw_or_system(s, source, record->at, "the connection is cut", err);
    const uint8_t *type = hs_record_field(data, (size_t)record->data_size, "type", &type_length);
    hs_status status = grow_connections(s->bag, id + 1);
    connection *c = &s->bag->connections[id];
    if (status != HS_OK)
        return status;
    if (c->topic && (strlen(c->topic) != length || memcmp(c->topic, topic, length) != 0))
        return flaw_at(s, source, record->at, "a connection of another topic has the same number");
    if (!c->topic) {
        c->topic = hs_arena_format(&s->bag->arena, "%.*s", (int)length, (const char *)topic);
        c->type = hs_arena_format(&s->bag->arena, "%.*s", (int)type_length,
                                  type ? (const char *)type : "");
        if (strlen(c->topic) != length) {
            c->topic = NULL;
            return flaw_at(s, source, record->at, "a topic that is no text");
        }
    }
    s->topic = c->topic;
    return HS_OK;
}

/* ---- messages ---------------------------------------------------------------------------------
 */

static hs_status visit(scan *s, hs_record_source *source, const hs_record *record, uint64_t stored)
{
    uint32_t id;
    uint64_t time;
    int err;
    if (!hs_record_u32(record, "conn", &id) || id >= s->bag->connection_count ||
        !s->bag->connections[id].topic)
        return flaw_at(s, source, record->at, "a message of a connection that is not known");
    const connection *c = &s->bag->connections[id];
    s->topic = c->topic;
    if (!hs_record_u64(record, "time", &time))
        return flaw_at(s, source, record->at, "a message without a time");
    size_t head = record->data_size < HS_BAG_HEAD ? (size_t)record->data_size : HS_BAG_HEAD;
    const uint8_t *bytes = hs_record_bytes(source, record->data, head, &err);
    if (!bytes)
        return flaw_or_system(s, source, record->at, "the message is cut", err);
    hs_bag_message message = {
        .topic = c->topic,
        .type = c->type,
        .time = (int64_t)(time & UINT32_MAX) * 1000000000 + (int64_t)(time >> 32),
        .place = {.at = stored ? source->chunk : record->data,
                  .stored = stored,
                  .offset = stored ? (uint32_t)record->data : 0,
                  .size = (uint32_t)record->data_size},
        .head = bytes,
        .head_size = head,
    };
    hs_status status = s->visitor(s->context, &message);
    if (status != HS_ERR_FORMAT)
        return status;
    char why[512];
    snprintf(why, sizeof why, "%s", hs_error_message());
    return flaw_at(s, source, record->at, why);
}

/* A message or a connection; nothing else lies in chunks. */
static hs_status take_record(scan *s, hs_record_source *source, const hs_record *record,
                             uint64_t stored)
{
    if (record->op == HS_RECORD_CONNECTION)
        return add_connection(s, source, record);
    if (record->op == HS_RECORD_MESSAGE)
        return visit(s, source, record, stored);
    return flaw_at(s, source, record->at, "a record of a kind that does not belong in a chunk");
}

/* The topic of a message whose data is missing, for its error. */
static void name_topic(scan *s, const hs_record *record)
{
    uint32_t id;
    if (record->op == HS_RECORD_MESSAGE && hs_record_u32(record, "conn", &id) &&
        id < s->bag->connection_count && s->bag->connections[id].topic)
        s->topic = s->bag->connections[id].topic;
}

/* ---- chunks -----------------------------------------------------------------------------------
 */

/* Takes the records from *at to `end`; *at becomes where no further one could be read. */
static hs_status walk_content(scan *s, hs_record_source *source, uint64_t *at, uint64_t end,
                              uint64_t stored)
{
    hs_record record;
    int err;
    hs_status status = HS_OK;
    while (*at < end) {
        if (!hs_record_read(source, *at, end, &record, &err)) {
            name_topic(s, &record);
            return flaw_or_system(s, source, *at, record.flaw, err);
        }
        HS_TRY(pass_over(s, take_record(s, source, &record, stored)));
        *at = record.data + record.data_size;
    }
exit:
    return status;
}

/* A chunk compressed by LZ4, from s->record.data to `end`; *at becomes where the next record is. */
static hs_status walk_lz4(scan *s, uint64_t *at, uint64_t end, uint32_t size, bool whole)
{
    hs_record_source *file = &s->file;
    uint64_t start = s->record.data, inner = 0;
    hs_lz4_source source = {.fd = s->bag->fd, .at = start, .end = end};
    hs_status status = hs_lz4_decode(&source, SIZE_MAX, whole ? size : CHUNK_LIMIT, &s->content);
    if (status != HS_OK)
        return hs_error_context(status, "%s", s->path);
    *at = whole ? end : start + source.used;
    hs_record_source content = {
        .fd = -1, .size = s->content.size, .chunk = start, .held = s->content};
    uint64_t stored = end - start;
    status = walk_content(s, &content, &inner, s->content.size, stored);
    if (status == HS_OK && source.flaw)
        status = flaw_at(s, file, start + source.used, source.flaw);
    if (status == HS_OK && whole && s->content.size != size)
        status = flaw_at(s, file, s->record.at, "the chunk holds fewer bytes than it says");
    return status;
}

static hs_status walk_chunk(scan *s, uint64_t *at)
{
    const hs_record *record = &s->record;
    uint32_t size;
    size_t length;
    const uint8_t *compression =
        hs_record_field(record->header, record->header_size, "compression", &length);
    /* A recorder that was stopped leaves its last chunk without sizes, reaching to the end. */
    bool open = record->data_size == 0 && s->index == 0;
    bool whole = !record->cut && !open;
    s->framed = whole;
    uint64_t end = whole ? record->data + record->data_size : s->file.size;
    *at = record->data;
    s->chunks_found++;
    if (!compression || !hs_record_u32(record, "size", &size))
        return flaw_at(s, &s->file, record->at, "a chunk without compression and size");
    if (size > CHUNK_LIMIT) {
        *at = whole ? end : *at;
        return flaw_at(s, &s->file, record->at, "a chunk of more than 256 MiB");
    }
    if (length == 3 && memcmp(compression, "lz4", 3) == 0)
        return walk_lz4(s, at, end, size, whole);
    if (length == 4 && memcmp(compression, "none", 4) == 0) {
        hs_status status = walk_content(s, &s->file, at, end, 0);
        *at = whole ? end : *at;
        return status;
    }
    *at = whole ? end : *at;
    if (length == 3 && memcmp(compression, "bz2", 3) == 0)
        return flaw_at(s, &s->file, record->at,
                       "a chunk compressed by bz2, expected none or lz4 (`rosbag decompress`)");
    return flaw_at(s, &s->file, record->at, "a chunk of unknown compression");
}

/* ---- the file ---------------------------------------------------------------------------------
 */

static hs_status open_header(scan *s, uint64_t *at)
{
    int err;
    size_t length = sizeof magic - 1;
    const uint8_t *start = hs_record_bytes(&s->file, 0, length, &err);
    if (err)
        return hs_file_open_error(s->path, err);
    if (!start || memcmp(start, magic, length) != 0) {
        bool other = start && memcmp(start, magic, sizeof "#ROSBAG V" - 1) == 0;
        return hs_error(HS_ERR_FORMAT, NULL, "%s: byte 0: got %s, expected '#ROSBAG V2.0'", s->path,
                        other ? "a rosbag of another version" : "a file that is no rosbag");
    }
    uint64_t index = 0;
    if (!hs_record_read(&s->file, length, s->file.size, &s->record, &err))
        return flaw_or_system(s, &s->file, length, s->record.flaw, err);
    *at = s->record.data + s->record.data_size;
    if (s->record.op != HS_RECORD_BAG || !hs_record_u64(&s->record, "index_pos", &index) ||
        !hs_record_u32(&s->record, "conn_count", &s->connections) ||
        !hs_record_u32(&s->record, "chunk_count", &s->chunks))
        return flaw_at(s, &s->file, length, "got no header of a bag");
    s->index = index;
    return HS_OK;
}

/* One record of the file; *at becomes the place of the next. */
static hs_status walk_record(scan *s, uint64_t *at)
{
    int err;
    bool good = hs_record_read(&s->file, *at, s->file.size, &s->record, &err);
    s->framed = good;
    const hs_record *record = &s->record;
    uint64_t before = *at;
    if (record->op == HS_RECORD_CHUNK && !err) {
        hs_status status = walk_chunk(s, at);
        return status == HS_OK && !good ? flaw_at(s, &s->file, before, record->flaw) : status;
    }
    if (!good)
        return flaw_or_system(s, &s->file, before, record->flaw, err);
    *at = record->data + record->data_size;
    switch (record->op) {
    case HS_RECORD_CONNECTION:
        s->connections_indexed++;
        return add_connection(s, &s->file, record);
    case HS_RECORD_CHUNK_INFO:
        s->chunks_indexed++;
        return HS_OK;
    case HS_RECORD_INDEX:
        return HS_OK;
    default:
        return flaw_at(s, &s->file, before, "a record of a kind that does not belong here");
    }
}

/* What the header of the bag says against what was found. */
static hs_status check_counts(const scan *s)
{
    char why[160];
    if (s->index == 0)
        snprintf(why, sizeof why, "the bag was never closed: it has no index");
    else if (s->index > s->file.size)
        snprintf(why, sizeof why, "the bag is cut: its index would be at byte %llu",
                 (unsigned long long)s->index);
    else if (s->connections_indexed != s->connections || s->chunks_found != s->chunks ||
             s->chunks_indexed != s->chunks)
        snprintf(why, sizeof why,
                 "got %u chunks and an index of %u chunks and %u topics, expected %u chunks and %u "
                 "topics",
                 s->chunks_found, s->chunks_indexed, s->connections_indexed, s->chunks,
                 s->connections);
    else
        return HS_OK;
    return flaw_at(s, &s->file, s->file.size, why);
}

static hs_status walk_file(scan *s)
{
    uint64_t at = 0;
    int err;
    hs_status status;
    HS_TRY(open_header(s, &at));
    while (at < s->file.size) {
        uint64_t before = at;
        status = walk_record(s, &at);
        if (status == HS_OK)
            continue;
        HS_TRY(pass_over(s, status));
        if (!s->framed)
            at = hs_record_next_chunk(&s->file, at > before ? at : before + 1, &err);
    }
    HS_TRY(pass_over(s, check_counts(s)));
exit:
    return status;
}

static hs_status open_file(scan *s, const char *path)
{
    struct stat info;
    s->path = path;
    s->bag->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->bag->fd < 0 || fstat(s->bag->fd, &info) != 0)
        return hs_file_open_error(path, errno);
    if (!S_ISREG(info.st_mode))
        return hs_error(HS_ERR_FORMAT, NULL, "%s: got no regular file, expected a bag", path);
    s->file = (hs_record_source){.fd = s->bag->fd, .size = (uint64_t)info.st_size};
    return hs_bytes_reserve(&s->file.held, HS_RECORD_WINDOW);
}

hs_status hs_bag_open(const char *path, bool salvage, hs_bag_visitor visitor, void *context,
                      hs_bag **bag)
{
    void *memory = NULL;
    scan *s = NULL;
    hs_status status;
    *bag = NULL;
    HS_TRY(hs_allocate(sizeof *s, "bag", &memory));
    s = memory;
    HS_TRY(hs_allocate(sizeof *s->bag, "bag", &memory));
    s->bag = memory;
    s->salvage = salvage;
    s->visitor = visitor;
    s->context = context;
    HS_TRY(open_file(s, path));
    HS_TRY(walk_file(s));
    *bag = s->bag;
    s->bag = NULL;
exit:
    if (s) {
        free(s->file.held.bytes);
        free(s->content.bytes);
        hs_bag_close(s->bag);
        free(s);
    }
    return status;
}

void hs_bag_close(hs_bag *bag)
{
    if (!bag)
        return;
    if (bag->fd >= 0)
        close(bag->fd);
    free(bag->connections);
    hs_arena_free(&bag->arena);
    free(bag);
}

int64_t hs_bag_damages(const hs_bag *bag, const char **first)
{
    *first = bag->damage;
    return bag->damages;
}

hs_status hs_bag_read(const hs_bag *bag, const hs_bag_place *place, hs_bytes *memory,
                      const uint8_t **message)
{
    hs_status status;
    int err = 0;
    size_t end = (size_t)place->offset + place->size;
    if (place->stored) {
        hs_lz4_source source = {.fd = bag->fd, .at = place->at, .end = place->at + place->stored};
        HS_TRY(hs_lz4_decode(&source, end, CHUNK_LIMIT, memory));
    } else {
        HS_TRY(hs_bytes_reserve(memory, end ? end : 1));
        memory->size = hs_read_at(bag->fd, place->at, memory->bytes, end, &err);
    }
    if (err)
        status = hs_error_system(err, NULL, "cannot read");
    else if (memory->size < end)
        status = hs_error(HS_ERR_FORMAT, NULL,
                          "byte %llu: the message is no longer there: did the file change?",
                          (unsigned long long)place->at);
    *message = memory->bytes + place->offset;
exit:
    return status;
}
