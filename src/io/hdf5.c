#include "io/hdf5.h"

#include "io/file.h"
#include "io/hdf5_driver.h"
#include "io/hdf5_internal.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the lock, identifiers, types ---- */

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

int hs_h5_lock(void)
{
    pthread_mutex_lock(&mutex);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* its reason goes into our message */
    return 0;
}

void hs_h5_unlock(int *guard)
{
    (void)guard;
    pthread_mutex_unlock(&mutex);
}

void hs_h5_release(hid_t *id)
{
    if (*id > 0) /* 0 is H5P_DEFAULT and H5S_ALL */
        H5Idec_ref(*id);
}

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [HS_H5_U8] = {"uint8", 1},           [HS_H5_U16] = {"uint16", 2},  [HS_H5_U32] = {"uint32", 4},
    [HS_H5_U64] = {"uint64", 8},         [HS_H5_I32] = {"int32", 4},   [HS_H5_I64] = {"int64", 8},
    [HS_H5_F32] = {"float32", 4},        [HS_H5_F64] = {"float64", 8}, [HS_H5_F16] = {"float16", 2},
    [HS_H5_OTHER] = {"another type", 0},
};

size_t hs_h5_type_size(hs_h5_type type)
{
    return types[type].size;
}

const char *hs_h5_type_name(hs_h5_type type)
{
    return types[type].name;
}

/* The library's own identifiers are variables set at its start, so these cannot be tables. */
hid_t hs_h5_file_type(hs_h5_type type)
{
    switch (type) {
    case HS_H5_U8:
        return H5T_STD_U8LE;
    case HS_H5_U16:
        return H5T_STD_U16LE;
    case HS_H5_U32:
        return H5T_STD_U32LE;
    case HS_H5_U64:
        return H5T_STD_U64LE;
    case HS_H5_I32:
        return H5T_STD_I32LE;
    case HS_H5_I64:
        return H5T_STD_I64LE;
    case HS_H5_F32:
        return H5T_IEEE_F32LE;
    case HS_H5_F64:
        return H5T_IEEE_F64LE;
    case HS_H5_F16:
    case HS_H5_OTHER:
        break;
    }
    return H5I_INVALID_HID;
}

hid_t hs_h5_memory_type(hs_h5_type type)
{
    switch (type) {
    case HS_H5_U8:
        return H5T_NATIVE_UINT8;
    case HS_H5_U16:
        return H5T_NATIVE_UINT16;
    case HS_H5_U32:
        return H5T_NATIVE_UINT32;
    case HS_H5_U64:
        return H5T_NATIVE_UINT64;
    case HS_H5_I32:
        return H5T_NATIVE_INT32;
    case HS_H5_I64:
        return H5T_NATIVE_INT64;
    case HS_H5_F32:
        return H5T_NATIVE_FLOAT;
    case HS_H5_F64:
        return H5T_NATIVE_DOUBLE;
    case HS_H5_F16:
    case HS_H5_OTHER:
        break;
    }
    return H5I_INVALID_HID;
}

/* ---- errors ---- */

static herr_t keep_reason(unsigned n, const H5E_error2_t *error, void *reason)
{
    if (n == 0 && error->desc)
        snprintf(reason, 256, "%s", error->desc);
    return 0;
}

/* The innermost reason on the library's stack of errors. */
static void innermost_reason(char reason[256])
{
    snprintf(reason, 256, "unknown reason");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, reason);
}

hs_status hs_h5_failed(const hs_h5 *file, const char *name, const char *action)
{
    const char *gap = *name ? ": " : "";
    if (file->err && file->temporary)
        return hs_file_write_error(file->path, file->err);
    if (file->err)
        return hs_error_system(file->err, NULL, "%s%s%s: %s", file->path, gap, name, action);
    char reason[256];
    innermost_reason(reason);
    return hs_error(HS_ERR_FORMAT, "copy the file again, or make it anew", "%s%s%s: %s: %s",
                    file->path, gap, name, action, reason);
}

/* ---- files ---- */

static hs_status file_new(const char *path, hs_h5 **result)
{
    void *memory = NULL;
    hs_status status;
    HS_TRY(hs_allocate(sizeof(hs_h5), path, &memory));
    hs_h5 *file = memory;
    file->id = H5I_INVALID_HID;
    file->path = strdup(path);
    *result = file;
    if (!file->path) {
        free(file);
        *result = NULL;
        status = hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for its name", path);
    }
exit:
    return status;
}

