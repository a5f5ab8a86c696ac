/* The reader of bags: messages in order, damages with their byte and topic, hostile sizes. */
#include "io/rosbag.h"
#include "support/files.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

/* ---- a bag of our own, in memory ---- */

typedef struct bag_bytes {
    uint8_t b[1 << 16];
    size_t size;
} bag_bytes;

static void put(bag_bytes *f, const void *bytes, size_t size)
{
    ck_assert_uint_le(f->size + size, sizeof f->b);
    memcpy(f->b + f->size, bytes, size);
    f->size += size;
}

static void put_u32(bag_bytes *f, uint32_t value)
{
    put(f, &value, 4);
}

static void put_field(bag_bytes *f, const char *name, const void *value, size_t size)
{
    put_u32(f, (uint32_t)(strlen(name) + 1 + size));
    put(f, name, strlen(name));
    put(f, "=", 1);
    put(f, value, size);
}

static void put_record(bag_bytes *f, const bag_bytes *header, const void *data, size_t size)
{
    put_u32(f, (uint32_t)header->size);
    put(f, header->b, header->size);
    put_u32(f, (uint32_t)size);
    put(f, data, size);
}

static bag_bytes scratch[4]; /* too large for the stack */

static void put_connection(bag_bytes *f, uint32_t id, const char *topic)
{
    bag_bytes *header = &scratch[0], *data = &scratch[1];
    header->size = data->size = 0;
    put_field(header, "conn", &id, 4);
    put_field(header, "op", "\x07", 1);
    put_field(header, "topic", topic, strlen(topic));
    put_field(data, "type", "std_msgs/String", 15);
    put_record(f, header, data->b, data->size);
}

static void put_message(bag_bytes *f, uint32_t id, uint32_t seconds, const void *data, size_t size)
{
    bag_bytes *header = &scratch[0];
    const uint32_t time[2] = {seconds, 5};
    header->size = 0;
    put_field(header, "conn", &id, 4);
    put_field(header, "op", "\x02", 1);
    put_field(header, "time", time, 8);
    put_record(f, header, data, size);
}

static void put_chunk(bag_bytes *f, const char *compression, uint32_t says,
                      const bag_bytes *content)
{
    bag_bytes *header = &scratch[0];
    header->size = 0;
    put_field(header, "compression", compression, strlen(compression));
    put_field(header, "op", "\x05", 1);
    put_field(header, "size", &says, 4);
    put_record(f, header, content->b, content->size);
}

static void put_info(bag_bytes *f)
{
    bag_bytes *header = &scratch[0];
    header->size = 0;
    put_field(header, "op", "\x06", 1);
    put_record(f, header, "", 0);
}

static void start_bag(bag_bytes *f, uint64_t index, uint32_t chunks, uint32_t connections)
{
    bag_bytes *header = &scratch[0];
    f->size = header->size = 0;
    put_field(header, "chunk_count", &chunks, 4);
    put_field(header, "conn_count", &connections, 4);
    put_field(header, "index_pos", &index, 8);
    put_field(header, "op", "\x03", 1);
    put(f, "#ROSBAG V2.0\n", 13);
    put_record(f, header, "    ", 4);
}

/* ---- what was visited ---- */

enum { MOST = 16 };
typedef struct visits {
    int count;  /* of messages; those before 0 are not kept */
    int refuse; /* the message to be refused, -1: none */
    char topics[MOST][32];
    int64_t times[MOST];
    hs_bag_place places[MOST];
} visits;

static hs_status on_message(void *context, const hs_bag_message *m)
{
    visits *v = context;
    if (v->refuse >= 0 && v->count == v->refuse && v->count++ >= 0)
        return hs_error(HS_ERR_FORMAT, NULL, "refused");
    if (v->count >= 0 && v->count < MOST) {
        snprintf(v->topics[v->count], sizeof v->topics[0], "%s", m->topic);
        v->times[v->count] = m->time;
        v->places[v->count] = m->place;
    }
    v->count++;
    return HS_OK;
}

static hs_status open_bytes(const bag_bytes *f, bool salvage, visits *v, hs_bag **bag)
{
    const char *path = hs_test_path("test.bag");
    hs_test_write(path, f->b, f->size);
    v->count = 0;
    return hs_bag_open(path, salvage, on_message, v, bag);
}

static bag_bytes file, chunk;

/* Two chunks, three messages. */
static void make_sound(void)
{
    start_bag(&file, 1, 2, 2);
    chunk.size = 0;
    put_connection(&chunk, 7, "/a");
    put_message(&chunk, 7, 1, "one", 3);
    put_connection(&chunk, 0, "/b");
    put_message(&chunk, 0, 2, "", 0);
    put_chunk(&file, "none", (uint32_t)chunk.size, &chunk);
    chunk.size = 0;
    put_message(&chunk, 7, 3, "three", 5);
    put_chunk(&file, "none", (uint32_t)chunk.size, &chunk);
    put_connection(&file, 7, "/a");
    put_connection(&file, 0, "/b");
    put_info(&file);
    put_info(&file);
}

