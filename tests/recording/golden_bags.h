/* What the bags of tests/golden hold, as scripts/record_bags.py wrote it. */
#ifndef HS_TESTS_GOLDEN_BAGS_H
#define HS_TESTS_GOLDEN_BAGS_H

enum { BAG_FRAMES = 3 };

typedef struct golden_bag {
    const char *path;
    int width[2], height[2]; /* depth, colour */
    double unit;
} golden_bag;

static const golden_bag golden_bags[] = {
    {"tests/golden/recorded.bag", {20, 24}, {14, 18}, 0.000124987},
    {"tests/golden/plain.bag", {20, 24}, {14, 18}, 0.000124987},
    {"tests/golden/older.bag", {8, 6}, {6, 5}, 0.000125},
};

/* The frames hold what hs_test_recorded_depth and hs_test_recorded_color say; they are 20 ms apart,
 * colour 6 ms after depth; colour is turned by .3 about y and moved by these metres. */
static const double bag_angle = .3, bag_move[3] = {.0257, .00122, .0039};

#endif
