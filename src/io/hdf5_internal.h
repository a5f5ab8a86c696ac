/* What the files of the HDF5 wrapper share. */
#ifndef HS_IO_HDF5_INTERNAL_H
#define HS_IO_HDF5_INTERNAL_H

#include "io/hdf5.h"
#include <hdf5.h>

struct hs_h5 {
    char *path;
    char *temporary; /* where a created file lies until the commit; NULL otherwise */
    hid_t id;        /* negative once closed */
    int err;         /* errno of the first failed call of the system, see hdf5_driver.h */
    hs_h5_frames *frames;
};

struct hs_h5_frames {
    hs_h5 *file;
    hs_h5_frames *next;
    char *name;
    hid_t id;
    hs_h5_type type;
    int rank; /* of a frame */
    int64_t dims[HS_H5_MAX_RANK];
    int64_t count;
    size_t bytes; /* of a decoded frame */
    bool ours;    /* coded as hs_h5_frames_encode does */
};

/* The one lock of the library, held until the end of the scope. It is recursive. */
#define HS_H5_LOCK() __attribute__((cleanup(hs_h5_unlock), unused)) int hs_h5_guard = hs_h5_lock()
int hs_h5_lock(void);
void hs_h5_unlock(int *guard);

/* An identifier of any kind, released at the end of the scope. Declared before the first HS_TRY of
 * its scope: a jump over the declaration would release garbage. */
#define HS_H5_ID __attribute__((cleanup(hs_h5_release))) hid_t
void hs_h5_release(hid_t *id);

hid_t hs_h5_file_type(hs_h5_type type);   /* borrowed */
hid_t hs_h5_memory_type(hs_h5_type type); /* borrowed */

/* The error of a call of HDF5 that just failed on `name`: the system's reason where there is one
 * (HS_ERR_IO), else the library's innermost (HS_ERR_FORMAT). `action` is "cannot read". */
hs_status hs_h5_failed(const hs_h5 *file, const char *name, const char *action);

/* Opens `name` and checks type and shape: dims[rank], where dims[0] < 0 accepts any. */
hs_status hs_h5_open_array(hs_h5 *file, const char *name, hs_h5_type type, int rank,
                           const int64_t *dims, hid_t *id);

/* HS_ERR_FORMAT where a chunk of an array is missing: the index of chunks may have lost it, and it
 * would read as zeros. */
hs_status hs_h5_check_chunks(hs_h5 *file, const char *name, hid_t id, int rank,
                             const int64_t *dims);

/* Creates `name` (and the groups on the way) with the creation list `dcpl`. */
hs_status hs_h5_create_array(hs_h5 *file, const char *name, hid_t type, hid_t space, hid_t dcpl,
                             hid_t *id);

/* A dataspace of dims[rank]; scalar for rank 0. */
hid_t hs_h5_space(int rank, const int64_t *dims);

/* A creation list without time stamps, so that equal data give equal bytes. */
hid_t hs_h5_creation_list(void);

/* The same for an array dims[rank], with checksums. */
hid_t hs_h5_checked_list(size_t element_size, int rank, const int64_t *dims);

void hs_h5_frames_free(hs_h5_frames *frames);

#endif
