/* Frames of HDF5 files, coded by ourselves as HDF5's filters shuffle, deflate and Fletcher32 do:
 * the library would code under its one lock, and then eight threads read no faster than one. */
#include "io/hdf5_internal.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    DEFLATE_LEVEL = 3, /* of real depth: 12 % of the size; 4 takes half as long again to save 2 % */
    CHECKSUM_BYTES = 4,
    INFLATE_ROOM = 48 << 10 /* zlib's manual: a window of 32 KiB and about 7 KiB */
};

/* ---- the codec ---- */

/* Byte k of element i goes to k * n + i: the slowly varying high bytes end up together. */
static void shuffle(const unsigned char *in, size_t n, size_t size, unsigned char *out)
{
    for (size_t k = 0; k < size; k++)
        for (size_t i = 0; i < n; i++)
            out[k * n + i] = in[i * size + k];
}

static void unshuffle(const unsigned char *in, size_t n, size_t size, unsigned char *out)
{
    for (size_t k = 0; k < size; k++)
        for (size_t i = 0; i < n; i++)
            out[i * size + k] = in[k * n + i];
}

/* Fletcher's checksum over big-endian 16-bit words, as HDF5 computes it. */
static uint32_t fletcher32(const unsigned char *bytes, size_t size)
{
    uint32_t a = 0, b = 0;
    size_t words = size / 2;
    while (words > 0) {
        size_t run = words > 360 ? 360 : words; /* no overflow before the fold */
        words -= run;
        for (; run > 0; run--, bytes += 2) {
            a += (uint32_t)bytes[0] << 8 | bytes[1];
            b += a;
        }
        a = (a & 0xffff) + (a >> 16);
        b = (b & 0xffff) + (b >> 16);
    }
    if (size % 2) {
        a += (uint32_t)bytes[0] << 8;
        b += a;
        a = (a & 0xffff) + (a >> 16);
        b = (b & 0xffff) + (b >> 16);
    }
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
    return b << 16 | a;
}

static size_t coded_bound(size_t bytes)
{
    return hs_align_up(compressBound((uLong)bytes) + CHECKSUM_BYTES);
}

size_t hs_h5_frames_block_size(const hs_h5_frames *frames)
{
    return coded_bound(frames->bytes) + INFLATE_ROOM + frames->bytes;
}

void hs_h5_block_free(hs_h5_block *block)
{
    free(block->bytes);
    *block = (hs_h5_block){0};
}

static hs_status grow(hs_h5_block *block, size_t capacity, const char *what)
{
    if (block->capacity >= capacity)
        return HS_OK;
    hs_h5_block_free(block);
    void *memory;
    hs_status status = hs_allocate(capacity, what, &memory);
    if (status == HS_OK)
        *block = (hs_h5_block){.bytes = memory, .capacity = capacity};
    return status;
}

hs_status hs_h5_frames_encode(const hs_h5_frames *frames, const void *data, hs_h5_block *block)
{
    size_t size = hs_h5_type_size(frames->type), room = coded_bound(frames->bytes);
    hs_status status = grow(block, hs_h5_frames_block_size(frames), frames->name);
    if (status != HS_OK)
        return status;
    const unsigned char *plain = data;
    if (size > 1) {
        shuffle(data, frames->bytes / size, size, block->bytes + room);
        plain = block->bytes + room;
    }
    uLongf coded = (uLongf)(room - CHECKSUM_BYTES);
    if (compress2(block->bytes, &coded, plain, (uLong)frames->bytes, DEFLATE_LEVEL) != Z_OK)
        return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory to compress a frame", frames->name);
    uint32_t sum = fletcher32(block->bytes, coded);
    for (int i = 0; i < CHECKSUM_BYTES; i++)
        block->bytes[coded + (uLongf)i] = (unsigned char)(sum >> 8 * i);
    block->size = coded + CHECKSUM_BYTES;
    return HS_OK;
}

/* What is free of a block: zlib takes its memory from it, so that reading allocates nothing. */
typedef struct free_room {
    unsigned char *at;
    size_t left;
} free_room;

static voidpf take_room(voidpf opaque, uInt count, uInt size)
{
    free_room *room = opaque;
    size_t bytes = hs_align_up((size_t)count * size);
    if (bytes > room->left)
        return Z_NULL;
    room->left -= bytes;
    room->at += bytes;
    return room->at - bytes;
}

static void leave_room(voidpf opaque, voidpf memory)
{
    (void)opaque, (void)memory;
}

static uInt next_part(size_t *left)
{
    uInt part = *left > UINT_MAX ? UINT_MAX : (uInt)*left;
    *left -= part;
    return part;
}

/* Whether `coded` holds exactly `bytes` bytes, which go to `plain`. */
static bool inflate_into(free_room *room, unsigned char *coded, size_t size, unsigned char *plain,
                         size_t bytes)
{
    z_stream z = {.zalloc = take_room,
                  .zfree = leave_room,
                  .opaque = room,
                  .next_in = coded,
                  .next_out = plain};
    int result = inflateInit(&z);
    while (result == Z_OK) {
        z.avail_in = z.avail_in ? z.avail_in : next_part(&size);
        z.avail_out = z.avail_out ? z.avail_out : next_part(&bytes);
        result = inflate(&z, size ? Z_NO_FLUSH : Z_FINISH);
    }
    inflateEnd(&z);
    return result == Z_STREAM_END && bytes == 0 && z.avail_out == 0;
}

