/* A training run of seconds: a data set of slanted squares, a network of a few filters. */
#ifndef HS_TESTS_TINY_RUN_H
#define HS_TESTS_TINY_RUN_H

#include "handseg/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HS_TINY_WIDTH = 64, HS_TINY_HEIGHT = 48, HS_TINY_TRAIN = 18, HS_TINY_VAL = 3 };

/* Writes tiny.h5, net.ini and train.ini into the test's folder, once, and returns the path of
 * train.ini. Of 24 frames 18 are for training: 5 batches of 4, 3 updates of 2 passes an epoch.
 *
 * A frame shows a square for each hand, slanted: nearer on its left side for a right hand (1), on
 * its right side for a left one (2), so that a mirrored frame is a true one. */
const char *hs_tiny_config(void);

/* Writes the same data set with other names of the hands, or with other depths where `shift` is not
 * zero. */
void hs_tiny_dataset(const char *path, const char *right, const char *left, uint16_t shift);

/* Options of `handseg train` for this configuration, into the run folder `out` of the test's
 * folder, with `more` behind: a static string, valid for the next three calls. */
const char *hs_tiny_options(const char *out, const char *more);

/* hs_train with it: `overrides` is a list of section.key=value separated by blanks. */
hs_status hs_tiny_train(const char *out, const char *overrides, bool resume);

/* The same from another configuration file, without other overrides. */
hs_status hs_tiny_train_file(const char *out, const char *config);

/* Path of a file of a run folder: static, see hs_test_path. */
const char *hs_tiny_path(const char *out, const char *name);

/* Asserts that two checkpoints hold the same bits but for the time they took. */
void hs_tiny_assert_same(const char *a, const char *b);

/* Asserts that two runs logged the same steps, each once, in the same text but for times. */
void hs_tiny_assert_same_log(const char *a, const char *b);

#endif
