/* The readers of INI text: the text itself, and what recordings, cameras and gloves make of it.
 * What was read is written and read again. */
#include "config/ini.h"
#include "data/camera_file.h"
#include "glove/config.h"
#include "glove/range.h"
#include "recording/rig_file.h"
#include "support/fuzz.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_text(const uint8_t *bytes, size_t size)
{
    hs_ini ini = {0}, again = {0};
    if (hs_ini_parse(&ini, "fuzz", (const char *)bytes, size) == HS_OK) {
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        hs_ini_write(&ini, out);
        fclose(out);
        if (hs_ini_parse(&again, "again", text, length) != HS_OK)
            abort();
        free(text);
    }
    hs_ini_free(&ini);
    hs_ini_free(&again);
}

static void read_gloves(const char *path)
{
    hs_ini ini = {0};
    hs_gloves gloves;
    hs_glove_evidence evidence;
    hs_glove_config config = {0};
    if (hs_ini_read(&ini, path) == HS_OK)
        hs_gloves_read(&ini, path, &gloves, &evidence);
    hs_ini_free(&ini);
    hs_glove_config_read(&config, path, NULL, 0);
    hs_glove_config_free(&config);
}

static void read_recording(const char *path)
{
    hs_rig_file file = {0}, again = {0};
    if (hs_rig_file_read(path, &file) == HS_OK) {
        char *text = NULL;
        size_t length = 0;
        const char *written;
        FILE *out = open_memstream(&text, &length);
        hs_rig_file_write(&file, out);
        fclose(out);
        int fd = hs_fuzz_file((const uint8_t *)text, length, &written);
        if (hs_rig_file_read(written, &again) != HS_OK || again.depth.count != file.depth.count)
            abort();
        close(fd);
        free(text);
    }
    hs_rig_file_free(&file);
    hs_rig_file_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path;
    char own[64];
    int fd = hs_fuzz_file(bytes, size, &path);
    strcpy(own, path); /* hs_fuzz_file has one text */
    hs_camera_file camera;
    read_text(bytes, size);
    read_recording(own);
    read_gloves(own);
    hs_camera_file_read(own, &camera);
    close(fd);
    return 0;
}
