/* HDF5 files, typed and with messages: the only user of the HDF5 library, which Debian builds
 * without thread safety; every function here may be called from any thread.
 *
 * A file being created lies beside its path under a temporary name until hs_h5_commit, so a reader
 * never meets half a file and a full disk leaves the old one. Names are absolute: "/params/enc1".
 * Arrays carry checksums; damage is an error of the read, HS_ERR_FORMAT. */
#ifndef HS_IO_HDF5_H
#define HS_IO_HDF5_H

#include "base/memory.h"
#include "base/status.h"
#include "handseg/tensor.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct hs_h5 hs_h5;

enum { HS_H5_MAX_RANK = 8 };

/* Types of elements, little-endian in the file, the machine's own in memory. */
typedef enum hs_h5_type {
    HS_H5_U8,
    HS_H5_U16,
    HS_H5_U32,
    HS_H5_U64,
    HS_H5_I32,
    HS_H5_I64,
    HS_H5_F32,
    HS_H5_F64,
    HS_H5_F16, /* this and what follows: only found in files of others, and converted from */
    HS_H5_OTHER,
    HS_H5_REAL = sizeof(hs_real) == sizeof(float) ? HS_H5_F32 : HS_H5_F64,
} hs_h5_type;

/* Bytes of one element, and the type's name: "float32". */
size_t hs_h5_type_size(hs_h5_type type);
const char *hs_h5_type_name(hs_h5_type type);

/* ---- files ---- */

/* Starts a new file that will replace `path`. */
hs_status hs_h5_create(const char *path, hs_h5 **file);

/* Ends a created file: flushes it to the disk and renames it to its path. On failure the old file
 * stays, the temporary one is removed and the message says why. hs_h5_close is still due. */
hs_status hs_h5_commit(hs_h5 *file);

/* Opens for reading. Missing, not HDF5 (HS_ERR_FORMAT), truncated and damaged files each have their
 * message. */
hs_status hs_h5_open(const char *path, hs_h5 **file);

/* Closes and frees; a created file that was not committed leaves nothing behind. NULL is fine. */
void hs_h5_close(hs_h5 *file);

/* ---- arrays: row-major, dims[rank] elements; rank 0 is one number ---- */

/* Writes a new array, creating the groups on the way. */
hs_status hs_h5_write(hs_h5 *file, const char *name, hs_h5_type type, int rank, const int64_t *dims,
                      const void *data);

/* Reads a whole array of exactly this type and shape into `data`; HS_ERR_SHAPE with both shapes
 * otherwise. */
hs_status hs_h5_read(hs_h5 *file, const char *name, hs_h5_type type, int rank, const int64_t *dims,
                     void *data);

/* The same for arrays that are not worth having twice in memory, rank 1 to HS_H5_MAX_RANK: rows
 * [first, first + count) of the first dimension are asked for before they are written, or given
 * once they are read, in order. */
typedef void hs_h5_rows(void *context, int64_t first, int64_t count, void *rows);
hs_status hs_h5_write_rows(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                           const int64_t *dims, hs_h5_rows *fill, void *context);
hs_status hs_h5_read_rows(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                          const int64_t *dims, hs_h5_rows *take, void *context);

/* hs_h5_read_rows of an array whose numbers may be of any other type, be it float16 or big-endian:
 * they come as `type`. HS_ERR_FORMAT for what is no numbers. */
hs_status hs_h5_convert_rows(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                             const int64_t *dims, hs_h5_rows *take, void *context);

/* Type, rank and dims[0 .. rank-1] of an array; any of the results may be NULL. */
hs_status hs_h5_shape(hs_h5 *file, const char *name, hs_h5_type *type, int *rank,
                      int64_t dims[HS_H5_MAX_RANK]);

/* An array of n strings, and back; the strings live in `arena`. */
hs_status hs_h5_write_texts(hs_h5 *file, const char *name, int64_t n, const char *const *texts);
hs_status hs_h5_read_texts(hs_h5 *file, const char *name, hs_arena *arena, int64_t *n,
                           const char *const **texts);

