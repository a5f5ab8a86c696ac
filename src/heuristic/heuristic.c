#include "heuristic/rule.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#define HS_HEURISTIC(name) extern const hs_heuristic_rule hs_heuristic_##name;
#include "heuristic/heuristics.def"
#undef HS_HEURISTIC

static const hs_heuristic_rule *const rules[] = {
#define HS_HEURISTIC(name) &hs_heuristic_##name,
#include "heuristic/heuristics.def"
#undef HS_HEURISTIC
};

static const char *const section_types[] = {
    "input",
    "hands",
#define HS_HEURISTIC(name) #name,
#include "heuristic/heuristics.def"
#undef HS_HEURISTIC
};

enum { RIGHT = 1, LEFT = 2 };

typedef struct input_settings {
    int32_t height, width;
} input_settings;
static const hs_field input_fields[] = {
    {"height", HS_FIELD_INT32, offsetof(input_settings, height), "240", 1, 32767, NULL,
     "pixels of the frames it labels"},
    {"width", HS_FIELD_INT32, offsetof(input_settings, width), "320", 1, 32767, NULL, "pixels"},
};

typedef struct hands_settings {
    int32_t smallest;
    bool facing;
} hands_settings;
static const hs_field hands_fields[] = {
    {"smallest", HS_FIELD_INT32, offsetof(hands_settings, smallest), "200", 1, 1e9, NULL,
     "pixels of a hand, at least"},
    {"facing", HS_FIELD_BOOL, offsetof(hands_settings, facing), "yes", 0, 0, NULL,
     "the person faces the camera: his right hand is the one further to the left in the image"},
};

struct hs_heuristic {
    const hs_heuristic_rule *rule;
    void *settings; /* the rule's */
    hands_settings hands;
    hs_heuristic_room room;
};

/* ---- life ------------------------------------------------------------------------------------ */

bool hs_heuristic_in(const hs_ini *ini)
{
    for (int i = 0; i < COUNT(rules); i++)
        if (hs_ini_find(ini, rules[i]->name))
            return true;
    return false;
}

/* The section of this label, made where the file has none: its keys have defaults. */
static hs_status read_section(hs_ini *ini, const char *label, const hs_field *fields, int n,
                              void *out)
{
    hs_ini_section *section = hs_ini_find(ini, label);
    hs_status status = HS_OK;
    if (!section)
        status = hs_ini_add(ini, label, NULL, "defaults", &section);
    return status == HS_OK ? hs_fields_read(ini, section, fields, n, out) : status;
}

static hs_status read_rule(hs_ini *ini, hs_heuristic *h)
{
    hs_ini_section *section = NULL;
    for (int i = 0; i < COUNT(rules); i++) {
        hs_ini_section *found = hs_ini_find(ini, rules[i]->name);
        if (found && section)
            return hs_error(HS_ERR_CONFIG, NULL, "%s: got a second rule, expected one beside %s",
                            found->where, section->title);
        if (found) {
            section = found;
            h->rule = rules[i];
        }
    }
    if (!section)
        return hs_error(HS_ERR_CONFIG, NULL, "heuristic: got no section of a rule");
    h->settings = hs_arena_take(&ini->arena, h->rule->size);
    hs_status status =
        hs_fields_read(ini, section, h->rule->fields, h->rule->n_fields, h->settings);
    if (status == HS_OK && h->rule->check)
        status = h->rule->check(h->settings, section->where);
    return status;
}

static hs_status init_room(hs_heuristic_room *room)
{
    size_t area = (size_t)room->height * (size_t)room->width;
    hs_status status;
    HS_TRY(hs_components_init(&room->components, room->height, room->width));
    HS_TRY(hs_allocate(area, "mask", (void **)&room->mask));
    HS_TRY(hs_allocate(area * sizeof *room->order, "order of pixels", (void **)&room->order));
    HS_TRY(hs_allocate(area * sizeof *room->queue, "queue of pixels", (void **)&room->queue));
    HS_TRY(hs_allocate((UINT16_MAX + 2) * sizeof *room->starts, "order of depths",
                       (void **)&room->starts));
exit:
    return status;
}