START_TEST(messages_come_in_order_and_can_be_read_again)
{
    visits v = {.refuse = -1};
    hs_bag *bag;
    make_sound();
    ck_assert_ok(open_bytes(&file, false, &v, &bag));
    ck_assert_int_eq(v.count, 3);
    ck_assert_str_eq(v.topics[0], "/a");
    ck_assert_str_eq(v.topics[1], "/b");
    ck_assert_int_eq(v.times[2], 3000000005);
    hs_bytes memory = {0};
    const uint8_t *bytes;
    ck_assert_ok(hs_bag_read(bag, &v.places[2], &memory, &bytes));
    ck_assert_uint_eq(v.places[2].size, 5);
    ck_assert_mem_eq(bytes, "three", 5);
    ck_assert_ok(hs_bag_read(bag, &v.places[1], &memory, &bytes));
    const char *first;
    ck_assert_int_eq(hs_bag_damages(bag, &first), 0);
    ck_assert_ptr_null(first);
    free(memory.bytes);
    hs_bag_close(bag);
}
END_TEST

START_TEST(a_refused_message_is_named_and_passed_over)
{
    visits v = {.refuse = 1};
    hs_bag *bag;
    const char *first;
    make_sound();
    ck_assert_error(open_bytes(&file, false, &v, &bag), HS_ERR_FORMAT, "at topic /b: refused");
    ck_assert_ptr_null(bag);
    ck_assert_ok(open_bytes(&file, true, &v, &bag));
    ck_assert_int_eq(v.count, 3);
    ck_assert_int_eq(hs_bag_damages(bag, &first), 1);
    ck_assert_ptr_nonnull(strstr(first, "test.bag: byte "));
    hs_bag_close(bag);
}
END_TEST

/* Each makes one thing wrong; what is left of the three messages. */
enum { OPEN, COUNTS, ID, TOPIC, BZ2, ZIP, SMALL, HUGE_CHUNK, NOT_LZ4, KIND, UNKNOWN, WRONG_KINDS };
static const struct {
    const char *message;
    int left;
} wrong[WRONG_KINDS] = {
    [OPEN] = {"never closed", 3},
    [COUNTS] = {"expected 3 chunks and 2 topics", 3},
    [ID] = {"a connection without a number and a topic", 3},
    [TOPIC] = {"a connection of another topic has the same number", 3},
    [BZ2] = {"compressed by bz2", 3},
    [ZIP] = {"unknown compression", 3},
    [SMALL] = {"without compression and size", 3},
    [HUGE_CHUNK] = {"more than 256 MiB", 3},
    [NOT_LZ4] = {"ERROR_", 3},
    [KIND] = {"kind that does not belong here", 3},
    [UNKNOWN] = {"connection that is not known", 3},
};

static void make_wrong(int kind)
{
    make_sound();
    chunk.size = 0;
    put_message(&chunk, kind == UNKNOWN ? 3 : 7, 4, "four", 4);
    bag_bytes *header = &scratch[2];
    header->size = 0;
    uint64_t none = 0;
    switch (kind) {
    case OPEN:
        memcpy(memmem(file.b, file.size, "index_pos=", 10) + 10, &none, 8);
        break;
    case COUNTS:
        file.b[13 + 4 + 4 + strlen("chunk_count=")] = 3;
        break;
    case ID:
        put_connection(&file, 1u << 31, "/c");
        break;
    case TOPIC:
        put_connection(&file, 7, "/c");
        break;
    case SMALL:
        put_field(header, "op", "\x05", 1);
        put_record(&file, header, "", 0);
        break;
    case KIND:
        put_field(header, "op", "\x09", 1);
        put_record(&file, header, "what", 4);
        break;
    default:
        put_chunk(&file,
                  kind == BZ2       ? "bz2"
                  : kind == ZIP     ? "zip"
                  : kind == UNKNOWN ? "none"
                                    : "lz4",
                  kind == HUGE_CHUNK ? UINT32_MAX : (uint32_t)chunk.size, &chunk);
    }
}

START_TEST(what_is_wrong_is_said_and_passed_over)
{
    visits v = {.refuse = -1};
    hs_bag *bag;
    make_wrong(_i);
    ck_assert_error(open_bytes(&file, false, &v, &bag), HS_ERR_FORMAT, wrong[_i].message);
    ck_assert_ptr_nonnull(strstr(hs_error_message(), ": byte "));
    ck_assert_ok(open_bytes(&file, true, &v, &bag));
    ck_assert_int_eq(v.count, wrong[_i].left);
    const char *first;
    ck_assert_int_ge(hs_bag_damages(bag, &first), 1);
    ck_assert_ptr_nonnull(strstr(first, wrong[_i].message));
    hs_bag_close(bag);
}
END_TEST

