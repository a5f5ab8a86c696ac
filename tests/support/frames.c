#include "support/frames.h"

#include "io/png.h"
#include "support/files.h"
#include "support/suite.h"
#include <stdio.h>
#include <sys/stat.h>

uint16_t hs_test_depth(int subject, int number, int x, int y)
{
    return (uint16_t)((x + y) % 7 == 0 ? 0 : 3000 + 1000 * subject + 40 * number + 30 * y + x);
}

uint8_t hs_test_label(int subject, int number, int x, int y)
{
    if (x >= 2 && x < 6 + subject && y >= 3 && y < 9)
        return 1;
    return number % 2 == 1 && x >= 15 && x < 20 && y >= 8 && y < 12 + number % 3 ? 2 : 0;
}

const char *hs_test_frame_path(const char *folder, const char *part, int subject, int number)
{
    static char paths[4][600];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s/user-%d.%05d.png", folder, part, subject,
             number);
    return paths[turn];
}

static void write_frame(const char *folder, int subject, int number)
{
    uint16_t depth[HS_TEST_HEIGHT * HS_TEST_WIDTH];
    uint8_t mask[HS_TEST_HEIGHT * HS_TEST_WIDTH];
    for (int y = 0; y < HS_TEST_HEIGHT; y++)
        for (int x = 0; x < HS_TEST_WIDTH; x++) {
            depth[y * HS_TEST_WIDTH + x] = hs_test_depth(subject, number, x, y);
            mask[y * HS_TEST_WIDTH + x] = hs_test_label(subject, number, x, y);
        }
    ck_assert_ok(hs_png_write_u16(hs_test_frame_path(folder, "images", subject, number), depth,
                                  HS_TEST_WIDTH, HS_TEST_HEIGHT));
    ck_assert_ok(hs_png_write_u8(hs_test_frame_path(folder, "masks", subject, number), mask,
                                 HS_TEST_WIDTH, HS_TEST_HEIGHT));
}

const char *hs_test_frames(const char *name, int subjects, int frames)
{
    const char *folder = hs_test_path(name);
    char part[600];
    mkdir(folder, 0777);
    snprintf(part, sizeof part, "%s/images", folder);
    mkdir(part, 0777);
    snprintf(part, sizeof part, "%s/masks", folder);
    mkdir(part, 0777);
    for (int s = 1; s <= subjects; s++)
        for (int n = 0; n < frames; n++)
            write_frame(folder, s, n);
    return folder;
}