static hid_t access_list(hs_h5 *file)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    /* The 1.10 format has checksums over all its metadata; older ones have none over the indices of
     * chunks, and an address that leads to zeros passes as a chunk of zeros. */
    if (list >= 0 && (H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110) < 0 ||
                      hs_h5_driver_set(list, &file->err) < 0)) {
        H5Pclose(list);
        return H5I_INVALID_HID;
    }
    return list;
}

hs_status hs_h5_create(const char *path, hs_h5 **result)
{
    *result = NULL;
    HS_H5_LOCK();
    HS_H5_ID list = H5I_INVALID_HID;
    HS_H5_ID creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(creation, false);
    hs_h5 *file = NULL;
    hs_status status;
    HS_TRY(file_new(path, &file));
    HS_TRY(hs_file_temporary(path, &file->temporary));
    list = access_list(file);
    file->id = H5Fcreate(file->temporary, H5F_ACC_TRUNC, creation, list);
    if (file->id < 0)
        HS_TRY(hs_h5_failed(file, "", "cannot create"));
    *result = file;
    file = NULL;
exit:
    hs_h5_close(file);
    return status;
}

static void close_frames(hs_h5 *file)
{
    while (file->frames) {
        hs_h5_frames *next = file->frames->next;
        hs_h5_frames_free(file->frames);
        file->frames = next;
    }
}

/* Closes the library's side only. */
static herr_t close_id(hs_h5 *file)
{
    close_frames(file);
    herr_t result = file->id >= 0 ? H5Fclose(file->id) : 0;
    file->id = H5I_INVALID_HID;
    return result;
}

hs_status hs_h5_commit(hs_h5 *file)
{
    HS_H5_LOCK();
    if (!file->temporary || file->id < 0)
        return hs_error(HS_ERR_STATE, NULL, "%s: nothing to commit: not being created", file->path);
    herr_t result = close_id(file);
    if (result < 0 || file->err)
        return hs_h5_failed(file, "", "cannot write"); /* hs_h5_close removes the rest */
    hs_status status = hs_file_commit(file->temporary, file->path);
    free(file->temporary);
    file->temporary = NULL;
    return status;
}

/* The error of a file that exists but that HDF5 does not open. */
static hs_status not_opened(const hs_h5 *file)
{
    char reason[256];
    innermost_reason(reason);
    if (file->err)
        return hs_file_open_error(file->path, file->err);
    if (strstr(reason, "truncated"))
        return hs_error(HS_ERR_FORMAT, "copy the file again, or make it anew",
                        "%s: truncated HDF5 file: %s", file->path, reason);
    return hs_error(HS_ERR_FORMAT, "copy the file again, or make it anew",
                    "%s: damaged HDF5 file: %s", file->path, reason);
}

static hs_status check_signature(const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return hs_file_open_error(path, errno);
    char byte;
    size_t got = fread(&byte, 1, 1, stream);
    int err = ferror(stream) ? errno : 0;
    fclose(stream);
    if (err)
        return hs_file_open_error(path, err);
    if (got == 0 || H5Fis_hdf5(path) <= 0)
        return hs_error(HS_ERR_FORMAT, NULL, "%s: not an HDF5 file: got %s, expected HDF5", path,
                        got ? "other content" : "an empty file");
    return HS_OK;
}

hs_status hs_h5_open(const char *path, hs_h5 **result)
{
    *result = NULL;
    HS_H5_LOCK();
    HS_H5_ID list = H5I_INVALID_HID;
    hs_h5 *file = NULL;
    hs_status status;
    HS_TRY(check_signature(path));
    HS_TRY(file_new(path, &file));
    list = access_list(file);
    file->id = H5Fopen(path, H5F_ACC_RDONLY, list);
    if (file->id < 0)
        HS_TRY(not_opened(file));
    *result = file;
    file = NULL;
exit:
    hs_h5_close(file);
    return status;
}

void hs_h5_close(hs_h5 *file)
{
    if (!file)
        return;
    HS_H5_LOCK();
    close_id(file);
    if (file->temporary)
        remove(file->temporary);
    free(file->temporary);
    free(file->path);
    free(file);
}

/* ---- arrays ---- */

hid_t hs_h5_space(int rank, const int64_t *dims)
{
    hsize_t sizes[HS_H5_MAX_RANK] = {0};
    for (int i = 0; i < rank; i++)
        sizes[i] = (hsize_t)dims[i];
    return rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, sizes, NULL);
}

