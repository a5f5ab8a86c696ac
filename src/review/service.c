#include "review/service.h"

#include "base/text.h"
#include "review/assets.h"
#include "review/stages.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { THUMB_WIDTH = 192, CACHE = 96 << 20, PAGES_AHEAD = 3 };

static const char *const views[HS_VIEWS] = {"depth", "colour"};
static const char *const verdict_names[] = {"none", "keep", "reject"};
static const char *const action_names[] = {"clear", "keep", "reject", "undo", "redo"};
static const struct reason {
    const char *code, *text;
} reasons[] = {
#define HS_REASON(code, text) {#code, text},
#include "review/reasons.def"
#undef HS_REASON
};
enum { REASONS = sizeof reasons / sizeof *reasons };

/* ---- replies ---- */

/* JSON being written into a reply. */
typedef struct json_reply {
    hs_json json;
    char *text;
    size_t size;
} json_reply;

static void begin_json(json_reply *j)
{
    FILE *file = open_memstream(&j->text, &j->size);
    if (!file)
        abort();
    j->json = hs_json_start(file);
    hs_json_open(&j->json, NULL, '{');
}

static void end_json(json_reply *j, int status, hs_reply *reply)
{
    hs_json_close(&j->json, '}');
    if (fclose(j->json.file) != 0)
        abort();
    *reply = (hs_reply){.status = status,
                        .type = "application/json",
                        .bytes = (unsigned char *)j->text,
                        .size = j->size};
}

void hs_reply_error(hs_reply *reply, int status, const char *message, const char *hint)
{
    json_reply j = {0};
    begin_json(&j);
    hs_json_string(&j.json, "error", message);
    hs_json_string(&j.json, "hint", hint ? hint : "");
    end_json(&j, status, reply);
}

static hs_status reply_picture(const hs_picture *picture, hs_reply *reply)
{
    *reply = (hs_reply){.status = 200, .type = "image/bmp"};
    return hs_picture_bmp(picture, &reply->bytes, &reply->size);
}

/* ---- arguments ---- */

static hs_status choose(const hs_request *request, const char *name, const char *const *choices,
                        int n, int *index)
{
    const char *value = request->argument(request->context, name);
    for (*index = 0; value && *index < n; ++*index)
        if (strcmp(value, choices[*index]) == 0)
            return HS_OK;
    return hs_error(HS_ERR_USAGE, NULL, "%s: got '%s'", name, value ? value : "nothing");
}

static hs_status read_number(const hs_request *request, const char *name, int64_t most,
                             int64_t *number)
{
    const char *value = request->argument(request->context, name);
    size_t digits = value ? strspn(value, "0123456789") : 0;
    *number = digits > 0 && digits < 18 && !value[digits] ? strtoll(value, NULL, 10) : -1;
    if (*number >= 0 && *number <= most)
        return HS_OK;
    return hs_error(HS_ERR_USAGE, NULL, "%s: got '%s', expected 0 to %lld", name,
                    value ? value : "nothing", (long long)most);
}

static bool is_set(const hs_request *request, const char *name)
{
    const char *value = request->argument(request->context, name);
    return value && strcmp(value, "1") == 0;
}

static hs_status read_order(const hs_request *request, hs_review_order *order)
{
    int index;
    hs_status status = choose(request, "order", hs_review_order_names, HS_ORDERS, &index);
    *order = (hs_review_order)index;
    return status;
}

/* The item at the arguments' order and place. */
static hs_status read_item(const hs_service *s, const hs_request *request, uint32_t *item)
{
    hs_review_order order;
    int64_t place;
    hs_status status;
    HS_TRY(read_order(request, &order));
    HS_TRY(read_number(request, "place", s->items.count - 1, &place));
    *item = s->items.order[order][place];
exit:
    return status;
}

/* The items of the arguments' page: borrowed. */
static hs_status read_page(const hs_service *s, const hs_request *request, hs_review_order *order,
                           int64_t *first, int *n)
{
    int64_t page;
    hs_status status;
    HS_TRY(read_order(request, order));
    HS_TRY(read_number(request, "page", (s->items.count - 1) / HS_REVIEW_PAGE, &page));
    *first = page * HS_REVIEW_PAGE;
    int64_t left = s->items.count - *first;
    *n = left < HS_REVIEW_PAGE ? (int)left : HS_REVIEW_PAGE;
exit:
    return status;
}

/* ---- small pictures ---- */

