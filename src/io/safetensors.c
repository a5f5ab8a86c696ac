#include "io/safetensors.h"

#include "base/memory.h"
#include "io/file.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREFIX = 8,               /* bytes before the header */
    HEADER_LIMIT = 100000000, /* that of the format's own library */
    PART_BYTES = 4 << 20,     /* read at once */
};

struct hs_safetensors {
    hs_arena arena;
    const char *path;
    FILE *stream;
    int64_t data, data_size; /* bytes before the data, and of it */
    hs_safetensor *tensors;
    int count;
};

static const char damage_hint[] = "copy the file again, or make it anew";

/* ---- types ------------------------------------------------------------------------------------
 */
static const struct {
    const char *name;
    int bytes;
} types[] = {
    {"F32", 4},  {"F16", 2},     {"BF16", 2},    {"F64", 8}, {"I64", 8}, {"I32", 4},
    {"I16", 2},  {"I8", 1},      {"U64", 8},     {"U32", 4}, {"U16", 2}, {"U8", 1},
    {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"C64", 8},
};

/* Bytes of an element, 0 for an unknown type. */
static int type_bytes(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, types[i].name) == 0)
            return types[i].bytes;
    return 0;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16. */
static float float_of_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half >> 15) << 31, exponent = half >> 10 & 31, digits = half & 1023;
    if (exponent == 31) /* infinities and NaNs */
        return float_of_bits(sign | 0x7F800000 | digits << 13);
    if (exponent > 0)
        return float_of_bits(sign | (exponent + 112) << 23 | digits << 13);
    float small = (float)digits * 0x1p-24F;
    return sign ? -small : small;
}

