#include "io/mat.h"

#include "base/memory.h"
#include "io/mat_check.h"
#include <matio.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const again = "copy or download the file again";

static hs_status open_file(const char *path, hs_mat_check check, mat_t **file)
{
    *file = NULL;
    hs_status status = check(path);
    if (status != HS_OK)
        return status;
    *file = Mat_Open(path, MAT_ACC_RDONLY);
    return *file ? HS_OK
                 : hs_error(HS_ERR_FORMAT, again, "%s: damaged MATLAB file: cannot read its header",
                            path);
}

/* What seems to be missing or of another kind may be damaged. */
static hs_status damaged_or(hs_status status, const char *path)
{
    return status == HS_ERR_DATA && hs_mat_check_content(path) != HS_OK ? HS_ERR_FORMAT : status;
}

/* ---- matrices ---- */

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

/* The header of a matrix of real numbers, which the caller frees with Mat_VarFree, NULL too. */
static hs_status find_matrix(const char *path, mat_t *file, const char *name, matvar_t **variable)
{
    *variable = Mat_VarReadInfo(file, name);
    if (!*variable)
        return hs_error(HS_ERR_DATA, "is it a file of this data set, and whole?",
                        "%s: got no matrix '%s'", path, name);
    return is_matrix(*variable) ? HS_OK
                                : hs_error(HS_ERR_DATA, NULL,
                                           "%s: %s: got something else, expected a matrix of "
                                           "real numbers",
                                           path, name);
}

static hs_status read_content(const char *path, mat_t *file, const char *name, matvar_t *variable)
{
    return Mat_VarReadDataAll(file, variable) == 0
               ? HS_OK
               : hs_error(HS_ERR_FORMAT, again, "%s: damaged MATLAB file: cannot read %s", path,
                          name);
}

static hs_status read_matrix(const char *path, mat_t *file, const char *name, hs_mat_matrix *matrix)
{
    matvar_t *variable;
    hs_status status;
    HS_TRY(find_matrix(path, file, name, &variable));
    HS_TRY(read_content(path, file, name, variable));
    HS_TRY(copy_matrix(path, name, variable, matrix));
exit:
    Mat_VarFree(variable);
    return status;
}

hs_status hs_mat_read(const char *path, int n, const char *const *names, hs_mat_matrix *matrices)
{
    mat_t *file;
    hs_status status = open_file(path, hs_mat_check_content, &file);
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

hs_status hs_mat_size(const char *path, const char *name, int *width, int *height)
{
    mat_t *file;
    matvar_t *variable = NULL;
    hs_status status;
    HS_TRY(open_file(path, hs_mat_check_frame, &file));
    HS_TRY(find_matrix(path, file, name, &variable));
    *width = (int)variable->dims[1];
    *height = (int)variable->dims[0];
exit:
    Mat_VarFree(variable);
    Mat_Close(file);
    return damaged_or(status, path);
}

/* ---- values ---- */

static bool is_empty(const matvar_t *variable)
{
    for (int d = 0; d < variable->rank; d++)
        if (variable->dims[d] == 0)
            return true;
    return false;
}

/* Characters of 16 bits as UTF-8, halves of a pair each on their own: equal texts stay equal. */
static char *put_character(char *to, unsigned c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
    } else {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

/* MATLAB stores 16 bits a character, others UTF-8. */
static hs_status copy_text(const char *path, const char *name, const matvar_t *variable,
                           char **text)
{
    size_t bytes = variable->data ? variable->nbytes : 0;
    size_t size = variable->data_size > 0 ? (size_t)variable->data_size : 0;
    void *memory;
    if (bytes == 0 || size < 1 || size > 2)
        return hs_error(HS_ERR_FORMAT, again, "%s: damaged MATLAB file: cannot read %s", path,
                        name);
    hs_status status = hs_allocate(3 * bytes + 1, path, &memory);
    if (status != HS_OK)
        return status;
    char *to = *text = memory;
    for (size_t i = 0; i < bytes / size; i++)
        if (size == 2)
            to = put_character(to, ((const uint16_t *)variable->data)[i]);
        else
            *to++ = ((const char *)variable->data)[i];
    *to = 0;
    return HS_OK;
}

static hs_status read_value(const char *path, mat_t *file, const char *name, matvar_t *variable,
                            hs_mat_value *value)
{
    hs_mat_matrix matrix = {0};
    bool text = variable->class_type == MAT_C_CHAR && variable->rank == 2 && variable->dims[0] == 1;
    bool number = is_matrix(variable) && variable->dims[0] == 1 && variable->dims[1] == 1;
    hs_status status;
    if (!text && !number)
        return hs_error(HS_ERR_DATA, NULL,
                        "%s: %s: got something else, expected a number or a text", path, name);
    HS_TRY(read_content(path, file, name, variable));
    if (number) {
        HS_TRY(copy_matrix(path, name, variable, &matrix));
        value->number = matrix.values[0];
    } else {
        HS_TRY(copy_text(path, name, variable, &value->text));
    }
    value->kind = number ? HS_MAT_NUMBER : HS_MAT_TEXT;
exit:
    hs_mat_free(1, &matrix);
    return status;
}

hs_status hs_mat_read_value(const char *path, const char *name, hs_mat_value *value)
{
    mat_t *file;
    matvar_t *variable = NULL;
    *value = (hs_mat_value){.kind = HS_MAT_ABSENT};
    hs_status status;
    HS_TRY(open_file(path, hs_mat_check_frame, &file));
    variable = Mat_VarReadInfo(file, name);
    if (variable && !is_empty(variable))
        HS_TRY(read_value(path, file, name, variable, value));
exit:
    Mat_VarFree(variable);
    Mat_Close(file);
    return damaged_or(status, path);
}