static void read_paths(const hs_service *s, uint32_t item, char paths[3][4096])
{
    hs_review_item_path(&s->items, item, HS_LAYOUT_IMAGES, paths[0]);
    hs_review_item_path(&s->items, item, HS_LAYOUT_MASKS, paths[1]);
    hs_review_item_path(&s->items, item, HS_REVIEW_COLOUR, paths[2]);
}

static void make_thumb(void *context, uint32_t item, hs_picture *pictures)
{
    const hs_service *s = context;
    char paths[3][4096];
    hs_review_frame frame;
    read_paths(s, item, paths);
    bool sound = hs_review_frame_read(&frame, paths[0], paths[1],
                                      s->items.has_colour ? paths[2] : NULL) == HS_OK;
    for (int v = 0; v < 1 + s->items.has_colour; v++) {
        hs_picture *picture = &pictures[v];
        if (sound) {
            hs_review_draw(&frame, (hs_review_view)v, true, picture);
            continue;
        }
        memset(picture->rgb, 24, 3 * (size_t)picture->width * (size_t)picture->height);
        hs_picture_write(picture, 8, picture->height / 2, 2, (hs_colour){{255, 96, 96}},
                         "cannot read");
    }
    hs_review_frame_free(&frame);
}

hs_status hs_service_start_thumbs(hs_service *s)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int height = (int)((int64_t)THUMB_WIDTH * s->items.height / s->items.width);
    height = height < 16 ? 16 : height > 4 * THUMB_WIDTH ? 4 * THUMB_WIDTH : height;
    int count = 1 + s->items.has_colour, slots = CACHE / (3 * THUMB_WIDTH * height * count);
    const hs_thumbs_config config = {
        .items = s->items.count,
        .width = THUMB_WIDTH,
        .height = height,
        .views = count,
        .slots = slots > 8 * HS_REVIEW_PAGE ? slots : 8 * HS_REVIEW_PAGE,
        .threads = processors < 2   ? 2
                   : processors > 8 ? 8
                                    : (int)processors,
        .make = make_thumb,
        .context = s,
    };
    return hs_thumbs_start(&config, &s->thumbs);
}

static hs_status reply_sheet(hs_service *s, const hs_request *request, hs_reply *reply)
{
    hs_review_order order;
    int64_t first, ahead;
    int n, view;
    hs_picture sheet = {0};
    hs_status status;
    HS_TRY(read_page(s, request, &order, &first, &n));
    HS_TRY(choose(request, "view", views, 1 + s->items.has_colour, &view));
    int height = hs_thumbs_height(s->thumbs);
    int rows = (n + HS_REVIEW_COLUMNS - 1) / HS_REVIEW_COLUMNS;
    HS_TRY(
        hs_picture_init(&sheet, THUMB_WIDTH * HS_REVIEW_COLUMNS, height * rows, (hs_colour){{0}}));
    hs_thumbs_paste(s->thumbs, s->items.order[order] + first, n, view, HS_REVIEW_COLUMNS, &sheet);
    ahead = s->items.count - first - n;
    ahead = ahead < PAGES_AHEAD * HS_REVIEW_PAGE ? ahead : PAGES_AHEAD * HS_REVIEW_PAGE;
    hs_thumbs_ahead(s->thumbs, s->items.order[order] + first + n, (int)ahead);
    HS_TRY(reply_picture(&sheet, reply));
exit:
    hs_picture_free(&sheet);
    return status;
}

/* ---- one item ---- */

static hs_status reply_one(hs_service *s, const hs_request *request, hs_reply *reply)
{
    char paths[3][4096];
    uint32_t item;
    int view;
    hs_review_frame frame = {0};
    hs_picture picture = {0};
    hs_status status;
    HS_TRY(read_item(s, request, &item));
    HS_TRY(choose(request, "view", views, 1 + s->items.has_colour, &view));
    read_paths(s, item, paths);
    HS_TRY(
        hs_review_frame_read(&frame, paths[0], paths[1], view == HS_VIEW_COLOUR ? paths[2] : NULL));
    HS_TRY(hs_picture_init(&picture, frame.width, frame.height, (hs_colour){{0}}));
    hs_review_draw(&frame, (hs_review_view)view, is_set(request, "outline"), &picture);
    HS_TRY(reply_picture(&picture, reply));
exit:
    hs_picture_free(&picture);
    hs_review_frame_free(&frame);
    return status;
}

