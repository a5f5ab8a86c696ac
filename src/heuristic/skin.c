/* Skin: a box in the plane of colours Cb, Cr, whatever the brightness (Chai and Ngan, "Face
 * segmentation using skin-color map in videophone applications", 1999). Cb and Cr are those of
 * ITU-R BT.601, 16 to 240 about 128. */
#include "heuristic/rule.h"

typedef struct settings {
    int32_t cb[2], cr[2];
} settings;

static const hs_field fields[] = {
    {"cb", HS_FIELD_PAIR, offsetof(settings, cb), "77, 127", 0, 255, NULL,
     "Cb of skin, the lowest and the highest"},
    {"cr", HS_FIELD_PAIR, offsetof(settings, cr), "133, 173", 0, 255, NULL,
     "Cr of skin, the lowest and the highest"},
};

static hs_status check(const void *user, const char *where)
{
    const settings *s = user;
    if (s->cb[0] <= s->cb[1] && s->cr[0] <= s->cr[1])
        return HS_OK;
    return hs_error(HS_ERR_CONFIG, NULL,
                    "%s: [skin]: got cb = %d, %d and cr = %d, %d, expected the lowest first", where,
                    s->cb[0], s->cb[1], s->cr[0], s->cr[1]);
}

/* Black is a pixel of unknown colour. */
static bool is_skin(const settings *s, const uint8_t *rgb)
{
    int32_t r = rgb[0], g = rgb[1], b = rgb[2];
    /* In 1/65536 of the matrix of BT.601 times 224 / 255, rounded. */
    int32_t cb = (-9714 * r - 19070 * g + 28784 * b + (128 << 16) + (1 << 15)) >> 16;
    int32_t cr = (28784 * r - 24103 * g - 4681 * b + (128 << 16) + (1 << 15)) >> 16;
    return (r | g | b) && cb >= s->cb[0] && cb <= s->cb[1] && cr >= s->cr[0] && cr <= s->cr[1];
}

static void find(const void *user, const hs_heuristic_frame *frame, hs_heuristic_room *room,
                 uint8_t *parts)
{
    int64_t area = (int64_t)room->height * room->width;
    for (int64_t i = 0; i < area; i++)
        room->mask[i] = is_skin(user, frame->color + 3 * i);
    hs_heuristic_largest(room, parts);
}

const hs_heuristic_rule hs_heuristic_skin = {
    .name = "skin",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(settings),
    .color = true,
    .check = check,
    .find = find,
};
