#include "data/camera_file.h"

#include "config/fields.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>

/* The section as it is written. */
typedef struct camera_section {
    hs_camera_file camera;
    const char *model, *sensor, *annotation;
    double distortion[5];
} camera_section;

static const hs_field fields[] = {
    {"width", HS_FIELD_INT32, offsetof(camera_section, camera.width), NULL, 1, 32767, NULL,
     "pixels"},
    {"height", HS_FIELD_INT32, offsetof(camera_section, camera.height), NULL, 1, 32767, NULL,
     "pixels"},
    {"fx", HS_FIELD_REAL, offsetof(camera_section, camera.intrinsics.fx), NULL, 1, 1e5, NULL,
     "focal length, pixels"},
    {"fy", HS_FIELD_REAL, offsetof(camera_section, camera.intrinsics.fy), NULL, 1, 1e5, NULL,
     "focal length, pixels"},
    {"cx", HS_FIELD_REAL, offsetof(camera_section, camera.intrinsics.cx), NULL, -1e5, 1e5, NULL,
     "principal point, pixels"},
    {"cy", HS_FIELD_REAL, offsetof(camera_section, camera.intrinsics.cy), NULL, -1e5, 1e5, NULL,
     "principal point, pixels"},
    {"model", HS_FIELD_STRING, offsetof(camera_section, model), "none", 0, 0, NULL,
     "of distortion"},
    {"k1", HS_FIELD_REAL, offsetof(camera_section, distortion[0]), "0", -1e5, 1e5, NULL,
     "of the model"},
    {"k2", HS_FIELD_REAL, offsetof(camera_section, distortion[1]), "0", -1e5, 1e5, NULL,
     "of the model"},
    {"p1", HS_FIELD_REAL, offsetof(camera_section, distortion[2]), "0", -1e5, 1e5, NULL,
     "of the model"},
    {"p2", HS_FIELD_REAL, offsetof(camera_section, distortion[3]), "0", -1e5, 1e5, NULL,
     "of the model"},
    {"k3", HS_FIELD_REAL, offsetof(camera_section, distortion[4]), "0", -1e5, 1e5, NULL,
     "of the model"},
    {"depth_unit", HS_FIELD_REAL, offsetof(camera_section, camera.depth_unit), NULL, 1e-6, 1, NULL,
     "metres of one unit of depth"},
    {"sensor", HS_FIELD_STRING, offsetof(camera_section, sensor), "", 0, 0, NULL, "its name"},
    {"annotation", HS_FIELD_STRING, offsetof(camera_section, annotation), "", 0, 0, NULL,
     "how the masks came about"},
};

hs_status hs_camera_file_read(const char *path, hs_camera_file *camera)
{
    hs_ini ini = {0};
    camera_section section = {0};
    hs_status status;
    HS_TRY(hs_ini_read(&ini, path));
    const hs_ini_section *found = hs_ini_find(&ini, "camera");
    if (!found) {
        status = hs_error(HS_ERR_CONFIG, NULL, "%s: section [camera]: missing", path);
        goto exit;
    }
    HS_TRY(hs_fields_read(&ini, found, fields, sizeof fields / sizeof *fields, &section));
    *camera = section.camera;
    snprintf(camera->sensor, sizeof camera->sensor, "%s", section.sensor);
    snprintf(camera->annotation, sizeof camera->annotation, "%s", section.annotation);
exit:
    hs_ini_free(&ini);
    return status;
}

/* Sample x of the output is sample first + ratio * x of the input. */
static void resize_axis(int32_t from, int32_t to, double *focal, double *centre)
{
    double ratio = (double)from / to, first = ceil(ratio / 2) - 1;
    *focal /= ratio;
    *centre = (*centre - first) / ratio;
}

hs_intrinsics hs_intrinsics_resize(hs_intrinsics intrinsics, const int32_t from[2],
                                   const int32_t to[2])
{
    resize_axis(from[0], to[0], &intrinsics.fx, &intrinsics.cx);
    resize_axis(from[1], to[1], &intrinsics.fy, &intrinsics.cy);
    return intrinsics;
}
