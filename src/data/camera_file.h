/* camera.ini beside the images of a data set: what is known of the camera.
 *
 *   [camera]
 *   width = 640
 *   height = 480
 *   fx = 475.07              ; pixels, of images of this size
 *   fy = 475.07
 *   cx = 315.94
 *   cy = 245.29
 *   depth_unit = 0.000124987 ; metres
 *
 *   sensor = SR300
 *   annotation = automatic
 *
 * The last two may be left out. It may also give a distortion (model, k1, k2, p1, p2, k3), which a
 * data set does not keep, and have other sections.
 */
#ifndef HS_DATA_CAMERA_FILE_H
#define HS_DATA_CAMERA_FILE_H

#include "base/status.h"
#include "handseg/dataset.h"

typedef struct hs_camera_file {
    int32_t width, height;
    hs_intrinsics intrinsics;
    double depth_unit;               /* metres */
    char sensor[64], annotation[64]; /* see hs_dataset_info; "" where it does not say */
} hs_camera_file;

/* HS_ERR_IO where there is no such file, HS_ERR_CONFIG for wrong content. */
hs_status hs_camera_file_read(const char *path, hs_camera_file *camera);

/* The intrinsics of images reduced from `from` to `to` samples (width, height) by hs_axis_map. */
hs_intrinsics hs_intrinsics_resize(hs_intrinsics intrinsics, const int32_t from[2],
                                   const int32_t to[2]);

#endif