/* Little-endian numbers from `bytes`, whatever the machine is. */
static void convert(const char *type, const unsigned char *bytes, int64_t count, hs_real *numbers)
{
    bool half = strcmp(type, "F16") == 0;
    if (strcmp(type, "F32") == 0) {
        for (int64_t i = 0; i < count; i++, bytes += 4)
            numbers[i] =
                (hs_real)float_of_bits((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                                       (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
        return;
    }
    for (int64_t i = 0; i < count; i++, bytes += 2) {
        uint16_t bits = (uint16_t)(bytes[0] | bytes[1] << 8);
        numbers[i] = (hs_real)(half ? float_of_half(bits) : float_of_bits((uint32_t)bits << 16));
    }
}

/* ---- the header -------------------------------------------------------------------------------
 */
static uint64_t header_size(const unsigned char bytes[PREFIX])
{
    uint64_t size = 0;
    for (int i = PREFIX; i-- > 0;)
        size = size << 8 | bytes[i];
    return size;
}

bool hs_safetensors_begin(const unsigned char *bytes, size_t size)
{
    return size > PREFIX && bytes[PREFIX] == '{' && header_size(bytes) <= HEADER_LIMIT;
}

static hs_status flaw(const hs_safetensors *file, const char *name, const char *what)
{
    return hs_error(HS_ERR_FORMAT, damage_hint, "%s: tensor '%s': %s", file->path, name, what);
}

/* A whole number of 0 or more, or -1. */
static int64_t whole_number(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value)
                                                                    : -1;
}

/* Reads the shape; *elements is their number. */
static hs_status read_shape(const hs_safetensors *file, const json_t *shape, hs_safetensor *t,
                            int64_t *elements)
{
    *elements = 1;
    if (!json_is_array(shape) || json_array_size(shape) > HS_SAFETENSORS_MAX_RANK)
        return flaw(file, t->name, "got no shape of up to 8 whole numbers");
    t->rank = (int)json_array_size(shape);
    for (int i = 0; i < t->rank; i++) {
        t->dims[i] = whole_number(json_array_get(shape, (size_t)i));
        if (t->dims[i] < 0)
            return flaw(file, t->name, "got a shape with something else than whole numbers");
        if (__builtin_mul_overflow(*elements, t->dims[i], elements))
            return flaw(file, t->name, "got a shape beyond 2^63 elements");
    }
    return HS_OK;
}

static hs_status read_offsets(const hs_safetensors *file, const json_t *offsets, hs_safetensor *t,
                              int64_t elements)
{
    int64_t bytes;
    t->first = whole_number(json_array_get(offsets, 0));
    t->end = whole_number(json_array_get(offsets, 1));
    if (json_array_size(offsets) != 2 || t->first < 0 || t->end < t->first)
        return flaw(file, t->name, "got no data_offsets [first, end]");
    if (__builtin_mul_overflow(elements, type_bytes(t->type), &bytes) || t->end - t->first != bytes)
        return hs_error(HS_ERR_FORMAT, damage_hint,
                        "%s: tensor '%s': got data_offsets [%lld, %lld], expected as many bytes as "
                        "%lld numbers of type %s take",
                        file->path, t->name, (long long)t->first, (long long)t->end,
                        (long long)elements, t->type);
    if (t->end > file->data_size)
        return hs_error(HS_ERR_FORMAT, damage_hint,
                        "%s: tensor '%s': got an end at byte %lld of the data, expected at most "
                        "its size, %lld: the file is cut short or damaged",
                        file->path, t->name, (long long)t->end, (long long)file->data_size);
    return HS_OK;
}

static hs_status read_tensor(hs_safetensors *file, const char *name, const json_t *entry)
{
    hs_status status;
    hs_safetensor *t = &file->tensors[file->count++];
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    int64_t elements;
    t->name = hs_arena_string(&file->arena, name);
    if (!type || type_bytes(type) == 0)
        return hs_error(HS_ERR_FORMAT, NULL, "%s: tensor '%s': got dtype '%s', expected F32",
                        file->path, name, type ? type : "none");
    t->type = hs_arena_string(&file->arena, type);
    HS_TRY(read_shape(file, json_object_get(entry, "shape"), t, &elements));
    HS_TRY(read_offsets(file, json_object_get(entry, "data_offsets"), t, elements));
exit:
    return status;
}

static int by_place(const void *a, const void *b)
{
    const hs_safetensor *x = *(const hs_safetensor *const *)a,
                        *y = *(const hs_safetensor *const *)b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* Whether the tensors, one after another, are the data. */
static hs_status check_cover(hs_safetensors *file)
{
    size_t count = (size_t)file->count;
    const hs_safetensor **sorted = hs_arena_take(&file->arena, sizeof(void *) * (count + 1));
    int64_t covered = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &file->tensors[i];
    qsort(sorted, count, sizeof *sorted, by_place);
    for (size_t i = 0; i < count; covered = sorted[i++]->end) {
        if (sorted[i]->first < covered)
            return hs_error(HS_ERR_FORMAT, damage_hint,
                            "%s: tensors '%s' and '%s' overlap at byte %lld of the data",
                            file->path, sorted[i - 1]->name, sorted[i]->name,
                            (long long)sorted[i]->first);
        if (sorted[i]->first > covered)
            return hs_error(HS_ERR_FORMAT, damage_hint,
                            "%s: tensor '%s': got byte %lld of the data as its first, expected "
                            "%lld: no tensor has those between",
                            file->path, sorted[i]->name, (long long)sorted[i]->first,
                            (long long)covered);
    }
    if (covered != file->data_size)
        return hs_error(HS_ERR_FORMAT, damage_hint,
                        "%s: got %lld bytes of data, expected the %lld that tensors have",
                        file->path, (long long)file->data_size, (long long)covered);
    return HS_OK;
}

static hs_status read_header(hs_safetensors *file, const char *text, size_t size)
{
    hs_status status = HS_OK;
    json_error_t error;
    const char *name;
    json_t *entry, *header = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(header)) {
        status = hs_error(HS_ERR_FORMAT, damage_hint,
                          "%s: header: got no JSON object: %s, at its byte %d", file->path,
                          header ? "another value" : error.text, error.position);
        goto exit;
    }
    file->tensors =
        hs_arena_take(&file->arena, sizeof *file->tensors * (json_object_size(header) + 1));
    json_object_foreach(header, name, entry)
    {
        if (strcmp(name, "__metadata__") != 0)
            HS_TRY(read_tensor(file, name, entry));
    }
    HS_TRY(check_cover(file));
exit:
    json_decref(header);
    return status;
}

/* ---- files ------------------------------------------------------------------------------------
 */
/* Reads exactly `size` bytes; where the file ends before, says so. */
static hs_status read_bytes(const hs_safetensors *file, void *bytes, size_t size, const char *what)
{
    errno = 0;
    if (fread(bytes, 1, size, file->stream) == size)
        return HS_OK;
    return ferror(file->stream) ? hs_file_open_error(file->path, errno)
                                : hs_error(HS_ERR_FORMAT, damage_hint,
                                           "%s: the file ends within its %s", file->path, what);
}

static hs_status open_stream(hs_safetensors *file, int64_t *size)
{
    file->stream = fopen(file->path, "rb");
    if (!file->stream || fseeko(file->stream, 0, SEEK_END) != 0)
        return hs_file_open_error(file->path, errno);
    *size = ftello(file->stream);
    rewind(file->stream);
    return HS_OK;
}

static hs_status read_start(hs_safetensors *file)
{
    hs_status status;
    int64_t size = 0;
    unsigned char start[PREFIX];
    void *text = NULL;
    HS_TRY(open_stream(file, &size));
    HS_TRY(read_bytes(file, start, PREFIX, "first 8 bytes"));
    uint64_t header = header_size(start);
    if (header > HEADER_LIMIT || (int64_t)header > size - PREFIX) {
        status = hs_error(
            HS_ERR_FORMAT, damage_hint, "%s: got a header of %llu bytes, expected at most %lld, %s",
            file->path, (unsigned long long)header,
            (long long)(header > HEADER_LIMIT ? HEADER_LIMIT : size - PREFIX),
            header > HEADER_LIMIT ? "as much as the format allows" : "what the file has");
        goto exit;
    }
    file->data = PREFIX + (int64_t)header;
    file->data_size = size - file->data;
    HS_TRY(hs_allocate(header, file->path, &text));
    HS_TRY(read_bytes(file, text, header, "header"));
    HS_TRY(read_header(file, text, header));
exit:
    free(text);
    return status;
}

hs_status hs_safetensors_open(const char *path, hs_safetensors **result)
{
    hs_status status;
    void *memory = NULL;
    *result = NULL;
    HS_TRY(hs_allocate(sizeof(hs_safetensors), path, &memory));
    hs_safetensors *file = memory;
    file->path = hs_arena_string(&file->arena, path);
    HS_TRY(read_start(file));
    *result = file;
    return HS_OK;
exit:
    hs_safetensors_close(memory);
    return status;
}

void hs_safetensors_close(hs_safetensors *file)
{
    if (!file)
        return;
    if (file->stream)
        fclose(file->stream);
    hs_arena_free(&file->arena);
    free(file);
}

int hs_safetensors_count(const hs_safetensors *file)
{
    return file->count;
}

const hs_safetensor *hs_safetensors_get(const hs_safetensors *file, int index)
{
    return &file->tensors[index];
}

hs_status hs_safetensors_read_rows(hs_safetensors *file, int index, hs_safetensors_rows *take,
                                   void *context)
{
    const hs_safetensor *t = &file->tensors[index];
    hs_status status = HS_OK;
    void *bytes = NULL, *numbers = NULL;
    int64_t rows = t->dims[0], row = 1, size = type_bytes(t->type);
    if (strcmp(t->type, "F32") != 0 && strcmp(t->type, "F16") != 0 && strcmp(t->type, "BF16") != 0)
        return hs_error(HS_ERR_FORMAT, "convert the tensor to float32 and save the file again",
                        "%s: tensor '%s': got dtype %s, expected F32, F16 or BF16", file->path,
                        t->name, t->type);
    if (t->first == t->end)
        return HS_OK;
    for (int i = 1; i < t->rank; i++)
        row *= t->dims[i];
    int64_t step = PART_BYTES / (row * size) > 1 ? PART_BYTES / (row * size) : 1;
    step = step < rows ? step : rows;
    HS_TRY(hs_allocate((size_t)(step * row * size), t->name, &bytes));
    HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)(step * row), t->name, &numbers));
    if (fseeko(file->stream, file->data + t->first, SEEK_SET) != 0) {
        status = hs_file_open_error(file->path, errno);
        goto exit;
    }
    for (int64_t first = 0; first < rows; first += step) {
        int64_t count = rows - first < step ? rows - first : step;
        HS_TRY(read_bytes(file, bytes, (size_t)(count * row * size), "data"));
        convert(t->type, bytes, count * row, numbers);
        take(context, first, count, numbers);
    }
exit:
    free(bytes);
    free(numbers);
    return status;
}
