/* A small folder of labelled frames in HandSeg's layout, for tests of what reads one. */
#ifndef HS_TESTS_FRAMES_H
#define HS_TESTS_FRAMES_H

#include <stdint.h>

enum { HS_TEST_WIDTH = 24, HS_TEST_HEIGHT = 18 };

/* Depth and label that pixel (x, y) of frame `number` of `subject` has there. Every frame has some
 * missing depth; right hands in every frame, left ones in frames of odd numbers. */
uint16_t hs_test_depth(int subject, int number, int x, int y);
uint8_t hs_test_label(int subject, int number, int x, int y);

/* Makes the folder `name` in the test's folder with images/ and masks/ of subjects 1 .. subjects,
 * each with frames 0 .. frames-1, and returns its path: a static string, see hs_test_path. */
const char *hs_test_frames(const char *name, int subjects, int frames);

/* Path of one file of it: "images" or "masks". */
const char *hs_test_frame_path(const char *folder, const char *part, int subject, int number);

#endif