/* NULL, or what is wrong with the bytes. */
static const char *decode(const hs_h5_frames *frames, hs_h5_block *block, void *data)
{
    size_t size = hs_h5_type_size(frames->type), coded = block->size - CHECKSUM_BYTES;
    uint32_t sum = 0;
    for (int i = 0; i < CHECKSUM_BYTES; i++)
        sum |= (uint32_t)block->bytes[coded + (size_t)i] << 8 * i;
    if (sum != fletcher32(block->bytes, coded))
        return "the checksum does not fit";
    unsigned char *plain =
        size > 1 ? block->bytes + (block->capacity - frames->bytes) : (unsigned char *)data;
    free_room room = {.at = block->bytes + coded_bound(frames->bytes), .left = INFLATE_ROOM};
    if (!inflate_into(&room, block->bytes, coded, plain, frames->bytes))
        return "the compressed data are damaged";
    if (size > 1)
        unshuffle(plain, frames->bytes / size, size, data);
    return NULL;
}

/* ---- making and opening ---- */

void hs_h5_frames_free(hs_h5_frames *frames)
{
    hs_h5_release(&frames->id);
    free(frames->name);
    free(frames);
}

/* Links a new object into the file, which frees it. `id` is taken over. */
static hs_status frames_new(hs_h5 *file, const char *name, hs_h5_type type, int64_t n, int rank,
                            const int64_t *dims, hid_t id, hs_h5_frames **result)
{
    hs_h5_frames *frames = calloc(1, sizeof *frames);
    char *copy = strdup(name);
    if (!frames || !copy) {
        free(frames);
        free(copy);
        hs_h5_release(&id);
        return hs_error(HS_ERR_MEMORY, NULL, "%s: %s: no memory", file->path, name);
    }
    *frames = (hs_h5_frames){.file = file,
                             .next = file->frames,
                             .name = copy,
                             .id = id,
                             .type = type,
                             .rank = rank,
                             .count = n,
                             .bytes = hs_h5_type_size(type),
                             .ours = true};
    for (int i = 0; i < rank; i++) {
        frames->dims[i] = dims[i];
        frames->bytes *= (size_t)dims[i];
    }
    file->frames = frames;
    *result = frames;
    return HS_OK;
}

/* The creation list of [n, dims...], one frame a chunk. */
static hid_t frames_list(hs_h5_type type, int rank, const int64_t *dims)
{
    hsize_t chunk[HS_H5_MAX_RANK] = {1};
    for (int i = 0; i < rank; i++)
        chunk[i + 1] = (hsize_t)dims[i];
    hid_t list = hs_h5_creation_list();
    H5Pset_chunk(list, rank + 1, chunk);
    if (hs_h5_type_size(type) > 1)
        H5Pset_shuffle(list);
    H5Pset_deflate(list, DEFLATE_LEVEL);
    H5Pset_fletcher32(list);
    return list;
}

hs_status hs_h5_frames_create(hs_h5 *file, const char *name, hs_h5_type type, int64_t n, int rank,
                              const int64_t *dims, hs_h5_frames **frames)
{
    HS_H5_LOCK();
    hsize_t now[HS_H5_MAX_RANK] = {(hsize_t)n}, most[HS_H5_MAX_RANK] = {H5S_UNLIMITED};
    for (int i = 0; i < rank; i++)
        now[i + 1] = most[i + 1] = (hsize_t)dims[i];
    HS_H5_ID space = H5Screate_simple(rank + 1, now, most);
    HS_H5_ID list = frames_list(type, rank, dims);
    hid_t id = H5I_INVALID_HID;
    hs_status status = hs_h5_create_array(file, name, hs_h5_file_type(type), space, list, &id);
    return status == HS_OK ? frames_new(file, name, type, n, rank, dims, id, frames) : status;
}

/* Whether the array `id` has the chunks and filters of frames_list. */
static bool coded_by_us(hid_t id, hs_h5_type type, int rank, const int64_t *dims)
{
    HS_H5_ID list = H5Dget_create_plist(id);
    hsize_t chunk[HS_H5_MAX_RANK];
    if (H5Pget_layout(list) != H5D_CHUNKED || H5Pget_chunk(list, rank + 1, chunk) != rank + 1)
        return false;
    bool same = chunk[0] == 1;
    for (int i = 0; i < rank; i++)
        same = same && chunk[i + 1] == (hsize_t)dims[i];
    static const H5Z_filter_t all[] = {H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE,
                                       H5Z_FILTER_FLETCHER32};
    const H5Z_filter_t *expected = all + (hs_h5_type_size(type) == 1);
    int n = (int)(all + 3 - expected);
    same = same && H5Pget_nfilters(list) == n;
    for (int i = 0; same && i < n; i++) {
        unsigned flags;
        size_t values = 0;
        same =
            H5Pget_filter2(list, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL) == expected[i];
    }
    return same;
}