static hs_status reply_stages(hs_service *s, const hs_request *request, hs_reply *reply)
{
    uint32_t item;
    hs_status status;
    HS_TRY(read_item(s, request, &item));
    if (!s->debug)
        HS_TRY(hs_error(HS_ERR_USAGE, "--debug names the folder", "got no pictures of stages"));
    *reply = (hs_reply){.status = 200, .type = "image/png"};
    HS_TRY(hs_stages_read(s->debug, hs_review_item_frame(&s->items, item), &reply->bytes,
                          &reply->size));
exit:
    return status;
}

/* ---- state and cards ---- */

static void write_counts(hs_service *s, hs_json *json)
{
    hs_book_counts counts = hs_book_count(s->book);
    hs_json_open(json, "counts", '{');
    hs_json_integer(json, "kept", counts.kept);
    hs_json_integer(json, "rejected", counts.rejected);
    hs_json_integer(json, "unjudged", counts.unjudged);
    hs_json_close(json, '}');
}

static void write_digest(const hs_service *s, hs_review_order order, char text[20])
{
    snprintf(text, 20, "%016" PRIx64, s->items.digest[order]);
}

static hs_status reply_state(hs_service *s, const hs_request *request, hs_reply *reply)
{
    (void)request;
    uint64_t random;
    char text[20];
    json_reply j = {0};
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return hs_error(HS_ERR_IO, NULL, "the system gives no random numbers");
    begin_json(&j);
    snprintf(text, sizeof text, "%016" PRIx64, random);
    hs_json_string(&j.json, "session", text);
    hs_json_string(&j.json, "folder", s->items.layout.folder);
    hs_json_string(&j.json, "reviewer", s->reviewer);
    hs_json_integer(&j.json, "items", s->items.count);
    hs_json_integer(&j.json, "frames", s->items.frames);
    hs_json_integer(&j.json, "page", HS_REVIEW_PAGE);
    hs_json_integer(&j.json, "columns", HS_REVIEW_COLUMNS);
    hs_json_integer(&j.json, "width", s->items.width);
    hs_json_integer(&j.json, "height", s->items.height);
    hs_json_bool(&j.json, "colour", s->items.has_colour);
    hs_json_bool(&j.json, "scores", s->items.has_scores);
    hs_json_bool(&j.json, "stages", s->debug != NULL);
    hs_json_open(&j.json, "digests", '{');
    for (int o = 0; o < HS_ORDERS; o++) {
        write_digest(s, (hs_review_order)o, text);
        hs_json_string(&j.json, hs_review_order_names[o], text);
    }
    hs_json_close(&j.json, '}');
    hs_json_open(&j.json, "reasons", '[');
    for (int r = 0; r < REASONS; r++) {
        hs_json_open(&j.json, NULL, '{');
        hs_json_string(&j.json, "code", reasons[r].code);
        hs_json_string(&j.json, "text", reasons[r].text);
        hs_json_close(&j.json, '}');
    }
    hs_json_close(&j.json, ']');
    write_counts(s, &j.json);
    end_json(&j, 200, reply);
    return HS_OK;
}

/* The row of an item; a known frame shows that of its neighbour, so as not to stand out. */
static const hs_quality_row *row_shown(const hs_service *s, hs_review_order order, int64_t place)
{
    const uint32_t *list = s->items.order[order];
    int64_t at = place;
    while (at > 0 && list[at] >= s->items.frames)
        at--;
    while (at < s->items.count - 1 && list[at] >= s->items.frames)
        at++;
    return s->items.rows[list[at]];
}

static hs_status reply_cards(hs_service *s, const hs_request *request, hs_reply *reply)
{
    hs_review_order order;
    int64_t first;
    int n;
    json_reply j = {0};
    hs_status status;
    HS_TRY(read_page(s, request, &order, &first, &n));
    begin_json(&j);
    hs_json_open(&j.json, "cards", '[');
    for (int i = 0; i < n; i++) {
        char reason[72];
        uint32_t item = s->items.order[order][first + i];
        const hs_quality_row *row = row_shown(s, order, first + i);
        hs_verdict verdict = hs_book_verdict(s->book, item, reason);
        hs_json_open(&j.json, NULL, '{');
        hs_json_string(&j.json, "name", hs_review_item_frame(&s->items, item));
        if (row) {
            hs_json_number(&j.json, "score", row->score);
            hs_json_string(&j.json, "automatic", verdict_names[row->verdict]);
            hs_json_string(&j.json, "reasons", row->reasons);
        }
        hs_json_string(&j.json, "verdict", verdict_names[verdict]);
        hs_json_string(&j.json, "reason", reason);
        hs_json_close(&j.json, '}');
    }
    hs_json_close(&j.json, ']');
    write_counts(s, &j.json);
    end_json(&j, 200, reply);
exit:
    return status;
}

