#include "review/stages.h"

#include "base/memory.h"
#include "io/file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

hs_status hs_stages_read(const char *folder, const char *frame, unsigned char **bytes, size_t *size)
{
    char path[4096];
    struct stat info;
    void *memory = NULL;
    hs_status status = HS_OK;
    *bytes = NULL;
    snprintf(path, sizeof path, "%s/%s.png", folder, frame);
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_error_system(errno, "annotate --debug writes it", "%s: no picture of its stages",
                               path);
    if (fstat(fileno(file), &info) != 0)
        HS_TRY(hs_file_open_error(path, errno));
    *size = (size_t)info.st_size;
    HS_TRY(hs_allocate(*size, path, &memory));
    if (fread(memory, 1, *size, file) != *size)
        HS_TRY(hs_error(HS_ERR_IO, NULL, "%s: cannot read all of it", path));
    *bytes = memory;
    memory = NULL;
exit:
    free(memory);
    fclose(file);
    return status;
}