hid_t hs_h5_creation_list(void)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, false);
    return list;
}

/* Arrays get checksums, which need chunks: whole rows of the first dimension, about 4 MiB each.
 * Single numbers go into the header, which has one. */
hid_t hs_h5_checked_list(size_t element_size, int rank, const int64_t *dims)
{
    enum { CHUNK_BYTES = 4 << 20 };
    hid_t list = hs_h5_creation_list();
    hsize_t chunk[HS_H5_MAX_RANK];
    int64_t row = (int64_t)element_size;
    for (int i = 1; i < rank; i++) {
        chunk[i] = (hsize_t)dims[i];
        row *= dims[i];
    }
    if (rank == 0)
        H5Pset_layout(list, H5D_COMPACT);
    if (rank == 0 || dims[0] == 0 || row == 0)
        return list;
    int64_t rows = CHUNK_BYTES / row > 0 ? CHUNK_BYTES / row : 1;
    chunk[0] = (hsize_t)(rows < dims[0] ? rows : dims[0]);
    H5Pset_chunk(list, rank, chunk);
    H5Pset_fletcher32(list);
    return list;
}

/* Makes the groups before the last slash of `name` that are not there. HDF5 can do so itself, but
 * then stamps them with the time. */
static hs_status create_groups(hs_h5 *file, const char *name)
{
    HS_H5_ID list = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(list, false);
    for (const char *slash = name; (slash = strchr(slash + 1, '/')) != NULL;) {
        char group[512];
        snprintf(group, sizeof group, "%.*s", (int)(slash - name), name);
        if (hs_h5_exists(file, group))
            continue;
        HS_H5_ID id = H5Gcreate2(file->id, group, H5P_DEFAULT, list, H5P_DEFAULT);
        if (id < 0)
            return hs_h5_failed(file, group, "cannot create");
    }
    return HS_OK;
}

