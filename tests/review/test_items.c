/* Orders with known frames in them, what is measured with these, pictures, small pictures. */
#include "base/log.h"
#include "data/verdicts.h"
#include "review/book.h"
#include "review/draw.h"
#include "review/summary.h"
#include "review/thumbs.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PEOPLE = 4, EACH = 50, FRAMES = PEOPLE * EACH, KNOWN = 8 };

/* Known frames in a folder of their own: the even ones are good. */
static hs_review_known make_known(void)
{
    static char table[600], folder[600];
    if (!folder[0])
        snprintf(folder, sizeof folder, "%s", hs_test_frames("known", 1, KNOWN));
    snprintf(table, sizeof table, "%s", hs_test_path("known.csv"));
    FILE *file = fopen(table, "w");
    fprintf(file, "verdict,frame\n");
    for (int i = 0; i < KNOWN; i++)
        fprintf(file, "%s,user-1.%05d\n", i % 2 ? "reject" : "keep", i);
    fclose(file);
    return (hs_review_known){.table = table, .folder = folder, .rate = 0.1};
}

/* A folder to judge; without verdicts. */
static const char *make_folder(void)
{
    static char folder[600];
    char path[700];
    if (!folder[0])
        snprintf(folder, sizeof folder, "%s", hs_test_frames("judged", PEOPLE, EACH));
    snprintf(path, sizeof path, "%s/" HS_VERDICT_FILE, folder);
    unlink(path);
    return folder;
}

START_TEST(known_frames_are_mixed_in_at_their_rate)
{
    hs_review_known known = make_known();
    hs_review_items items = {0}, again = {0};
    ck_assert_ok(hs_review_items_init(&items, make_folder(), &known));
    ck_assert_ok(hs_review_items_init(&again, make_folder(), &known));
    ck_assert(items.count == FRAMES + KNOWN && items.frames == FRAMES);
    for (int o = 0; o < HS_ORDERS; o++) {
        bool seen[FRAMES + KNOWN] = {false};
        uint32_t last = 0;
        ck_assert_uint_eq(items.digest[o], again.digest[o]);
        for (int i = 0; i < FRAMES + KNOWN; i++) {
            uint32_t item = items.order[o][i];
            ck_assert(!seen[item] && items.place[o][item] == (uint32_t)i);
            seen[item] = true;
            if (item >= FRAMES) { /* one of each ten */
                ck_assert_int_lt(i / 10, KNOWN);
                continue;
            }
            ck_assert(last == 0 || item > last); /* no scores: the order of names */
            last = item;
        }
        for (int block = 0; block < KNOWN; block++) {
            int found = 0;
            for (int i = 0; i < 10; i++)
                found += items.order[o][10 * block + i] >= FRAMES;
            ck_assert_int_eq(found, 1);
        }
    }
    ck_assert_str_eq(items.names[FRAMES + 1], "known-reject:user-1.00001");
    ck_assert_str_eq(hs_review_item_frame(&items, FRAMES + 1), "user-1.00001");
    char path[4096];
    hs_review_item_path(&items, FRAMES + 1, "masks", path);
    ck_assert_ptr_nonnull(strstr(path, "/known/masks/user-1.00001.png"));
    hs_review_items_free(&items);
    hs_review_items_free(&again);
}
END_TEST

START_TEST(known_frames_have_to_be_there)
{
    hs_review_known known = make_known();
    hs_review_items items = {0};
    hs_test_write(known.table, "frame,verdict\nuser-1.00000,keep\nuser-9.00000,keep\n", 50);
    ck_assert_error(hs_review_items_init(&items, make_folder(), &known), HS_ERR_DATA,
                    "known.csv:3: got 'user-9.00000', expected a frame");
    hs_review_items_free(&items);
    hs_test_write(known.table, "frame,verdict\nuser-1.00000,good\n", 33);
    ck_assert_error(hs_review_items_init(&items, make_folder(), &known), HS_ERR_DATA,
                    "known.csv:2: got 'good', expected keep or reject");
    hs_review_items_free(&items);
}
END_TEST

START_TEST(kappa_as_cohen_has_it)
{
    /* Of 50: both keep 20, both reject 15, 5 and 10 apart: 0.7 observed, 0.5 by chance. */
    const hs_agreement agreement = {{{20, 5}, {10, 15}}}, none = {{{0}}}, all = {{{7, 0}, {0, 0}}};
    const hs_agreement never = {{{0, 5}, {5, 0}}};
    ck_assert_double_eq_tol(hs_agreement_kappa(&agreement), 0.4, 1e-12);
    ck_assert_double_eq_tol(hs_agreement_kappa(&never), -1, 1e-12);
    ck_assert(isnan(hs_agreement_kappa(&none)) && isnan(hs_agreement_kappa(&all)));
}
END_TEST