hs_status hs_h5_frames_open(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                            const int64_t *dims, hs_h5_frames **frames)
{
    HS_H5_LOCK();
    int64_t whole[HS_H5_MAX_RANK] = {-1};
    for (int i = 0; i < rank; i++)
        whole[i + 1] = dims[i];
    hid_t id = H5I_INVALID_HID;
    hs_status status = hs_h5_open_array(file, name, type, rank + 1, whole, &id);
    if (status != HS_OK) {
        hs_h5_release(&id);
        return status;
    }
    HS_H5_ID space = H5Dget_space(id);
    hsize_t sizes[HS_H5_MAX_RANK];
    H5Sget_simple_extent_dims(space, sizes, NULL);
    status = frames_new(file, name, type, (int64_t)sizes[0], rank, dims, id, frames);
    if (status == HS_OK)
        (*frames)->ours = coded_by_us(id, type, rank, dims);
    return status;
}

int64_t hs_h5_frames_count(const hs_h5_frames *frames)
{
    return frames->count;
}

/* ---- frames ---- */

hs_status hs_h5_frames_put(hs_h5_frames *frames, int64_t index, const hs_h5_block *block)
{
    HS_H5_LOCK();
    hs_h5 *file = frames->file;
    if (index >= frames->count) {
        hsize_t sizes[HS_H5_MAX_RANK] = {(hsize_t)index + 1};
        for (int i = 0; i < frames->rank; i++)
            sizes[i + 1] = (hsize_t)frames->dims[i];
        if (H5Dset_extent(frames->id, sizes) < 0)
            return hs_h5_failed(file, frames->name, "cannot extend");
        frames->count = index + 1;
    }
    hsize_t offset[HS_H5_MAX_RANK] = {(hsize_t)index};
    if (H5Dwrite_chunk(frames->id, H5P_DEFAULT, 0, offset, block->size, block->bytes) < 0 ||
        file->err)
        return hs_h5_failed(file, frames->name, "cannot write");
    return HS_OK;
}

static hs_status frame_failed(const hs_h5_frames *frames, int64_t index, const char *reason)
{
    return hs_error(HS_ERR_FORMAT, "copy the file again, or make it anew",
                    "%s: %s: frame %lld is damaged: %s", frames->file->path, frames->name,
                    (long long)index, reason);
}

/* The bytes of frame `index` as they lie in the file. */
static hs_status read_coded(const hs_h5_frames *frames, int64_t index, hs_h5_block *block)
{
    HS_H5_LOCK();
    hsize_t offset[HS_H5_MAX_RANK] = {(hsize_t)index}, size = 0;
    uint32_t skipped = 0;
    if (H5Dget_chunk_storage_size(frames->id, offset, &size) < 0 || size == 0)
        return frame_failed(frames, index, "it was never written, or the index is");
    if (size <= CHECKSUM_BYTES || size > coded_bound(frames->bytes))
        return frame_failed(frames, index, "the index is");
    if (H5Dread_chunk(frames->id, H5P_DEFAULT, offset, &skipped, block->bytes) < 0)
        return hs_error_context(hs_h5_failed(frames->file, frames->name, "cannot read"),
                                "frame %lld", (long long)index);
    if (skipped)
        return frame_failed(frames, index, "a filter was left out");
    block->size = (size_t)size;
    return HS_OK;
}

/* Through the library: whatever chunks and filters another program chose. */
static hs_status read_foreign(const hs_h5_frames *frames, int64_t index, void *data)
{
    HS_H5_LOCK();
    hsize_t start[HS_H5_MAX_RANK] = {(hsize_t)index}, count[HS_H5_MAX_RANK] = {1};
    for (int i = 0; i < frames->rank; i++)
        count[i + 1] = (hsize_t)frames->dims[i];
    HS_H5_ID space = H5Dget_space(frames->id);
    HS_H5_ID memory = H5Screate_simple(frames->rank + 1, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    if (H5Dread(frames->id, hs_h5_memory_type(frames->type), memory, space, H5P_DEFAULT, data) < 0)
        return hs_error_context(hs_h5_failed(frames->file, frames->name, "cannot read"),
                                "frame %lld", (long long)index);
    return HS_OK;
}

hs_status hs_h5_frames_read(hs_h5_frames *frames, int64_t index, void *data, hs_h5_block *block)
{
    if (index < 0 || index >= frames->count)
        return hs_error(HS_ERR_DATA, NULL, "%s: %s: got frame %lld, expected 0 to %lld",
                        frames->file->path, frames->name, (long long)index,
                        (long long)frames->count - 1);
    if (!frames->ours)
        return read_foreign(frames, index, data);
    hs_status status = grow(block, hs_h5_frames_block_size(frames), frames->name);
    if (status == HS_OK)
        status = read_coded(frames, index, block);
    const char *reason = status == HS_OK ? decode(frames, block, data) : NULL;
    return reason ? frame_failed(frames, index, reason) : status;
}
