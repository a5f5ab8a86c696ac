#include "io/mat.h"

#include "base/memory.h"
#include "io/file.h"
#include <errno.h>
#include <matio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const again = "copy or download the file again";

/* The first bytes, which say what it is, so that no file of another kind reaches matio: MAT 7.3 is
 * HDF5, whose library takes one thread at a time. */
static hs_status check_signature(const char *path)
{
    static const char signature[] = "MATLAB 5.0 MAT-file";
    enum { SIZE = sizeof signature - 1 };
    char got[SIZE + 1] = "";
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_file_open_error(path, errno);
    size_t size = fread(got, 1, SIZE, file);
    int err = ferror(file) ? errno : 0;
    fclose(file);
    if (err)
        return hs_file_open_error(path, err);
    if (strncmp(got, "MATLAB 7.3", 10) == 0)
        return hs_error(HS_ERR_FORMAT, "save it with -v7",
                        "%s: got a MATLAB 7.3 file, expected "
                        "one of MATLAB 5 to 7",
                        path);
    return size == SIZE && strcmp(got, signature) == 0
               ? HS_OK
               : hs_error(HS_ERR_FORMAT, again,
                          "%s: not a MATLAB file: got %s, expected MATLAB 5 "
                          "to 7",
                          path, size ? "other content" : "an empty file");
}

/* Element i of a variable as a number. */
static double number_at(const matvar_t *variable, size_t i)
{
    switch (variable->data_type) {
    case MAT_T_INT8:
        return ((const int8_t *)variable->data)[i];
    case MAT_T_UINT8:
        return ((const uint8_t *)variable->data)[i];
    case MAT_T_INT16:
        return ((const int16_t *)variable->data)[i];
    case MAT_T_UINT16:
        return ((const uint16_t *)variable->data)[i];
    case MAT_T_INT32:
        return ((const int32_t *)variable->data)[i];
    case MAT_T_UINT32:
        return ((const uint32_t *)variable->data)[i];
    case MAT_T_SINGLE:
        return (double)((const float *)variable->data)[i];
    default:
        return ((const double *)variable->data)[i];
    }
}

static bool is_matrix(const matvar_t *variable)
{
    enum { MOST = 32767 };
    bool numbers = (variable->class_type >= MAT_C_DOUBLE && variable->class_type <= MAT_C_UINT32);
    return numbers && !variable->isComplex && variable->rank == 2 && variable->dims[0] >= 1 &&
           variable->dims[0] <= MOST && variable->dims[1] >= 1 && variable->dims[1] <= MOST;
}

/* MATLAB stores columns one after the other. */
static hs_status copy_matrix(const char *path, const char *name, const matvar_t *variable,
                             hs_mat_matrix *matrix)
{
    size_t height = variable->dims[0], width = variable->dims[1];
    void *memory;
    if (!variable->data || variable->data_size <= 0 ||
        variable->nbytes < height * width * (size_t)variable->data_size)
        return hs_error(HS_ERR_FORMAT, again, "%s: damaged MATLAB file: %s is cut short", path,
                        name);
    hs_status status = hs_allocate(height * width * sizeof(double), path, &memory);
    if (status != HS_OK)
        return status;
    *matrix = (hs_mat_matrix){.width = (int)width, .height = (int)height, .values = memory};
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            matrix->values[y * width + x] = number_at(variable, x * height + y);
    return HS_OK;
}

static hs_status read_matrix(const char *path, mat_t *file, const char *name, hs_mat_matrix *matrix)
{
    matvar_t *variable = Mat_VarReadInfo(file, name);
    hs_status status;
    if (!variable)
        status = hs_error(HS_ERR_DATA, "is it a file of this data set, and whole?",
                          "%s: got no matrix '%s'", path, name);
    else if (!is_matrix(variable))
        status = hs_error(HS_ERR_DATA, NULL,
                          "%s: %s: got something else, expected a matrix of "
                          "real numbers",
                          path, name);
    else if (Mat_VarReadDataAll(file, variable) != 0)
        status =
            hs_error(HS_ERR_FORMAT, again, "%s: damaged MATLAB file: cannot read %s", path, name);
    else
        status = copy_matrix(path, name, variable, matrix);
    Mat_VarFree(variable);
    return status;
}

hs_status hs_mat_read(const char *path, int n, const char *const *names, hs_mat_matrix *matrices)
{
    hs_status status = check_signature(path);
    if (status != HS_OK)
        return status;
    mat_t *file = Mat_Open(path, MAT_ACC_RDONLY);
    if (!file)
        return hs_error(HS_ERR_FORMAT, again, "%s: damaged MATLAB file: cannot read its header",
                        path);
    for (int i = 0; i < n && status == HS_OK; i++)
        status = read_matrix(path, file, names[i], &matrices[i]);
    Mat_Close(file);
    return status;
}

void hs_mat_free(int n, hs_mat_matrix *matrices)
{
    for (int i = 0; i < n; i++)
        free(matrices[i].values);
}