START_TEST(reviewers_are_measured_by_known_frames)
{
    hs_review_known known = make_known();
    hs_review_items items = {0};
    hs_book *book;
    const char *folder = make_folder();
    ck_assert_ok(hs_review_items_init(&items, folder, &known));
    ck_assert_ok(hs_book_open(&items, "ann", &book));
    uint32_t sequence = 0;
    int64_t place;
    hs_book_entry entry = {.session = "s", .reason = "-", .order = HS_ORDER_TIME};
    for (int i = 0; i < KNOWN; i++) { /* ann misses one bad one, and takes a good one for bad */
        bool reject = i % 2 ? i != 3 : i == 4;
        entry.action = reject ? HS_BOOK_REJECT : HS_BOOK_KEEP;
        entry.first = entry.last = items.place[HS_ORDER_TIME][FRAMES + i];
        entry.sequence = ++sequence;
        ck_assert_ok(hs_book_enter(book, &entry, &place));
        ck_assert_int_eq(place, entry.first);
    }
    hs_book_counts counts = hs_book_count(book); /* known frames are no work done */
    ck_assert(counts.kept == 0 && counts.rejected == 0 && counts.unjudged == FRAMES);
    hs_book_close(book);
    hs_review_items_free(&items);

    hs_review_summary summary = {0};
    ck_assert_ok(hs_review_summary_make(&summary, folder));
    ck_assert(summary.reviewer_count == 1 && summary.unjudged == FRAMES);
    const hs_reviewer_summary *ann = &summary.reviewers[0];
    ck_assert_str_eq(ann->name, "ann");
    ck_assert_int_eq(ann->verdicts, KNOWN);
    ck_assert(ann->on_known.frames[0][0] == 3 && ann->on_known.frames[0][1] == 1);
    ck_assert(ann->on_known.frames[1][0] == 1 && ann->on_known.frames[1][1] == 3);
    ck_assert_double_eq_tol(hs_agreement_kappa(&ann->on_known), 0.5, 1e-12);
    hs_review_summary_free(&summary);

    char arguments[1024], output[4096];
    snprintf(arguments, sizeof arguments, "review %s --summary", folder);
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "3 of 4 bad ones found, 3 of 4 good ones kept, kappa 0.500"), "%s",
                  output);
}
END_TEST

START_TEST(logs_are_merged_by_the_command)
{
    char arguments[2048], output[4096], mine[700], theirs[600];
    const char *folder = make_folder();
    snprintf(mine, sizeof mine, "%s/" HS_VERDICT_FILE, folder);
    snprintf(theirs, sizeof theirs, "%s", hs_test_path("theirs.log"));
    const hs_verdict_record records[] = {
        {1000, "ann", "a", "-", "user-1.00000..user-1.00009", 1, HS_ACTION_KEEP},
        {2000, "bob", "b", "swapped", "user-1.00003", 1, HS_ACTION_REJECT},
    };
    const char *const paths[] = {mine, theirs};
    for (int i = 0; i < 2; i++) {
        hs_verdict_log log = {0};
        ck_assert_ok(hs_verdict_log_open(&log, paths[i]));
        ck_assert_ok(hs_verdict_log_append(&log, &records[i], 1));
        hs_verdict_log_free(&log);
    }
    snprintf(arguments, sizeof arguments, "review %s --merge %s --summary", folder, theirs);
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "1 lines added") && strstr(output, "9 kept, 1 rejected"), "%s",
                  output);
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "0 lines added") && strstr(output, "9 kept, 1 rejected"), "%s",
                  output);
}
END_TEST

/* ---- pictures ---- */

static const uint8_t *rgb_at(const hs_picture *picture, int x, int y)
{
    return picture->rgb + 3 * (y * picture->width + x);
}

/* A wall with a single labelled pixel of each hand. */
START_TEST(no_labelled_pixel_is_lost_when_reduced)
{
    enum { W = 640, H = 480, SMALL = 160, SMALL_H = 120 };
    hs_review_frame frame = {W, H, calloc(W * H, 2), calloc(W * H, 1), NULL};
    hs_picture picture;
    for (int i = 0; i < W * H; i++)
        frame.depth[i] = 8000;
    frame.mask[101 * W + 203] = 1;
    frame.mask[301 * W + 403] = 2;
    ck_assert_ok(hs_picture_init(&picture, SMALL, SMALL_H, (hs_colour){{0}}));
    hs_review_draw(&frame, HS_VIEW_DEPTH, true, &picture);
    const uint8_t *right = rgb_at(&picture, 203 / 4 + 1, 101 / 4);
    const uint8_t *left = rgb_at(&picture, 403 / 4, 301 / 4 - 1);
    ck_assert(right[1] > 200 && right[0] < 120 && right[2] < 120); /* green */
    ck_assert(left[0] > 200 && left[1] < 150 && left[2] < 80);     /* orange */
    const uint8_t *inside = rgb_at(&picture, 203 / 4, 101 / 4), *wall = rgb_at(&picture, 5, 5);
    ck_assert_mem_eq(inside, wall, 3);
    hs_review_draw(&frame, HS_VIEW_DEPTH, false, &picture);
    ck_assert_mem_eq(rgb_at(&picture, 203 / 4 + 1, 101 / 4), wall, 3);
    hs_picture_free(&picture);
    hs_review_frame_free(&frame);
}
END_TEST

