#include "io/hdf5_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if H5_VERSION_GE(1, 13, 0)
#    include <H5FDdevelop.h>
#endif

typedef struct driver_file {
    H5FD_t base; /* first: HDF5 sees only this */
    int fd;
    int *err;     /* borrowed */
    haddr_t used; /* bytes HDF5 has given out: "end of allocation" */
    haddr_t size; /* of the file as HDF5 must believe it to be */
    dev_t device;
    ino_t inode;
} driver_file;

typedef struct driver_info {
    int *err;
} driver_info;

static herr_t failed(driver_file *file)
{
    if (*file->err == 0)
        *file->err = errno;
    return -1;
}

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t fapl, haddr_t most)
{
    (void)most;
    const driver_info *info = H5Pget_driver_info(fapl);
    driver_file *file = calloc(1, sizeof *file);
    if (!file || !info) {
        free(file);
        return NULL;
    }
    int mode = (flags & H5F_ACC_RDWR ? O_RDWR : O_RDONLY) | (flags & H5F_ACC_CREAT ? O_CREAT : 0) |
               (flags & H5F_ACC_TRUNC ? O_TRUNC : 0) | (flags & H5F_ACC_EXCL ? O_EXCL : 0);
    struct stat facts;
    file->fd = open(name, mode | O_CLOEXEC, 0666);
    if (file->fd < 0 || fstat(file->fd, &facts) != 0) {
        *info->err = errno;
        if (file->fd >= 0)
            close(file->fd);
        free(file);
        return NULL;
    }
    file->err = info->err;
    *file->err = 0; /* creating begins with an attempt to open what is not there yet */
    file->size = (haddr_t)facts.st_size;
    file->device = facts.st_dev;
    file->inode = facts.st_ino;
    return &file->base;
}

static herr_t driver_close(H5FD_t *base)
{
    driver_file *file = (driver_file *)base;
    if (close(file->fd) != 0)
        failed(file);
    free(file);
    return 0;
}

/* Order of files by identity: how HDF5 notices that a file is already open. */
static int driver_compare(const H5FD_t *base_a, const H5FD_t *base_b)
{
    const driver_file *a = (const driver_file *)base_a, *b = (const driver_file *)base_b;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->inode == b->inode ? 0 : a->inode < b->inode ? -1 : 1;
}

static herr_t driver_query(const H5FD_t *base, unsigned long *flags)
{
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t driver_get_used(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const driver_file *)base)->used;
}

static herr_t driver_set_used(H5FD_t *base, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((driver_file *)base)->used = address;
    return 0;
}

static haddr_t driver_get_size(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const driver_file *)base)->size;
}

static herr_t driver_read(H5FD_t *base, H5FD_mem_t type, hid_t list, haddr_t address, size_t size,
                          void *buffer)
{
    (void)type, (void)list;
    driver_file *file = (driver_file *)base;
    unsigned char *at = buffer;
    while (size > 0) {
        ssize_t got = pread(file->fd, at, size, (off_t)address);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(file);
        if (got == 0) { /* given out but never written: zeros, as HDF5 expects */
            memset(at, 0, size);
            return 0;
        }
        at += got;
        size -= (size_t)got;
        address += (haddr_t)got;
    }
    return 0;
}

static herr_t driver_write(H5FD_t *base, H5FD_mem_t type, hid_t list, haddr_t address, size_t size,
                           const void *buffer)
{
    (void)type, (void)list;
    driver_file *file = (driver_file *)base;
    const unsigned char *at = buffer;
    haddr_t end = address + size;
    while (size > 0 && *file->err == 0) {
        ssize_t put = pwrite(file->fd, at, size, (off_t)address);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            failed(file);
            break;
        }
        at += put;
        size -= (size_t)put;
        address += (haddr_t)put;
    }
    file->size = end > file->size ? end : file->size;
    return 0;
}

/* The file must be as long as what was given out, or the next reader calls it truncated. */
static herr_t driver_truncate(H5FD_t *base, hid_t list, hbool_t closing)
{
    (void)list, (void)closing;
    driver_file *file = (driver_file *)base;
    if (file->used == file->size)
        return 0;
    if (*file->err == 0 && ftruncate(file->fd, (off_t)file->used) != 0)
        failed(file);
    file->size = file->used;
    return 0;
}

static const H5FD_class_t driver_class = {
#ifdef H5FD_CLASS_VERSION
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)500, /* of the range for private drivers */
#endif
    .name = "handseg",
    .maxaddr = ((haddr_t)1 << (8 * sizeof(off_t) - 1)) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(driver_info),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = driver_get_used,
    .set_eoa = driver_set_used,
    .get_eof = driver_get_size,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

herr_t hs_h5_driver_set(hid_t fapl, int *err)
{
    static hid_t driver; /* callers hold the library's lock */
    if (driver <= 0)
        driver = H5FDregister(&driver_class);
    if (driver < 0)
        return -1;
    driver_info info = {.err = err};
    return H5Pset_driver(fapl, driver, &info);
}
