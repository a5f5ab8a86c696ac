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

/* The size of such a matrix from its header, whatever it holds. Errors and threads as above. */
hs_status hs_mat_size(const char *path, const char *name, int *width, int *height);

typedef enum hs_mat_kind {
    HS_MAT_ABSENT, /* no variable of the name, or an empty one */
    HS_MAT_NUMBER,
    HS_MAT_TEXT,
} hs_mat_kind;

/* A single number or one line of text. */
typedef struct hs_mat_value {
    hs_mat_kind kind;
    double number;
    char *text; /* UTF-8, of the caller, who frees it with free(); NULL where it is no text */
} hs_mat_value;

/* Reads a value that need not be there. HS_ERR_FORMAT for what is no such file, or a damaged one,
 * HS_ERR_DATA for another kind of variable. Safe from any thread. */
hs_status hs_mat_read_value(const char *path, const char *name, hs_mat_value *value);

#endif
