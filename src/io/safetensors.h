/* Safetensors files, as PyTorch's users publish weights in: 8 bytes, the size of the header, little
 * endian; the header, JSON; the numbers of all tensors. The only user of jansson.
 *
 *   {"features.0.weight": {"dtype": "F32", "shape": [64, 3, 3, 3], "data_offsets": [0, 6912]}, ...}
 *
 * A file is checked whole when it is opened: the tensors must cover the data without overlaps and
 * gaps, each with as many bytes as its type and shape take. */
#ifndef HS_IO_SAFETENSORS_H
#define HS_IO_SAFETENSORS_H

#include "base/status.h"
#include "handseg/tensor.h"
#include <stdbool.h>
#include <stdint.h>

enum { HS_SAFETENSORS_MAX_RANK = 8 };

typedef struct hs_safetensor {
    const char *name; /* UTF-8 */
    const char *type; /* "F32" */
    int rank;
    int64_t dims[HS_SAFETENSORS_MAX_RANK]; /* row-major */
    int64_t first, end;                    /* bytes of the data it takes */
} hs_safetensor;

typedef struct hs_safetensors hs_safetensors;

/* Whether the first `size` bytes of a file are how one of these begins; 9 are enough. */
bool hs_safetensors_begin(const unsigned char *bytes, size_t size);

/* Opens for reading. HS_ERR_FORMAT for a header or data cut short, a header that is not JSON or not
 * of this form, an unknown type, sizes that do not fit, overlaps and gaps. NULL on failure. */
hs_status hs_safetensors_open(const char *path, hs_safetensors **file);
void hs_safetensors_close(hs_safetensors *file); /* NULL is fine */

/* The tensors in the order of the header; they live as long as the file is open. */
int hs_safetensors_count(const hs_safetensors *file);
const hs_safetensor *hs_safetensors_get(const hs_safetensors *file, int index);

/* Reads a tensor of rank 1 or more and type F32, F16 or BF16, some rows of its first dimension at a
 * time, [first, first + count) in order. HS_ERR_FORMAT for another type. */
typedef void hs_safetensors_rows(void *context, int64_t first, int64_t count, hs_real *rows);
hs_status hs_safetensors_read_rows(hs_safetensors *file, int index, hs_safetensors_rows *take,
                                   void *context);

#endif
