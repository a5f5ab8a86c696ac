/* MATLAB files (MAT 5 to 7): the only user of matio. */
#ifndef HS_IO_MAT_H
#define HS_IO_MAT_H

#include "base/status.h"

/* A matrix of real numbers: values [height][width], rows top down. */
typedef struct hs_mat_matrix {
    int width, height;
    double *values;
} hs_mat_matrix;

/* Reads n matrices by their names into matrices[n], which begin as {0} and are freed by the caller,
 * also after a failure. HS_ERR_FORMAT for what is no such file, or a damaged one, HS_ERR_DATA for a
 * matrix that is missing, empty or not of numbers. Safe from any thread. */
hs_status hs_mat_read(const char *path, int n, const char *const *names, hs_mat_matrix *matrices);
void hs_mat_free(int n, hs_mat_matrix *matrices);

#endif
