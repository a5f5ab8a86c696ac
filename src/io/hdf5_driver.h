/* The file driver under our HDF5 files. HDF5 cannot let go of a file whose writes fail: H5Fclose
 * fails, the file stays open inside the library for ever and the program crashes when it ends
 * (seen with 1.10.8 on a full disk). This driver keeps the first error for itself and drops what
 * is written after it, so that the library always closes in good order; who created the file asks
 * for the error. It also takes no file locks, which many network file systems refuse. */
#ifndef HS_IO_HDF5_DRIVER_H
#define HS_IO_HDF5_DRIVER_H

#include <hdf5.h>

/* Makes files opened with the access list `fapl` use the driver. `*err` (0 to begin with; must
 * outlive the file) becomes the errno of the first call of the system that fails. < 0 on failure.
 */
herr_t hs_h5_driver_set(hid_t fapl, int *err);

#endif