START_TEST(any_size_is_drawn)
{
    static const int sizes[][2] = {{1, 1}, {7, 5}, {24, 18}, {100, 3}, {3, 100}, {192, 144}};
    hs_review_frame frame;
    hs_picture picture;
    const char *folder = hs_test_frames("drawn", 1, 2);
    char depth[600], mask[600];
    snprintf(depth, sizeof depth, "%s", hs_test_frame_path(folder, "images", 1, 1));
    snprintf(mask, sizeof mask, "%s", hs_test_frame_path(folder, "masks", 1, 1));
    ck_assert_ok(hs_review_frame_read(&frame, depth, mask, hs_test_path("absent.png")));
    ck_assert_ptr_null(frame.rgb);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int view = 0; view < HS_VIEWS; view++) {
            ck_assert_ok(hs_picture_init(&picture, sizes[i][0], sizes[i][1], (hs_colour){{0}}));
            hs_review_draw(&frame, (hs_review_view)view, true, &picture);
            hs_picture_free(&picture);
        }
    hs_review_frame_free(&frame);
}
END_TEST

/* ---- small pictures ---- */

enum { ITEMS = 3000, SLOTS = 64 };
static int made[ITEMS];

static void make(void *context, uint32_t item, hs_picture *views)
{
    (void)context;
    __atomic_add_fetch(&made[item], 1, __ATOMIC_SEQ_CST);
    for (int v = 0; v < 2; v++)
        for (int i = 0; i < views[v].width * views[v].height * 3; i++)
            views[v].rgb[i] = (uint8_t)(item * 7 + (uint32_t)v);
}

static void expect_sheet(hs_thumbs *thumbs, const uint32_t *items, int n, int view)
{
    hs_picture sheet;
    ck_assert_ok(hs_picture_init(&sheet, 4 * 8, 3 * 1, (hs_colour){{0}}));
    hs_thumbs_paste(thumbs, items, n, view, 8, &sheet);
    for (int i = 0; i < n; i++)
        ck_assert_uint_eq(*rgb_at(&sheet, 4 * i + 1, 1), (uint8_t)(items[i] * 7 + (uint32_t)view));
    hs_picture_free(&sheet);
}

typedef struct asker {
    uint32_t seed;
    hs_thumbs *thumbs;
} asker;

static void *ask_much(void *context)
{
    uint32_t state = ((asker *)context)->seed, items[8];
    hs_thumbs *thumbs = ((asker *)context)->thumbs;
    for (int turn = 0; turn < 300; turn++) {
        for (int i = 0; i < 8; i++)
            items[i] = (state = state * 1664525 + 1013904223) % ITEMS;
        expect_sheet(thumbs, items, 8, turn % 2);
        if (turn % 10 == 0)
            hs_thumbs_ahead(thumbs, items, 8);
    }
    return NULL;
}

START_TEST(small_pictures_survive_many_askers)
{
    asker askers[12];
    pthread_t threads[12];
    hs_thumbs *thumbs;
    const hs_thumbs_config config = {.items = ITEMS,
                                     .width = 4,
                                     .height = 3,
                                     .views = 2,
                                     .slots = SLOTS,
                                     .threads = 3,
                                     .make = make};
    ck_assert_ok(hs_thumbs_start(&config, &thumbs));
    const uint32_t page[] = {5, 6, 7};
    memset(made, 0, sizeof made);
    for (int turn = 0; turn < 10; turn++)
        expect_sheet(thumbs, page, 3, turn % 2);
    ck_assert(made[5] == 1 && made[6] == 1 && made[7] == 1); /* kept */
    for (int i = 0; i < 12; i++) {
        askers[i].seed = (uint32_t)i + 1;
        askers[i].thumbs = thumbs;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_much, &askers[i]), 0);
    }
    for (int i = 0; i < 12; i++)
        pthread_join(threads[i], NULL);
    hs_thumbs_stop(thumbs);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("items");
    TCase *tests = tcase_create("items");
    tcase_add_test(tests, known_frames_are_mixed_in_at_their_rate);
    tcase_add_test(tests, known_frames_have_to_be_there);
    tcase_add_test(tests, kappa_as_cohen_has_it);
    tcase_add_test(tests, reviewers_are_measured_by_known_frames);
    tcase_add_test(tests, logs_are_merged_by_the_command);
    tcase_add_test(tests, no_labelled_pixel_is_lost_when_reduced);
    tcase_add_test(tests, any_size_is_drawn);
    tcase_add_test(tests, small_pictures_survive_many_askers);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}