static hs_status reply_next(hs_service *s, const hs_request *request, hs_reply *reply)
{
    hs_review_order order;
    int64_t from;
    json_reply j = {0};
    hs_status status;
    HS_TRY(read_order(request, &order));
    HS_TRY(read_number(request, "from", s->items.count - 1, &from));
    begin_json(&j);
    hs_json_integer(&j.json, "place",
                    hs_book_next_unjudged(s->book, order, from, is_set(request, "back")));
    end_json(&j, 200, reply);
exit:
    return status;
}

/* ---- verdicts ---- */

static const char *word_or(const hs_request *request, const char *name, const char *otherwise)
{
    const char *value = request->argument(request->context, name);
    return value && *value ? value : otherwise;
}

static hs_status read_entry(const hs_service *s, const hs_request *request, hs_book_entry *entry)
{
    int action;
    int64_t sequence;
    hs_status status;
    *entry = (hs_book_entry){.session = word_or(request, "session", ""),
                             .reason = word_or(request, "reason", "-"),
                             .only_unjudged = is_set(request, "unjudged")};
    HS_TRY(choose(request, "action", action_names, sizeof action_names / sizeof *action_names,
                  &action));
    entry->action = (hs_book_action)action;
    HS_TRY(read_order(request, &entry->order));
    HS_TRY(read_number(request, "sequence", UINT32_MAX, &sequence));
    entry->sequence = (uint32_t)sequence;
    if (entry->action < HS_BOOK_UNDO) {
        HS_TRY(read_number(request, "first", s->items.count - 1, &entry->first));
        HS_TRY(read_number(request, "last", s->items.count - 1, &entry->last));
    }
    if (sequence == 0 || !hs_is_verdict_word(entry->session) || !hs_is_verdict_word(entry->reason))
        status = hs_error(HS_ERR_USAGE, NULL, "got no session, number or reason");
exit:
    return status;
}

static hs_status reply_verdict(hs_service *s, const hs_request *request, hs_reply *reply)
{
    hs_book_entry entry;
    int64_t place;
    char digest[20];
    json_reply j = {0};
    hs_status status;
    HS_TRY(read_entry(s, request, &entry));
    write_digest(s, entry.order, digest);
    if (strcmp(word_or(request, "digest", ""), digest) != 0) {
        hs_reply_error(reply, 409, "the frames have changed since the page was opened",
                       "reload the page");
        return HS_OK;
    }
    HS_TRY(hs_book_enter(s->book, &entry, &place));
    begin_json(&j);
    hs_json_integer(&j.json, "place", place);
    write_counts(s, &j.json);
    end_json(&j, 200, reply);
exit:
    return status;
}

/* ---- all of it ---- */

static const struct route {
    const char *method, *path;
    hs_status (*reply)(hs_service *s, const hs_request *request, hs_reply *reply);
} routes[] = {
    {"GET", "/state", reply_state},      {"GET", "/cards", reply_cards},
    {"GET", "/sheet", reply_sheet},      {"GET", "/picture", reply_one},
    {"GET", "/stages", reply_stages},    {"GET", "/next", reply_next},
    {"POST", "/verdict", reply_verdict},
};

static void answer(hs_service *s, const struct route *route, const hs_request *request,
                   hs_reply *reply)
{
    hs_status status = route->reply(s, request, reply);
    if (status == HS_OK)
        return;
    free(reply->bytes);
    hs_reply_error(reply, status == HS_ERR_USAGE ? 400 : 500, hs_error_message(), hs_error_hint());
}

void hs_service_answer(hs_service *s, const hs_request *request, hs_reply *reply)
{
    bool other_method = false;
    *reply = (hs_reply){0};
    const hs_asset *asset = hs_asset_find(request->path);
    if (asset && strcmp(request->method, "GET") == 0) {
        *reply = (hs_reply){
            .status = 200, .type = asset->type, .fixed = asset->bytes, .size = asset->size};
        return;
    }
    for (size_t r = 0; r < sizeof routes / sizeof *routes; r++) {
        if (strcmp(request->path, routes[r].path) != 0)
            continue;
        if (strcmp(request->method, routes[r].method) == 0) {
            answer(s, &routes[r], request, reply);
            return;
        }
        other_method = true;
    }
    hs_reply_error(reply, other_method || asset ? 405 : 404, "there is nothing here", NULL);
}
