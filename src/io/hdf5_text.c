/* Strings and attributes of HDF5 files. */
#include "io/hdf5.h"
#include "io/hdf5_internal.h"
#include <stdlib.h>
#include <string.h>

/* ---- what attributes and arrays have in common ---- */

static bool is_attribute(hid_t id)
{
    return H5Iget_type(id) == H5I_ATTR;
}

static herr_t write_any(hid_t id, hid_t type, const void *data)
{
    return is_attribute(id) ? H5Awrite(id, type, data)
                            : H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

static herr_t read_any(hid_t id, hid_t type, void *data)
{
    return is_attribute(id) ? H5Aread(id, type, data)
                            : H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

/* Elements of an array or attribute; negative on failure. */
static int64_t count_of(hid_t id)
{
    HS_H5_ID space = is_attribute(id) ? H5Aget_space(id) : H5Dget_space(id);
    return H5Sget_simple_extent_npoints(space);
}

/* "/params@config": how messages name an attribute. */
static const char *attribute_label(char label[256], const char *object, const char *name)
{
    snprintf(label, 256, "%s@%s", object, name);
    return label;
}

/* ---- strings ---- */

/* Strings of one length, UTF-8, padded with zeros: readable everywhere. */
static hid_t text_type(int64_t n, const char *const *texts)
{
    size_t longest = 1;
    for (int64_t i = 0; i < n; i++) {
        size_t size = strlen(texts[i]);
        longest = size > longest ? size : longest;
    }
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, longest);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static hs_status write_texts(hs_h5 *file, const char *label, hid_t id, hid_t type, int64_t n,
                             const char *const *texts)
{
    size_t size = H5Tget_size(type);
    void *memory;
    hs_status status = hs_allocate(size * (size_t)n, label, &memory);
    if (status != HS_OK)
        return status;
    for (int64_t i = 0; i < n; i++)
        memcpy((char *)memory + size * (size_t)i, texts[i], strlen(texts[i]));
    if (write_any(id, type, memory) < 0 || file->err)
        status = hs_h5_failed(file, label, "cannot write");
    free(memory);
    return status;
}

/* Other programs (h5py) keep pointers into a heap in place of the characters. */
static hs_status read_variable(hs_h5 *file, const char *label, hid_t id, hid_t stored,
                               hs_arena *arena, int64_t n, const char **texts)
{
    HS_H5_ID type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5Tget_cset(stored));
    HS_H5_ID space = hs_h5_space(1, &n);
    void *memory;
    hs_status status = hs_allocate(sizeof(char *) * (size_t)n, label, &memory);
    if (status != HS_OK)
        return status;
    if (read_any(id, type, memory) < 0)
        status = hs_h5_failed(file, label, "cannot read");
    for (int64_t i = 0; i < n && status == HS_OK; i++) {
        const char *text = ((char **)memory)[i];
        texts[i] = hs_arena_string(arena, text ? text : "");
    }
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, memory);
    free(memory);
    return status;
}

static hs_status read_fixed(hs_h5 *file, const char *label, hid_t id, hid_t stored, hs_arena *arena,
                            int64_t n, const char **texts)
{
    size_t size = H5Tget_size(stored);
    void *memory;
    hs_status status = hs_allocate(size * (size_t)n, label, &memory);
    if (status != HS_OK)
        return status;
    if (read_any(id, stored, memory) < 0)
        status = hs_h5_failed(file, label, "cannot read");
    for (int64_t i = 0; i < n && status == HS_OK; i++)
        texts[i] =
            hs_arena_format(arena, "%.*s", (int)size, (const char *)memory + size * (size_t)i);
    free(memory);
    return status;
}

static hs_status read_texts(hs_h5 *file, const char *label, hid_t id, hs_arena *arena, int64_t *n,
                            const char *const **texts)
{
    HS_H5_ID stored = is_attribute(id) ? H5Aget_type(id) : H5Dget_type(id);
    if (H5Tget_class(stored) != H5T_STRING)
        return hs_error(HS_ERR_FORMAT, NULL, "%s: %s: got another type, expected strings",
                        file->path, label);
    *n = count_of(id);
    if (*n < 0)
        return hs_h5_failed(file, label, "cannot read");
    const char **list = hs_arena_take(arena, sizeof *list * (size_t)*n);
    *texts = list;
    return H5Tis_variable_str(stored) > 0 ? read_variable(file, label, id, stored, arena, *n, list)
                                          : read_fixed(file, label, id, stored, arena, *n, list);
}

