#include "review/items.h"

#include "base/rng.h"
#include "data/csv.h"
#include "data/frame_stats.h"
#include "io/png.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const hs_review_order_names[HS_ORDERS] = {"worst", "time"};

/* ---- known frames ---- */

typedef struct name_list {
    const char **names;
    int64_t count, capacity;
} name_list;

static hs_status add_name(name_list *list, const char *name)
{
    if (list->count == list->capacity) {
        int64_t capacity = list->capacity ? 2 * list->capacity : 64;
        const char **names = realloc(list->names, (size_t)capacity * sizeof *names);
        if (!names)
            return hs_error(HS_ERR_MEMORY, NULL, "no memory for the known frames");
        list->names = names;
        list->capacity = capacity;
    }
    list->names[list->count++] = name;
    return HS_OK;
}

static hs_status check_known(const hs_csv *csv, const char *folder, const char *frame)
{
    static const char *const parts[] = {HS_LAYOUT_IMAGES, HS_LAYOUT_MASKS};
    for (int p = 0; p < 2; p++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s/%s.png", folder, parts[p], frame);
        if (!hs_is_frame_name(frame) || access(path, R_OK) != 0)
            return hs_error(HS_ERR_DATA, "--known-folder names the folder they are in",
                            "%s:%lld: got '%s', expected a frame with %s", csv->path,
                            (long long)csv->line, frame, path);
    }
    return HS_OK;
}

static hs_status read_known(hs_review_items *items, const hs_review_known *known, name_list *list)
{
    hs_csv csv = {0};
    int frame, verdict;
    bool more;
    hs_status status;
    HS_TRY(hs_csv_open(&csv, known->table));
    HS_TRY(hs_csv_column(&csv, "frame", &frame));
    HS_TRY(hs_csv_column(&csv, "verdict", &verdict));
    for (;;) {
        HS_TRY(hs_csv_next(&csv, &more));
        if (!more)
            break;
        const char *name = csv.fields[frame], *word = csv.fields[verdict];
        bool keep = strcmp(word, "keep") == 0;
        if (!keep && strcmp(word, "reject") != 0)
            HS_TRY(hs_error(HS_ERR_DATA, NULL, "%s:%lld: got '%s', expected keep or reject",
                            csv.path, (long long)csv.line, word));
        HS_TRY(check_known(&csv, known->folder, name));
        HS_TRY(add_name(list, hs_arena_format(&items->arena, "%s%s",
                                              keep ? HS_KNOWN_KEEP : HS_KNOWN_REJECT, name)));
    }
exit:
    hs_csv_close(&csv);
    return status;
}

/* Names of all items: those of the folder, then the known ones. */
static hs_status name_items(hs_review_items *items, const hs_review_known *known)
{
    name_list list = {0};
    hs_status status = HS_OK;
    if (known->table)
        HS_TRY(read_known(items, known, &list));
    items->known_folder = known->folder;
    items->frames = items->layout.count;
    items->count = items->frames + list.count;
    const char **names = hs_arena_take(&items->arena, sizeof *names * (size_t)items->count);
    memcpy(names, hs_layout_names(&items->layout), sizeof *names * (size_t)items->frames);
    if (list.count)
        memcpy(names + items->frames, list.names, sizeof *names * (size_t)list.count);
    items->names = names;
exit:
    free(list.names);
    return status;
}

/* ---- orders ---- */

static double score_of(const hs_review_items *items, uint32_t item)
{
    return items->rows[item] ? items->rows[item]->score : -1;
}

static int by_score(const void *a, const void *b, void *context)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    double p = score_of(context, x), q = score_of(context, y);
    return p != q ? (p > q) - (p < q) : (x > y) - (x < y);
}

/* Known frames in a random order, one at a random place among each `every` frames of the folder:
 * the same each time the review is opened, so that one finds one's place again. */
static hs_status mix(const hs_review_items *items, hs_review_order order, double rate,
                     uint32_t *merged)
{
    void *memory = NULL;
    uint32_t known = (uint32_t)(items->count - items->frames), next = 0;
    hs_status status = hs_allocate((size_t)items->count * sizeof *merged, "order", &memory);
    if (status != HS_OK)
        return status;
    uint32_t *plain = memory, *turns = plain + items->frames;
    memcpy(plain, merged, (size_t)items->frames * sizeof *plain);
    hs_rng rng = hs_rng_make(1, (uint32_t)order, 0, HS_PURPOSE_REVIEW);
    hs_rng_permutation(&rng, turns, known);
    uint32_t every = known ? (uint32_t)fmax(1, round(1 / rate) - 1) : 1, place = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < items->frames; i++) {
        if (i % every == 0)
            place = hs_rng_below(&rng, every);
        if (i % every == place && next < known)
            merged[at++] = (uint32_t)items->frames + turns[next++];
        merged[at++] = plain[i];
    }
    while (next < known)
        merged[at++] = (uint32_t)items->frames + turns[next++];
    free(memory);
    return HS_OK;
}

static hs_status make_order(hs_review_items *items, hs_review_order order, double rate)
{
    uint32_t *list = hs_arena_take(&items->arena, sizeof *list * (size_t)items->count);
    for (int64_t i = 0; i < items->frames; i++)
        list[i] = (uint32_t)i;
    if (order == HS_ORDER_WORST)
        qsort_r(list, (size_t)items->frames, sizeof *list, by_score, items);
    hs_status status = mix(items, order, rate, list);
    uint32_t *place = hs_arena_take(&items->arena, sizeof *place * (size_t)items->count);
    for (int64_t i = 0; i < items->count; i++) {
        const char *name = items->names[list[i]];
        place[list[i]] = (uint32_t)i;
        items->digest[order] = hs_hash_bytes(items->digest[order], name, strlen(name) + 1);
    }
    items->order[order] = list;
    items->place[order] = place;
    return status;
}

hs_status hs_review_items_init(hs_review_items *items, const char *folder,
                               const hs_review_known *known)
{
    char path[4096];
    int width, height;
    hs_status status;
    HS_TRY(hs_layout_list(&items->layout, &hs_layout_handseg, folder));
    HS_TRY(hs_quality_table_read(&items->quality, folder));
    HS_TRY(name_items(items, known));
    items->rows = hs_arena_take(&items->arena, sizeof *items->rows * (size_t)items->count);
    for (int64_t i = 0; i < items->frames; i++) {
        items->rows[i] = hs_quality_table_find(&items->quality, items->names[i]);
        items->has_scores |= items->rows[i] != NULL;
    }
    for (int o = 0; o < HS_ORDERS; o++)
        HS_TRY(make_order(items, (hs_review_order)o, known->rate));
    hs_review_item_path(items, 0, HS_LAYOUT_IMAGES, path);
    HS_TRY(hs_png_size_u16(path, &width, &height));
    items->width = width;
    items->height = height;
    snprintf(path, sizeof path, "%s/" HS_REVIEW_COLOUR, folder);
    items->has_colour = access(path, F_OK) == 0;
exit:
    return status;
}

void hs_review_items_free(hs_review_items *items)
{
    hs_layout_free(&items->layout);
    hs_quality_table_free(&items->quality);
    hs_arena_free(&items->arena);
    *items = (hs_review_items){0};
}

const char *hs_review_item_frame(const hs_review_items *items, uint32_t item)
{
    const char *name = items->names[item], *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

void hs_review_item_path(const hs_review_items *items, uint32_t item, const char *part,
                         char path[4096])
{
    const char *folder = item < items->frames ? items->layout.folder : items->known_folder;
    snprintf(path, 4096, "%s/%s/%s.png", folder, part, hs_review_item_frame(items, item));
}
