/* A small recording as a folder, for tests of what reads one. */
#ifndef HS_TESTS_RECORDINGS_H
#define HS_TESTS_RECORDINGS_H

#include "recording/rig_file.h"
#include <stdint.h>

enum { HS_TEST_DEPTH_WIDTH = 20, HS_TEST_DEPTH_HEIGHT = 14 };
enum { HS_TEST_COLOR_WIDTH = 24, HS_TEST_COLOR_HEIGHT = 18 };

/* Depth of pixel i of depth frame `number`, channel i of colour frame `number`, true label. */
uint16_t hs_test_recorded_depth(int number, int i);
uint8_t hs_test_recorded_color(int number, int i);
uint8_t hs_test_recorded_label(int number, int i);

/* Two cameras of these sizes, 30 mm apart, the first with a distortion. */
hs_rig hs_test_rig(void);

/* Makes the folder `name` in the test's folder, with a depth and a colour frame for each time
 * given (numbers count from 0) and true masks where `truth`. Returns its path: a static string, see
 * hs_test_path. */
const char *hs_test_recording(const char *name, const double *depth, int depths,
                              const double *color, int colors, int truth);

#endif
