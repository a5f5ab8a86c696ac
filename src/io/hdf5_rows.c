/* Arrays written and read some rows at a time: chunk by chunk, so that none is touched twice. */
#include "io/hdf5_internal.h"

#include <stdlib.h>

/* Rows of the first dimension that are handled at once: whole chunks, or rows where there are none,
 * of PART_BYTES where they are smaller. */
static int64_t rows_at_once(hid_t creation, hs_h5_type type, int rank, const int64_t *dims)
{
    enum { PART_BYTES = 4 << 20 };
    hsize_t chunk[HS_H5_MAX_RANK];
    if (H5Pget_layout(creation) != H5D_CHUNKED ||
        H5Pget_chunk(creation, HS_H5_MAX_RANK, chunk) != rank)
        chunk[0] = 1;
    int64_t bytes = (int64_t)hs_h5_type_size(type) * (int64_t)chunk[0];
    for (int i = 1; i < rank; i++)
        bytes *= dims[i];
    int64_t chunks = bytes > 0 && PART_BYTES / bytes > 1 ? PART_BYTES / bytes : 1;
    return (int64_t)chunk[0] * chunks;
}

/* A call for each part, between its reading and writing. */
static hs_status walk(hs_h5 *file, const char *name, hid_t id, hid_t creation, hs_h5_type type,
                      int rank, const int64_t *dims, bool write, hs_h5_rows *part, void *context)
{
    HS_H5_ID space = H5I_INVALID_HID, memory = H5I_INVALID_HID;
    void *rows = NULL;
    hs_status status;
    int64_t step = rows_at_once(creation, type, rank, dims), size[HS_H5_MAX_RANK];
    step = step < dims[0] ? step : dims[0];
    size_t bytes = hs_h5_type_size(type) * (size_t)step;
    for (int i = 1; i < rank; i++) {
        size[i] = dims[i];
        bytes *= (size_t)dims[i];
    }
    HS_TRY(hs_allocate(bytes, name, &rows));
    space = hs_h5_space(rank, dims);
    for (int64_t first = 0; first < dims[0]; first += step) {
        hsize_t start[HS_H5_MAX_RANK] = {(hsize_t)first}, count[HS_H5_MAX_RANK];
        size[0] = dims[0] - first < step ? dims[0] - first : step;
        for (int i = 0; i < rank; i++)
            count[i] = (hsize_t)size[i];
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
        hs_h5_release(&memory);
        memory = hs_h5_space(rank, size);
        hid_t form = hs_h5_memory_type(type);
        if (write)
            part(context, first, size[0], rows);
        herr_t result = write ? H5Dwrite(id, form, memory, space, H5P_DEFAULT, rows)
                              : H5Dread(id, form, memory, space, H5P_DEFAULT, rows);
        if (result < 0 || (write && file->err)) {
            status = hs_h5_failed(file, name, write ? "cannot write" : "cannot read");
            goto exit;
        }
        if (!write)
            part(context, first, size[0], rows);
    }
exit:
    free(rows);
    return status;
}

hs_status hs_h5_write_rows(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                           const int64_t *dims, hs_h5_rows *fill, void *context)
{
    HS_H5_LOCK();
    HS_H5_ID space = hs_h5_space(rank, dims);
    HS_H5_ID creation = hs_h5_checked_list(hs_h5_type_size(type), rank, dims);
    HS_H5_ID id = H5I_INVALID_HID;
    hs_status status = hs_h5_create_array(file, name, hs_h5_file_type(type), space, creation, &id);
    return status == HS_OK ? walk(file, name, id, creation, type, rank, dims, true, fill, context)
                           : status;
}

static hs_status read_rows(hs_h5 *file, const char *name, hs_h5_type stored, hs_h5_type type,
                           int rank, const int64_t *dims, hs_h5_rows *take, void *context)
{
    HS_H5_LOCK();
    HS_H5_ID id = H5I_INVALID_HID, creation = H5I_INVALID_HID;
    hs_status status;
    HS_TRY(hs_h5_open_array(file, name, stored, rank, dims, &id));
    HS_TRY(hs_h5_check_chunks(file, name, id, rank, dims));
    creation = H5Dget_create_plist(id);
    status = walk(file, name, id, creation, type, rank, dims, false, take, context);
exit:
    return status;
}

hs_status hs_h5_read_rows(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                          const int64_t *dims, hs_h5_rows *take, void *context)
{
    return read_rows(file, name, type, type, rank, dims, take, context);
}

hs_status hs_h5_convert_rows(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                             const int64_t *dims, hs_h5_rows *take, void *context)
{
    hs_h5_type stored;
    hs_status status = hs_h5_shape(file, name, &stored, NULL, NULL);
    return status == HS_OK ? read_rows(file, name, stored, type, rank, dims, take, context)
                           : status;
}
