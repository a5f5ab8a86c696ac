/* PNG files: exact values both ways, one message for each kind of bad file, nothing half-written.
 */
#include "io/png.h"
#include "support/files.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

/* 3x1, 16-bit grey, values 1, 256, 65535; written by Python's zlib and struct. */
static const unsigned char golden[72] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x10, 0x00, 0x00, 0x00, 0x00, 0x6e,
    0x1b, 0x97, 0x2b, 0x00, 0x00, 0x00, 0x0f, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60,
    0x60, 0x64, 0x64, 0xf8, 0xff, 0x1f, 0x00, 0x03, 0x0d, 0x02, 0x01, 0x39, 0x57, 0xc2, 0x0a,
    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

static hs_status read_depth(const char *path)
{
    uint16_t *pixels;
    int width, height;
    hs_status status = hs_png_read_u16(path, &pixels, &width, &height);
    free(pixels);
    return status;
}

START_TEST(another_programs_file_is_read_exactly)
{
    const char *path = hs_test_path("golden.png");
    hs_test_write(path, golden, sizeof golden);
    uint16_t *pixels;
    int width, height;
    ck_assert_ok(hs_png_read_u16(path, &pixels, &width, &height));
    ck_assert(width == 3 && height == 1);
    ck_assert(pixels[0] == 1 && pixels[1] == 256 && pixels[2] == 65535);
    free(pixels);
}
END_TEST

START_TEST(depth_survives_exactly)
{
    enum { W = 37, H = 11 };
    uint16_t depth[H * W], *back;
    for (int i = 0; i < H * W; i++)
        depth[i] = (uint16_t)(i * 161 + (i % 3 ? 0 : 40000));
    const char *path = hs_test_path("depth.png");
    ck_assert_ok(hs_png_write_u16(path, depth, W, H));
    int width, height;
    ck_assert_ok(hs_png_read_u16(path, &back, &width, &height));
    ck_assert(width == W && height == H);
    ck_assert_mem_eq(back, depth, sizeof depth);
    free(back);
    hs_png_info info;
    ck_assert_ok(hs_png_read_info(path, &info));
    ck_assert(info.width == W && info.height == H && info.bits == 16 && info.channels == 1);
}
END_TEST

START_TEST(masks_and_colours_survive_exactly)
{
    enum { W = 13, H = 7 };
    uint8_t pixels[H * W * 3], *back;
    for (int i = 0; i < H * W * 3; i++)
        pixels[i] = (uint8_t)(i * 37);
    const char *path = hs_test_path("image.png");
    int width, height;
    ck_assert_ok(hs_png_write_u8(path, pixels, W, H));
    ck_assert_ok(hs_png_read_u8(path, &back, &width, &height));
    ck_assert(width == W && height == H);
    ck_assert_mem_eq(back, pixels, W * H);
    free(back);
    ck_assert_ok(hs_png_write_rgb(path, pixels, W, H)); /* replaces the file */
    ck_assert_ok(hs_png_read_rgb(path, &back, &width, &height));
    ck_assert(width == W && height == H);
    ck_assert_mem_eq(back, pixels, sizeof pixels);
    free(back);
    /* In memory the same bytes. */
    size_t size, file_size;
    unsigned char *file = hs_test_read(path, &file_size);
    ck_assert_ok(hs_png_encode_rgb(pixels, W, H, &back, &size));
    ck_assert_uint_eq(size, file_size);
    ck_assert_mem_eq(back, file, size);
    free(back);
    free(file);
}
END_TEST

START_TEST(other_pixel_formats_are_refused_by_name)
{
    uint8_t bytes[12] = {0};
    uint16_t words[4] = {0};
    const char *path = hs_test_path("format.png");
    ck_assert_ok(hs_png_write_u8(path, bytes, 2, 2));
    ck_assert_error(read_depth(path), HS_ERR_FORMAT,
                    "format.png: got 8-bit grey, expected 16-bit grey");
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), "16-bit depth"));
    uint8_t *pixels;
    int width, height;
    ck_assert_ok(hs_png_write_rgb(path, bytes, 2, 2));
    ck_assert_error(hs_png_read_u8(path, &pixels, &width, &height), HS_ERR_FORMAT,
                    "got 8-bit colour, expected 8-bit grey");
    ck_assert_ptr_null(pixels);
    ck_assert_ok(hs_png_write_u16(path, words, 2, 2));
    ck_assert_error(hs_png_read_rgb(path, &pixels, &width, &height), HS_ERR_FORMAT,
                    "got 16-bit grey, expected 8-bit colour");
}
END_TEST