hs_status hs_heuristic_create(hs_ini *ini, hs_heuristic **heuristic)
{
    input_settings input;
    hs_heuristic *h = NULL;
    hs_status status;
    *heuristic = NULL;
    HS_TRY(hs_allocate(sizeof *h, "heuristic", (void **)&h));
    HS_TRY(hs_ini_check_types(ini, section_types, COUNT(section_types)));
    HS_TRY(read_rule(ini, h));
    HS_TRY(read_section(ini, "input", input_fields, COUNT(input_fields), &input));
    HS_TRY(read_section(ini, "hands", hands_fields, COUNT(hands_fields), &h->hands));
    h->room = (hs_heuristic_room){
        .height = input.height, .width = input.width, .smallest = h->hands.smallest};
    HS_TRY(init_room(&h->room));
    *heuristic = h;
    h = NULL;
exit:
    hs_heuristic_destroy(h);
    return status;
}

void hs_heuristic_destroy(hs_heuristic *h)
{
    if (!h)
        return;
    hs_components_free(&h->room.components);
    free(h->room.mask);
    free(h->room.order);
    free(h->room.queue);
    free(h->room.starts);
    free(h);
}

int32_t hs_heuristic_height(const hs_heuristic *h)
{
    return h->room.height;
}

int32_t hs_heuristic_width(const hs_heuristic *h)
{
    return h->room.width;
}

const char *hs_heuristic_name(const hs_heuristic *h)
{
    return h->rule->name;
}

bool hs_heuristic_needs_color(const hs_heuristic *h)
{
    return h->rule->color;
}

/* ---- parts and sides ------------------------------------------------------------------------- */

void hs_heuristic_largest(hs_heuristic_room *room, uint8_t *parts)
{
    const hs_components *c = &room->components;
    int32_t best[HS_HEURISTIC_PARTS] = {-1, -1};
    hs_components_find(&room->components, room->mask);
    for (int32_t i = 0; i < c->n_components; i++) {
        int32_t area = c->components[i].area;
        if (area < room->smallest)
            continue;
        if (best[0] < 0 || area > c->components[best[0]].area) {
            best[1] = best[0];
            best[0] = i;
        } else if (best[1] < 0 || area > c->components[best[1]].area) {
            best[1] = i;
        }
    }
    memset(parts, 0, (size_t)room->height * (size_t)room->width);
    for (int32_t r = 0; r < c->n_runs; r++) {
        const hs_run *run = &c->runs[r];
        for (int p = 0; p < HS_HEURISTIC_PARTS; p++)
            if (run->component == best[p])
                memset(parts + (size_t)run->y * (size_t)room->width + run->first, p + 1,
                       (size_t)(run->last - run->first) + 1);
    }
}

void hs_heuristic_label(hs_heuristic *h, const hs_heuristic_frame *frame, uint8_t *labels)
{
    int32_t height = h->room.height, width = h->room.width;
    int64_t n[HS_HEURISTIC_PARTS + 1] = {0}, sum[HS_HEURISTIC_PARTS + 1] = {0};
    h->rule->find(h->settings, frame, &h->room, labels);
    for (int32_t y = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++) {
            uint8_t part = labels[(int64_t)y * width + x];
            n[part]++;
            sum[part] += x;
        }
    bool first_is_left =
        n[2] > 0 ? sum[1] * n[2] <= sum[2] * n[1] : 2 * sum[1] < n[1] * (width - 1);
    uint8_t first = first_is_left == h->hands.facing ? RIGHT : LEFT;
    const uint8_t label[HS_HEURISTIC_PARTS + 1] = {0, first, (uint8_t)(RIGHT + LEFT - first)};
    for (int64_t i = 0; i < (int64_t)height * width; i++)
        labels[i] = label[labels[i]];
}
