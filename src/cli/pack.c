/* handseg pack: images and masks -> one data set file. */
#include "data/pack.h"
#include "base/text.h"
#include "cli/options.h"
#include "data/dataset_print.h"
#include <stdio.h>
#include <string.h>

static const hs_usage usage = {
    .command = "pack",
    .arguments = "DIR --out F.h5 [options]",
    .text = "Packs DIR/images/user-<subject>.<frame>.png (16-bit depth) and DIR/masks/ (the same "
            "names; 0 background, 1 right, 2 left)\ninto one HDF5 file, and splits it into train, "
            "val and test. DIR/camera.ini, where there is one, gives intrinsics and unit.\n"
            "Frames that a person rejected (DIR/verdicts.log) are left out, and those rejected by "
            "their score (DIR/quality.csv)\nunless a person kept them.",
    .example = "handseg pack recordings/labelled --out hands.h5 --ratio 8:1:1",
    .least = 1,
    .most = 1,
};

typedef struct arguments {
    const char *layout, *split, *size;
    const char *ratio; /* NULL: not given */
    hs_pack_config pack;
    int64_t seed; /* -1: not given */
    bool json;
} arguments;

static hs_status choose(const char *option, const char *word, const char *const *names, int n,
                        int *index)
{
    for (*index = 0; *index < n; ++*index)
        if (strcmp(word, names[*index]) == 0)
            return HS_OK;
    char hint[256];
    hs_hint_names(word, names, n, hint, sizeof hint);
    return hs_error(HS_ERR_USAGE, hint, "pack: %s: got '%s'", option, word);
}

static hs_status choose_layout(arguments *a)
{
    enum { MOST = 16 };
    const char *names[MOST];
    int n = 0, index;
    for (; hs_layout_kinds[n]; n++)
        names[n] = hs_layout_kinds[n]->name;
    hs_status status = choose("--layout", a->layout, names, n, &index);
    if (status == HS_OK)
        a->pack.layout = hs_layout_kinds[index];
    return status;
}

static hs_status parse_split(arguments *a)
{
    static const char *const methods[] = {"auto", "subject", "frame", "lists", "published"};
    hs_pack_config *pack = &a->pack;
    int method, end = 0, *r = pack->ratio;
    hs_status status;
    HS_TRY(choose("--split", a->split, methods, 5, &method));
    pack->method = (hs_split_method)method;
    bool lists = pack->lists[0] || pack->lists[1] || pack->lists[2];
    pack->drawn = a->ratio ? "--ratio" : a->seed >= 0 ? "--seed" : NULL;
    if (lists && pack->drawn)
        return hs_error(HS_ERR_USAGE, "leave it out: lists say where each frame goes",
                        "pack: %s: got it together with lists, expected it where a split is drawn",
                        pack->drawn);
    if (!a->ratio)
        a->ratio = "8:1:1";
    pack->seed = a->seed < 0 ? 1 : (uint64_t)a->seed;
    if (sscanf(a->ratio, "%5d:%5d:%5d%n", &r[0], &r[1], &r[2], &end) != 3 || a->ratio[end] ||
        r[0] < 0 || r[1] < 0 || r[2] < 0 || r[0] + r[1] + r[2] == 0)
        return hs_error(HS_ERR_USAGE, NULL,
                        "pack: --ratio: got '%s', expected train:val:test such as 8:1:1", a->ratio);
    if (lists != (pack->method == HS_METHOD_LISTS))
        return hs_error(HS_ERR_USAGE, NULL,
                        "pack: --split: got '%s' %s, expected --split lists together with lists",
                        a->split, lists ? "and lists" : "but no --train, --val or --test");
exit:
    return status;
}

static hs_status parse_size(arguments *a)
{
    int end = 0;
    if (!a->size)
        return HS_OK;
    hs_pack_config *pack = &a->pack;
    if (sscanf(a->size, "%5dx%5d%n", &pack->width, &pack->height, &end) != 2 || a->size[end] ||
        pack->width < 1 || pack->height < 1 || pack->width > 32767 || pack->height > 32767)
        return hs_error(HS_ERR_USAGE, NULL,
                        "pack: --size: got '%s', expected WIDTHxHEIGHT such as 320x240", a->size);
    return HS_OK;
}

static hs_status show(const arguments *a)
{
    hs_dataset *dataset;
    hs_status status = hs_dataset_open(a->pack.out, &dataset);
    if (status != HS_OK)
        return status;
    if (a->json)
        hs_dataset_print_json(dataset, stdout);
    else
        hs_dataset_print(dataset, stdout);
    hs_dataset_close(dataset);
    return HS_OK;
}

int hs_command_pack(int argc, char **argv)
{
    arguments a = {.layout = "handseg", .split = "auto", .seed = -1};
    const hs_option options[] = {
        {"--out", "F.h5", "the file to write", HS_OPTION_STRING, &a.pack.out, 0, 0},
        {"--layout", "L", "layout of DIR: handseg (default), freiburg, nyu, handnet",
         HS_OPTION_STRING, &a.layout, 0, 0},
        {"--split", "S",
         "subject, frame, lists, published, or auto: published where DIR has it, else subject, or "
         "frame where people are unknown",
         HS_OPTION_STRING, &a.split, 0, 0},
        {"--ratio", "T:V:E", "train:val:test, 8:1:1", HS_OPTION_STRING, &a.ratio, 0, 0},
        {"--seed", "N", "of the random split, 1", HS_OPTION_INTEGER, &a.seed, 0, 9.2e18},
        {"--train", "LIST", "names of frames, one a line", HS_OPTION_STRING, &a.pack.lists[0], 0,
         0},
        {"--val", "LIST", "the same for validation", HS_OPTION_STRING, &a.pack.lists[1], 0, 0},
        {"--test", "LIST", "the same for the test", HS_OPTION_STRING, &a.pack.lists[2], 0, 0},
        {"--depth-unit", "M", "metres of one unit of depth (SR300: 0.000124987)", HS_OPTION_REAL,
         &a.pack.depth_unit, 1e-6, 1},
        {"--size", "WxH", "take samples of this size", HS_OPTION_STRING, &a.size, 0, 0},
        {"--all", NULL, "rejected frames too, and those of an unfinished annotation",
         HS_OPTION_FLAG, &a.pack.all, 0, 0},
        {"--force", NULL, "replace an existing file", HS_OPTION_FLAG, &a.pack.force, 0, 0},
        {"--json", NULL, "describe the result as JSON", HS_OPTION_FLAG, &a.json, 0, 0},
    };
    int count;
    bool help;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    if (!a.pack.out)
        HS_TRY(hs_error(HS_ERR_USAGE, usage.example, "pack: --out: got nothing, expected a file"));
    a.pack.folder = argv[1];
    HS_TRY(choose_layout(&a));
    HS_TRY(parse_split(&a));
    HS_TRY(parse_size(&a));
    HS_TRY(hs_pack(&a.pack));
    HS_TRY(show(&a));
exit:
    return hs_exit_status(status);
}
