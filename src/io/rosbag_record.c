#include "io/rosbag_record.h"

#include <string.h>

const uint8_t *hs_record_bytes(hs_record_source *source, uint64_t at, size_t size, int *err)
{
    *err = 0;
    if (at > source->size || size > source->size - at || size > HS_RECORD_WINDOW)
        return NULL;
    if (source->fd < 0)
        return source->held.bytes + at;
    hs_bytes *held = &source->held;
    if (at < source->held_at || at + size > source->held_at + held->size) {
        uint64_t left = source->size - at;
        held->size = hs_read_at(source->fd, at, held->bytes,
                                left < HS_RECORD_WINDOW ? (size_t)left : HS_RECORD_WINDOW, err);
        source->held_at = at;
        if (held->size < size)
            return NULL;
    }
    return held->bytes + (at - source->held_at);
}

const uint8_t *hs_record_field(const uint8_t *fields, size_t size, const char *name, size_t *length)
{
    size_t at = 0, name_length = strlen(name);
    while (size - at >= 4) {
        size_t field = hs_le32(fields + at);
        at += 4;
        if (field > size - at)
            break;
        if (field > name_length && fields[at + name_length] == '=' &&
            memcmp(fields + at, name, name_length) == 0) {
            *length = field - name_length - 1;
            return fields + at + name_length + 1;
        }
        at += field;
    }
    return NULL;
}

bool hs_record_u32(const hs_record *record, const char *name, uint32_t *value)
{
    size_t length;
    const uint8_t *field = hs_record_field(record->header, record->header_size, name, &length);
    if (!field || length != 4)
        return false;
    *value = hs_le32(field);
    return true;
}

bool hs_record_u64(const hs_record *record, const char *name, uint64_t *value)
{
    size_t length;
    const uint8_t *field = hs_record_field(record->header, record->header_size, name, &length);
    if (!field || length != 8)
        return false;
    *value = hs_le64(field);
    return true;
}

bool hs_record_read(hs_record_source *source, uint64_t at, uint64_t end, hs_record *record,
                    int *err)
{
    static const char *const cut = "the record is cut";
    *err = 0;
    *record = (hs_record){.op = -1, .at = at, .data = at, .flaw = cut};
    const uint8_t *bytes = end - at < 4 ? NULL : hs_record_bytes(source, at, 4, err);
    if (!bytes)
        return false;
    size_t header = hs_le32(bytes);
    if (header > HS_RECORD_HEADER) {
        record->flaw = "the header of the record is too long: no record begins here";
        return false;
    }
    bytes = end - at < header + 8 ? NULL : hs_record_bytes(source, at + 4, header + 4, err);
    if (!bytes)
        return false;
    memcpy(record->header, bytes, header);
    record->header_size = header;
    record->data = at + header + 8;
    record->data_size = hs_le32(bytes + header);
    size_t length;
    const uint8_t *op = hs_record_field(record->header, header, "op", &length);
    if (!op || length != 1) {
        record->flaw = "the header of the record says no kind: no record begins here";
        return false;
    }
    record->op = *op;
    record->cut = record->data_size > end - record->data;
    record->flaw = record->cut ? cut : NULL;
    return !record->cut;
}

uint64_t hs_record_next_chunk(hs_record_source *source, uint64_t at, int *err)
{
    /* Headers are written in order of name: length, length of the first field, its name. */
    static const char first[] = "compression=";
    enum { BEFORE = 8, LENGTH = sizeof first - 1 };
    *err = 0;
    while (source->size - at >= BEFORE + LENGTH) {
        uint64_t left = source->size - at;
        size_t size = left < HS_RECORD_WINDOW ? (size_t)left : HS_RECORD_WINDOW;
        const uint8_t *bytes = hs_record_bytes(source, at, size, err);
        if (!bytes)
            break;
        const uint8_t *found = memmem(bytes + BEFORE, size - BEFORE, first, LENGTH);
        if (found)
            return at + (uint64_t)(found - BEFORE - bytes);
        at += size - (BEFORE + LENGTH - 1);
    }
    return source->size;
}