hs_status hs_h5_create_array(hs_h5 *file, const char *name, hid_t type, hid_t space, hid_t dcpl,
                             hid_t *id)
{
    hs_status status = create_groups(file, name);
    if (status != HS_OK)
        return status;
    *id = H5Dcreate2(file->id, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    return *id < 0 ? hs_h5_failed(file, name, "cannot create") : HS_OK;
}

hs_status hs_h5_write(hs_h5 *file, const char *name, hs_h5_type type, int rank, const int64_t *dims,
                      const void *data)
{
    HS_H5_LOCK();
    HS_H5_ID space = hs_h5_space(rank, dims);
    HS_H5_ID dcpl = hs_h5_checked_list(hs_h5_type_size(type), rank, dims);
    HS_H5_ID id = H5I_INVALID_HID;
    hs_status status = hs_h5_create_array(file, name, hs_h5_file_type(type), space, dcpl, &id);
    if (status != HS_OK)
        return status;
    if (H5Dwrite(id, hs_h5_memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0 || file->err)
        return hs_h5_failed(file, name, "cannot write");
    return HS_OK;
}

bool hs_h5_exists(hs_h5 *file, const char *name)
{
    HS_H5_LOCK();
    if (strcmp(name, "/") == 0)
        return true;
    /* H5Lexists fails where a group on the way is missing, which is the same answer. */
    return H5Lexists(file->id, name, H5P_DEFAULT) > 0;
}

static hs_h5_type type_of(hid_t stored)
{
    for (int i = 0; i < HS_H5_F16; i++)
        if (H5Tequal(stored, hs_h5_file_type((hs_h5_type)i)) > 0)
            return (hs_h5_type)i;
    bool half =
        H5Tget_class(stored) == H5T_FLOAT && H5Tget_size(stored) == 2 && H5Tget_ebias(stored) == 15;
    return half ? HS_H5_F16 : HS_H5_OTHER;
}

static hs_status open_any(hs_h5 *file, const char *name, hid_t *id)
{
    if (!hs_h5_exists(file, name))
        return hs_error(HS_ERR_FORMAT, NULL, "%s: %s: missing", file->path, name);
    *id = H5Dopen2(file->id, name, H5P_DEFAULT);
    return *id < 0 ? hs_h5_failed(file, name, "cannot open as an array") : HS_OK;
}

static hs_status shape_of(hs_h5 *file, const char *name, hid_t id, hs_h5_type *type, int *rank,
                          int64_t dims[HS_H5_MAX_RANK])
{
    HS_H5_ID stored = H5Dget_type(id), space = H5Dget_space(id);
    int n = H5Sget_simple_extent_ndims(space);
    if (n < 0 || n > HS_H5_MAX_RANK)
        return hs_error(HS_ERR_FORMAT, NULL, "%s: %s: got %d dimensions, expected at most %d",
                        file->path, name, n, HS_H5_MAX_RANK);
    hsize_t sizes[HS_H5_MAX_RANK] = {0};
    H5Sget_simple_extent_dims(space, sizes, NULL);
    for (int i = 0; i < n; i++)
        dims[i] = (int64_t)sizes[i];
    *rank = n;
    *type = type_of(stored);
    return HS_OK;
}

hs_status hs_h5_shape(hs_h5 *file, const char *name, hs_h5_type *type, int *rank,
                      int64_t dims[HS_H5_MAX_RANK])
{
    HS_H5_LOCK();
    HS_H5_ID id = H5I_INVALID_HID;
    hs_h5_type found_type;
    int found_rank;
    int64_t found[HS_H5_MAX_RANK] = {0};
    hs_status status;
    HS_TRY(open_any(file, name, &id));
    HS_TRY(shape_of(file, name, id, &found_type, &found_rank, found));
    if (type)
        *type = found_type;
    if (rank)
        *rank = found_rank;
    if (dims)
        memcpy(dims, found, sizeof found);
exit:
    return status;
}

static void print_shape(char text[160], hs_h5_type type, int rank, const int64_t *dims)
{
    int used = snprintf(text, 160, "%s [", types[type].name);
    for (int i = 0; i < rank && used < 150; i++)
        used += snprintf(text + used, 160 - (size_t)used, dims[i] < 0 ? "%sN" : "%s%lld",
                         i ? "," : "", (long long)dims[i]);
    snprintf(text + used, 160 - (size_t)used, "]");
}

hs_status hs_h5_open_array(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                           const int64_t *dims, hid_t *id)
{
    hs_h5_type found_type;
    int found_rank;
    int64_t found[HS_H5_MAX_RANK];
    hs_status status;
    HS_TRY(open_any(file, name, id));
    HS_TRY(shape_of(file, name, *id, &found_type, &found_rank, found));
    bool same = type == found_type && rank == found_rank;
    for (int i = 0; same && i < rank; i++)
        same = dims[i] == found[i] || (i == 0 && dims[0] < 0);
    if (!same) {
        char got[160], expected[160];
        print_shape(got, found_type, found_rank, found);
        print_shape(expected, type, rank, dims);
        status = hs_error(HS_ERR_SHAPE, NULL, "%s: %s: got %s, expected %s", file->path, name, got,
                          expected);
    }
exit:
    return status;
}

hs_status hs_h5_check_chunks(hs_h5 *file, const char *name, hid_t id, int rank, const int64_t *dims)
{
    HS_H5_ID list = H5Dget_create_plist(id);
    hsize_t chunk[HS_H5_MAX_RANK], at[HS_H5_MAX_RANK] = {0}, size = 0;
    if (H5Pget_layout(list) != H5D_CHUNKED || H5Pget_chunk(list, HS_H5_MAX_RANK, chunk) != rank)
        return HS_OK;
    for (int axis = 0; axis >= 0;) {
        if (H5Dget_chunk_storage_size(id, at, &size) < 0 || size == 0)
            return hs_error(HS_ERR_FORMAT, NULL, "%s: %s: damaged: a part of it is missing",
                            file->path, name);
        for (axis = rank - 1; axis >= 0; at[axis--] = 0)
            if ((at[axis] += chunk[axis]) < (hsize_t)dims[axis])
                break;
    }
    return HS_OK;
}

hs_status hs_h5_read(hs_h5 *file, const char *name, hs_h5_type type, int rank, const int64_t *dims,
                     void *data)
{
    HS_H5_LOCK();
    HS_H5_ID id = H5I_INVALID_HID;
    hs_status status = hs_h5_open_array(file, name, type, rank, dims, &id);
    if (status == HS_OK)
        status = hs_h5_check_chunks(file, name, id, rank, dims);
    if (status != HS_OK)
        return status;
    if (H5Dread(id, hs_h5_memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
        return hs_h5_failed(file, name, "cannot read");
    return HS_OK;
}