/* Lengths of every size in every place: an error or a bag, nothing else. The sanitizers watch. */
START_TEST(any_length_may_be_a_lie)
{
    static const uint32_t lies[] = {0,       1,          3,          0x7F,      0xFFFF,
                                    0x10000, 0x7FFFFFFF, 0xFFFFFFFC, 0xFFFFFFFF};
    static bag_bytes copy;
    visits v = {.refuse = -1};
    hs_bag *bag;
    make_sound();
    for (size_t at = 0; at + 4 <= file.size; at++)
        for (size_t i = 0; i < sizeof lies / sizeof *lies; i += at % 4 ? 4 : 1) {
            copy = file;
            memcpy(copy.b + at, &lies[i], 4);
            hs_status status = open_bytes(&copy, true, &v, &bag);
            ck_assert(status == HS_OK || status == HS_ERR_FORMAT);
            hs_bag_close(bag);
        }
}
END_TEST

/* Thirty messages of 200 MiB, which are holes in the file, and one behind them. */
START_TEST(a_bag_may_be_larger_than_four_gigabytes)
{
    enum { LARGE = 30, BYTES = 200 << 20 };
    const char *path = hs_test_path("large.bag");
    FILE *out = fopen(path, "wb");
    start_bag(&file, 1, LARGE + 1, 0);
    for (int i = 0; i <= LARGE; i++) {
        chunk.size = 0;
        put_connection(&chunk, 1, "/a");
        put_message(&chunk, 1, (uint32_t)i, "end", 3);
        uint32_t size = (uint32_t)chunk.size, more = i < LARGE ? BYTES - 3 : 0, large = BYTES;
        put_chunk(&file, "none", size + more, &chunk);
        if (more) { /* the lengths of the chunk's data and, in it, of the message's */
            uint8_t *data = file.b + file.size - size;
            memcpy(data - 4, &(uint32_t){size + more}, 4);
            memcpy(file.b + file.size - 3 - 4, &large, 4);
        }
        ck_assert_uint_eq(fwrite(file.b, 1, file.size, out), file.size);
        ck_assert_int_eq(fseeko(out, more, SEEK_CUR), 0);
        file.size = 0;
    }
    for (int i = 0; i <= LARGE; i++)
        put_info(&file);
    fwrite(file.b, 1, file.size, out);
    fclose(out);
    static visits v = {.refuse = -1};
    v.count = -LARGE; /* only the last is kept */
    hs_bag *bag;
    hs_bytes memory = {0};
    const uint8_t *bytes;
    ck_assert_ok(hs_bag_open(path, false, on_message, &v, &bag));
    ck_assert_int_eq(v.count, 1);
    ck_assert_uint_gt(v.places[0].at, (uint64_t)5 << 30);
    ck_assert_ok(hs_bag_read(bag, &v.places[0], &memory, &bytes));
    ck_assert_mem_eq(bytes, "end", 3);
    free(memory.bytes);
    hs_bag_close(bag);
    ck_assert_int_eq(remove(path), 0);
}
END_TEST

START_TEST(topics_that_are_no_text_are_refused)
{
    visits v = {.refuse = -1};
    hs_bag *bag;
    make_sound();
    for (uint8_t *at; (at = memmem(file.b, file.size, "topic=/b", 8)) != NULL;)
        at[7] = 0;
    ck_assert_error(open_bytes(&file, false, &v, &bag), HS_ERR_FORMAT, "a topic that is no text");
}
END_TEST

START_TEST(what_is_no_file_says_so)
{
    visits v = {.refuse = -1};
    hs_bag *bag;
    ck_assert_error(hs_bag_open(hs_test_path("absent.bag"), true, on_message, &v, &bag), HS_ERR_IO,
                    "absent.bag: cannot read");
    ck_assert_error(hs_bag_open(hs_test_folder(), true, on_message, &v, &bag), HS_ERR_FORMAT,
                    "no regular file");
    hs_test_write(hs_test_path("empty.bag"), "", 0);
    ck_assert_error(hs_bag_open(hs_test_path("empty.bag"), true, on_message, &v, &bag),
                    HS_ERR_FORMAT, "byte 0: got a file that is no rosbag");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rosbag");
    TCase *tests = tcase_create("rosbag");
    tcase_add_test(tests, messages_come_in_order_and_can_be_read_again);
    tcase_add_test(tests, a_refused_message_is_named_and_passed_over);
    tcase_add_loop_test(tests, what_is_wrong_is_said_and_passed_over, 0, WRONG_KINDS);
    tcase_add_test(tests, any_length_may_be_a_lie);
    tcase_add_test(tests, a_bag_may_be_larger_than_four_gigabytes);
    tcase_add_test(tests, topics_that_are_no_text_are_refused);
    tcase_add_test(tests, what_is_no_file_says_so);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}
