#include "support/film.h"

#include "io/file.h"
#include "io/png.h"
#include "recording/rig_file.h"
#include "support/files.h"
#include "support/suite.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void write_frame(const char *folder, int number, bool colored, hs_film_paint *paint)
{
    static uint8_t rgb[HS_FILM_HEIGHT][HS_FILM_WIDTH][3];
    static uint16_t depth[HS_FILM_HEIGHT][HS_FILM_WIDTH];
    char path[512];
    memset(rgb, 0, sizeof rgb);
    memset(depth, 0, sizeof depth);
    for (int y = 0; y < HS_FILM_HEIGHT; y++)
        for (int x = 0; x < HS_FILM_WIDTH; x++)
            paint(number, x, y, rgb[y][x], &depth[y][x]);
    snprintf(path, sizeof path, "%s/depth/%08d.png", folder, number);
    ck_assert_ok(hs_png_write_u16(path, depth[0], HS_FILM_WIDTH, HS_FILM_HEIGHT));
    snprintf(path, sizeof path, "%s/color/%08d.png", folder, number);
    if (colored)
        ck_assert_ok(hs_png_write_rgb(path, rgb[0][0], HS_FILM_WIDTH, HS_FILM_HEIGHT));
}

const char *hs_test_film(const char *name, int subject, int frames, int uncolored,
                         hs_film_paint *paint)
{
    const char *folder = hs_test_path(name);
    char path[512];
    const hs_lens lens = {HS_FILM_WIDTH, HS_FILM_HEIGHT, 140, 140, 79.5, 59.5, HS_LENS_NONE, {0}};
    hs_rig_file file = {.subject = subject,
                        .tolerance = 0.01,
                        .rig = {.depth = lens,
                                .color = lens,
                                .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                                .depth_unit = 0.001}};
    int64_t capacity[2] = {0};
    for (int part = 0; part < 2; part++) {
        snprintf(path, sizeof path, "%s/%s", folder, part ? "color" : "depth");
        ck_assert_ok(hs_folder_make(path));
    }
    for (int i = 0; i < frames; i++) {
        bool colored = i != uncolored;
        write_frame(folder, i, colored, paint);
        ck_assert_ok(hs_stamps_add(&file.depth, &capacity[0], (hs_stamp){0.1 * i, i}));
        if (colored)
            ck_assert_ok(hs_stamps_add(&file.color, &capacity[1], (hs_stamp){0.1 * i + 0.002, i}));
    }
    snprintf(path, sizeof path, "%s/camera.ini", folder);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    hs_rig_file_write(&file, out);
    ck_assert_int_eq(fclose(out), 0);
    hs_rig_file_free(&file);
    return folder;
}
