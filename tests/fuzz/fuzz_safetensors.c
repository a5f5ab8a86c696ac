/* The reader of safetensors: its header, and the numbers of every tensor it lists. */
#include "io/safetensors.h"
#include "support/fuzz.h"
#include <stdlib.h>
#include <unistd.h>

typedef struct rows_read {
    int64_t next;
    double sum;
} rows_read;

static void take(void *context, int64_t first, int64_t count, hs_real *rows)
{
    rows_read *r = context;
    if (first != r->next || count < 1)
        abort();
    r->next = first + count;
    r->sum += (double)rows[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path;
    int fd = hs_fuzz_file(bytes, size, &path);
    hs_safetensors *file;
    if (hs_safetensors_open(path, &file) == HS_OK) {
        for (int i = 0; i < hs_safetensors_count(file); i++) {
            const hs_safetensor *t = hs_safetensors_get(file, i);
            rows_read r = {0};
            bool filled = t->end > t->first;
            if (t->rank > 0 && hs_safetensors_read_rows(file, i, take, &r) == HS_OK && filled &&
                r.next != t->dims[0])
                abort();
        }
        hs_safetensors_close(file);
    }
    close(fd);
    return 0;
}