hs_status hs_h5_write_texts(hs_h5 *file, const char *name, int64_t n, const char *const *texts)
{
    HS_H5_LOCK();
    HS_H5_ID type = text_type(n, texts), space = hs_h5_space(1, &n);
    HS_H5_ID dcpl = hs_h5_checked_list(H5Tget_size(type), 1, &n), id = H5I_INVALID_HID;
    hs_status status = hs_h5_create_array(file, name, type, space, dcpl, &id);
    return status == HS_OK ? write_texts(file, name, id, type, n, texts) : status;
}

hs_status hs_h5_read_texts(hs_h5 *file, const char *name, hs_arena *arena, int64_t *n,
                           const char *const **texts)
{
    HS_H5_LOCK();
    if (!hs_h5_exists(file, name))
        return hs_error(HS_ERR_FORMAT, NULL, "%s: %s: missing", file->path, name);
    HS_H5_ID id = H5Dopen2(file->id, name, H5P_DEFAULT);
    return id < 0 ? hs_h5_failed(file, name, "cannot open as an array")
                  : read_texts(file, name, id, arena, n, texts);
}

/* ---- attributes ---- */

bool hs_h5_has_attribute(hs_h5 *file, const char *object, const char *name)
{
    HS_H5_LOCK();
    return hs_h5_exists(file, object) && H5Aexists_by_name(file->id, object, name, H5P_DEFAULT) > 0;
}

static hs_status create_attribute(hs_h5 *file, const char *object, const char *name, hid_t type,
                                  hid_t space, hid_t *id)
{
    char label[256];
    if (hs_h5_has_attribute(file, object, name))
        H5Adelete_by_name(file->id, object, name, H5P_DEFAULT);
    *id = H5Acreate_by_name(file->id, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT,
                            H5P_DEFAULT);
    return *id < 0
               ? hs_h5_failed(file, attribute_label(label, object, name), "cannot create attribute")
               : HS_OK;
}

static hs_status open_attribute(hs_h5 *file, const char *object, const char *name, hid_t *id)
{
    char label[256];
    attribute_label(label, object, name);
    if (!hs_h5_has_attribute(file, object, name))
        return hs_error(HS_ERR_FORMAT, NULL, "%s: attribute %s: missing", file->path, label);
    *id = H5Aopen_by_name(file->id, object, name, H5P_DEFAULT, H5P_DEFAULT);
    return *id < 0 ? hs_h5_failed(file, label, "cannot read attribute") : HS_OK;
}

hs_status hs_h5_set_numbers(hs_h5 *file, const char *object, const char *name, hs_h5_type type,
                            int n, const void *data)
{
    HS_H5_LOCK();
    int64_t count = n;
    HS_H5_ID space = hs_h5_space(n == 1 ? 0 : 1, &count), id = H5I_INVALID_HID;
    hs_status status = create_attribute(file, object, name, hs_h5_file_type(type), space, &id);
    if (status != HS_OK)
        return status;
    char label[256];
    if (H5Awrite(id, hs_h5_memory_type(type), data) < 0 || file->err)
        return hs_h5_failed(file, attribute_label(label, object, name), "cannot write attribute");
    return HS_OK;
}

hs_status hs_h5_get_numbers(hs_h5 *file, const char *object, const char *name, hs_h5_type type,
                            int n, void *data)
{
    HS_H5_LOCK();
    HS_H5_ID id = H5I_INVALID_HID;
    hs_status status = open_attribute(file, object, name, &id);
    if (status != HS_OK)
        return status;
    char label[256];
    attribute_label(label, object, name);
    int64_t count = count_of(id);
    if (count != n)
        return hs_error(HS_ERR_FORMAT, NULL, "%s: attribute %s: got %lld numbers, expected %d",
                        file->path, label, (long long)count, n);
    if (H5Aread(id, hs_h5_memory_type(type), data) < 0)
        return hs_h5_failed(file, label, "cannot read attribute");
    return HS_OK;
}

hs_status hs_h5_set_i64(hs_h5 *file, const char *object, const char *name, int64_t value)
{
    return hs_h5_set_numbers(file, object, name, HS_H5_I64, 1, &value);
}

hs_status hs_h5_get_i64(hs_h5 *file, const char *object, const char *name, int64_t *value)
{
    return hs_h5_get_numbers(file, object, name, HS_H5_I64, 1, value);
}

hs_status hs_h5_set_f64(hs_h5 *file, const char *object, const char *name, double value)
{
    return hs_h5_set_numbers(file, object, name, HS_H5_F64, 1, &value);
}