START_TEST(bad_files_have_their_own_messages)
{
    ck_assert_error(read_depth(hs_test_path("absent.png")), HS_ERR_IO,
                    "absent.png: cannot read: No such file");
    ck_assert_error(read_depth(hs_test_folder()), HS_ERR_IO, "Is a directory");
    const char *path = hs_test_path("bad.png");
    hs_test_write(path, "", 0);
    ck_assert_error(read_depth(path), HS_ERR_FORMAT, "not a PNG: got an empty file");
    hs_test_write(path, "P5 2 2 255 ....", 15);
    ck_assert_error(read_depth(path), HS_ERR_FORMAT, "bad.png: not a PNG");
    hs_png_info info;
    ck_assert_error(hs_png_read_info(path, &info), HS_ERR_FORMAT, "bad.png: not a PNG");
}
END_TEST

START_TEST(every_truncation_is_called_one)
{
    const char *path = hs_test_path("cut.png");
    for (size_t size = 1; size < sizeof golden; size++) {
        hs_test_write(path, golden, size);
        ck_assert_error(read_depth(path), HS_ERR_FORMAT, "cut.png: truncated PNG");
    }
}
END_TEST

/* 1,000,000 x 1,000,000 pixels in 72 bytes: refused before memory is asked for. */
START_TEST(impossible_sizes_are_refused)
{
    unsigned char bytes[sizeof golden];
    static const unsigned char million[] = {0, 0x0f, 0x42, 0x40},
                               checksum[] = {0x29, 0x96, 0xbb, 0xe2};
    memcpy(bytes, golden, sizeof bytes);
    memcpy(bytes + 16, million, 4);
    memcpy(bytes + 20, million, 4);
    memcpy(bytes + 29, checksum, 4);
    const char *path = hs_test_path("impossible.png");
    hs_test_write(path, bytes, sizeof bytes);
    ck_assert_error(read_depth(path), HS_ERR_FORMAT, "impossible.png: truncated PNG");
}
END_TEST

/* A text of 1.6 GB, says its length: found by fuzzing; libpng would have made room for it. */
START_TEST(chunks_beside_the_pixels_are_passed_over)
{
    uint8_t *pixels;
    int width, height;
    ck_assert_error(
        hs_png_read_u8("tests/fuzz/corpus/png/large-text.png", &pixels, &width, &height),
        HS_ERR_FORMAT, "large-text.png: ");
}
END_TEST

START_TEST(damaged_pixels_are_found_by_the_checksum)
{
    unsigned char bytes[sizeof golden];
    memcpy(bytes, golden, sizeof bytes);
    bytes[48] ^= 0x10; /* within the compressed pixels */
    const char *path = hs_test_path("damaged.png");
    hs_test_write(path, bytes, sizeof bytes);
    ck_assert_error(read_depth(path), HS_ERR_FORMAT, "damaged.png: damaged PNG");
}
END_TEST

START_TEST(failed_writes_leave_what_was_there)
{
    enum { SIDE = 200 };
    static uint16_t noise[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++)
        noise[i] = (uint16_t)(i * 40503u >> 3);
    uint16_t one = 7;
    const char *path = hs_test_path("kept.png");
    ck_assert_ok(hs_png_write_u16(path, &one, 1, 1));
    hs_test_limit_files(2000);
    hs_status status = hs_png_write_u16(path, noise, SIDE, SIDE);
    hs_test_limit_files(0);
    ck_assert_error(status, HS_ERR_IO, "kept.png: cannot write: File too large");
    ck_assert_int_eq(hs_test_count(hs_test_folder(), ".tmp"), 0);
    uint16_t *pixels;
    int width, height;
    ck_assert_ok(hs_png_read_u16(path, &pixels, &width, &height));
    ck_assert(width == 1 && pixels[0] == 7);
    free(pixels);
    ck_assert_error(hs_png_write_u16(hs_test_path("no/such/folder.png"), &one, 1, 1), HS_ERR_IO,
                    "no/such/folder.png: cannot write: No such file");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("png");
    TCase *tests = tcase_create("png");
    tcase_add_test(tests, another_programs_file_is_read_exactly);
    tcase_add_test(tests, depth_survives_exactly);
    tcase_add_test(tests, masks_and_colours_survive_exactly);
    tcase_add_test(tests, other_pixel_formats_are_refused_by_name);
    tcase_add_test(tests, bad_files_have_their_own_messages);
    tcase_add_test(tests, every_truncation_is_called_one);
    tcase_add_test(tests, impossible_sizes_are_refused);
    tcase_add_test(tests, chunks_beside_the_pixels_are_passed_over);
    tcase_add_test(tests, damaged_pixels_are_found_by_the_checksum);
    tcase_add_test(tests, failed_writes_leave_what_was_there);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}