bool hs_h5_exists(hs_h5 *file, const char *name);

/* Names of what a group holds ("weight", not "/params/enc1/weight"), in the order of the alphabet;
 * both the list and the names live in `arena`. */
hs_status hs_h5_list(hs_h5 *file, const char *group, hs_arena *arena, int *n,
                     const char *const **names);

/* Every array below a group, at any depth ("enc1/weight" of "/params"), in the order of the
 * alphabet; links to other places are not followed. */
hs_status hs_h5_list_arrays(hs_h5 *file, const char *group, hs_arena *arena, int *n,
                            const char *const **names);

/* ---- attributes of an object ("/" is the file itself) ---- */

/* n numbers, n >= 1. Setting replaces; getting converts between types and demands exactly n. */
hs_status hs_h5_set_numbers(hs_h5 *file, const char *object, const char *name, hs_h5_type type,
                            int n, const void *data);
hs_status hs_h5_get_numbers(hs_h5 *file, const char *object, const char *name, hs_h5_type type,
                            int n, void *data);
hs_status hs_h5_set_i64(hs_h5 *file, const char *object, const char *name, int64_t value);
hs_status hs_h5_get_i64(hs_h5 *file, const char *object, const char *name, int64_t *value);
hs_status hs_h5_set_f64(hs_h5 *file, const char *object, const char *name, double value);
hs_status hs_h5_get_f64(hs_h5 *file, const char *object, const char *name, double *value);

/* Strings: one, or an array of n. What is read lives in `arena`. */
hs_status hs_h5_set_text(hs_h5 *file, const char *object, const char *name, const char *text);
hs_status hs_h5_get_text(hs_h5 *file, const char *object, const char *name, hs_arena *arena,
                         const char **text);
hs_status hs_h5_set_texts(hs_h5 *file, const char *object, const char *name, int n,
                          const char *const *texts);
hs_status hs_h5_get_texts(hs_h5 *file, const char *object, const char *name, hs_arena *arena,
                          int *n, const char *const **texts);

bool hs_h5_has_attribute(hs_h5 *file, const char *object, const char *name);

/* ---- frames: an array [N, ...] kept one frame a chunk: shuffled, deflated, checksummed ---- */

/* Belongs to its file and lives until hs_h5_close. */
typedef struct hs_h5_frames hs_h5_frames;

/* Encoded bytes of a frame, and the room to code in; zero to begin with, grows to what is needed
 * and is reused without allocation. One for each thread. */
typedef struct hs_h5_block {
    unsigned char *bytes;
    size_t size, capacity;
} hs_h5_block;

void hs_h5_block_free(hs_h5_block *block);

/* A new array of n frames of shape dims[rank], rank 1 to 7; it grows where later frames are put. */
hs_status hs_h5_frames_create(hs_h5 *file, const char *name, hs_h5_type type, int64_t n, int rank,
                              const int64_t *dims, hs_h5_frames **frames);

/* An existing one, which must be [N, dims...] of this type. */
hs_status hs_h5_frames_open(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                            const int64_t *dims, hs_h5_frames **frames);

int64_t hs_h5_frames_count(const hs_h5_frames *frames);

/* Bytes of a block that never has to grow. */
size_t hs_h5_frames_block_size(const hs_h5_frames *frames);

/* Writing in two steps: encoding, the slow one, runs in many threads at once, and the order of the
 * puts decides the order in the file. */
hs_status hs_h5_frames_encode(const hs_h5_frames *frames, const void *data, hs_h5_block *block);
hs_status hs_h5_frames_put(hs_h5_frames *frames, int64_t index, const hs_h5_block *block);

/* Reads frame `index` into `data`. Threads wait for each other only for the bytes, not for the
 * decoding. Damage names the frame. */
hs_status hs_h5_frames_read(hs_h5_frames *frames, int64_t index, void *data, hs_h5_block *block);

#endif