hs_status hs_h5_get_f64(hs_h5 *file, const char *object, const char *name, double *value)
{
    return hs_h5_get_numbers(file, object, name, HS_H5_F64, 1, value);
}

static hs_status set_texts(hs_h5 *file, const char *object, const char *name, int rank, int64_t n,
                           const char *const *texts)
{
    HS_H5_LOCK();
    HS_H5_ID type = text_type(n, texts), space = hs_h5_space(rank, &n), id = H5I_INVALID_HID;
    char label[256];
    hs_status status = create_attribute(file, object, name, type, space, &id);
    return status == HS_OK
               ? write_texts(file, attribute_label(label, object, name), id, type, n, texts)
               : status;
}

hs_status hs_h5_set_text(hs_h5 *file, const char *object, const char *name, const char *text)
{
    return set_texts(file, object, name, 0, 1, &text);
}

hs_status hs_h5_set_texts(hs_h5 *file, const char *object, const char *name, int n,
                          const char *const *texts)
{
    return set_texts(file, object, name, 1, n, texts);
}

hs_status hs_h5_get_texts(hs_h5 *file, const char *object, const char *name, hs_arena *arena,
                          int *n, const char *const **texts)
{
    HS_H5_LOCK();
    HS_H5_ID id = H5I_INVALID_HID;
    int64_t count = 0;
    char label[256];
    hs_status status = open_attribute(file, object, name, &id);
    if (status == HS_OK)
        status = read_texts(file, attribute_label(label, object, name), id, arena, &count, texts);
    *n = (int)count;
    return status;
}

hs_status hs_h5_get_text(hs_h5 *file, const char *object, const char *name, hs_arena *arena,
                         const char **text)
{
    int n;
    const char *const *texts;
    hs_status status = hs_h5_get_texts(file, object, name, arena, &n, &texts);
    if (status == HS_OK && n != 1)
        status = hs_error(HS_ERR_FORMAT, NULL, "%s: attribute %s@%s: got %d strings, expected one",
                          file->path, object, name, n);
    if (status == HS_OK)
        *text = texts[0];
    return status;
}

/* ---- listing ---- */

hs_status hs_h5_list(hs_h5 *file, const char *group, hs_arena *arena, int *n,
                     const char *const **names)
{
    HS_H5_LOCK();
    if (!hs_h5_exists(file, group))
        return hs_error(HS_ERR_FORMAT, NULL, "%s: %s: missing", file->path, group);
    H5G_info_t info;
    if (H5Gget_info_by_name(file->id, group, &info, H5P_DEFAULT) < 0)
        return hs_h5_failed(file, group, "cannot list");
    const char **list = hs_arena_take(arena, sizeof *list * (size_t)info.nlinks);
    for (hsize_t i = 0; i < info.nlinks; i++) {
        char name[512] = "";
        if (H5Lget_name_by_idx(file->id, group, H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                               H5P_DEFAULT) < 0)
            return hs_h5_failed(file, group, "cannot list");
        list[i] = hs_arena_string(arena, name);
    }
    *n = (int)info.nlinks;
    *names = list;
    return HS_OK;
}

/* Names found on a walk. */
typedef struct found {
    hs_arena *arena;
    const char **names;
    int count, room;
} found;

static herr_t add_array(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    found *f = context;
    if (info->type != H5L_TYPE_HARD)
        return 0;
    HS_H5_ID id = H5Oopen(group, name, H5P_DEFAULT);
    if (id < 0)
        return -1;
    if (H5Iget_type(id) != H5I_DATASET)
        return 0;
    if (f->count == f->room) {
        int room = f->room ? 2 * f->room : 64;
        const char **names = hs_arena_take(f->arena, sizeof *names * (size_t)room);
        if (f->count)
            memcpy(names, f->names, sizeof *names * (size_t)f->count);
        f->names = names;
        f->room = room;
    }
    f->names[f->count++] = hs_arena_string(f->arena, name);
    return 0;
}

hs_status hs_h5_list_arrays(hs_h5 *file, const char *group, hs_arena *arena, int *n,
                            const char *const **names)
{
    HS_H5_LOCK();
    if (!hs_h5_exists(file, group))
        return hs_error(HS_ERR_FORMAT, NULL, "%s: %s: missing", file->path, group);
    found f = {.arena = arena};
    HS_H5_ID id = H5Gopen2(file->id, group, H5P_DEFAULT);
    if (id < 0 || H5Lvisit(id, H5_INDEX_NAME, H5_ITER_INC, add_array, &f) < 0)
        return hs_h5_failed(file, group, "cannot list");
    *n = f.count;
    *names = f.names;
    return HS_OK;
}
