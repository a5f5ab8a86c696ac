#include "train/config.h"

#include "optim/optimizer.h"
#include "optim/schedule.h"
#include <stdlib.h>
#include <string.h>

/* [net] is gone once the network's sections are in the configuration. */
typedef struct net_reference {
    const char *file, *normalize;
    int32_t height, width;
} net_reference;

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const hs_field net_fields[] = {
    {"file", HS_FIELD_STRING, offsetof(net_reference, file), "", 0, 0, NULL,
     "network, relative to this file"},
    {"height", HS_FIELD_INT32, offsetof(net_reference, height), "0", 0, 8192, NULL,
     "of the input; 0: the network's"},
    {"width", HS_FIELD_INT32, offsetof(net_reference, width), "0", 0, 8192, NULL,
     "of the input; 0: the network's"},
    {"normalize", HS_FIELD_STRING, offsetof(net_reference, normalize), "", 0, 0, NULL,
     "of the input; empty: the network's"},
};

static const char *const subset_units[] = {"frame", "subject", NULL};
static const char *const splits[] = {"train", "val", "test", "none", "all", NULL};
const hs_field hs_data_fields[] = {
    {"file", HS_FIELD_STRING, offsetof(hs_data_config, file), NULL, 0, 0, NULL, "data set"},
    {"train", HS_FIELD_CHOICE, offsetof(hs_data_config, train), "train", 0, 0, splits,
     "split to train on"},
    {"subset", HS_FIELD_REAL, offsetof(hs_data_config, subset), "0", 0, 1e9, NULL,
     "train on so many frames of the split, 2 or more, drawn at random, or below 1 on such a "
     "share; "
     "0: all"},
    {"subset_by", HS_FIELD_CHOICE, offsetof(hs_data_config, subset_by), "frame", 0, 0, subset_units,
     "draw single frames, or all of one person after the other, of the last perhaps a part"},
    {"subset_seed", HS_FIELD_INT64, offsetof(hs_data_config, subset_seed), "1", 0, 9e15, NULL,
     "of the draw; a larger subset holds every smaller one of its seed"},
    {"validate", HS_FIELD_CHOICE, offsetof(hs_data_config, validate), "val", 0, 0, splits,
     "split to validate on after each epoch; none: do not"},
    {"validate_frames", HS_FIELD_INT64, offsetof(hs_data_config, validate_frames), "0", 0, 1e9,
     NULL, "at most so many, evenly spread; 0: all"},
    {"workers", HS_FIELD_INT32, offsetof(hs_data_config, workers), "1", 1, 64, NULL,
     "threads that read and prepare frames"},
};

const int hs_data_field_count = COUNT(hs_data_fields);

const hs_field hs_augment_fields[] = {
    {"flip", HS_FIELD_BOOL, offsetof(hs_augment_config, flip), "yes", 0, 0, NULL,
     "mirror half of the frames, left and right swapped"},
    {"translate", HS_FIELD_REAL, offsetof(hs_augment_config, translate), "0.2", 0, 1, NULL,
     "largest shift, as a share of height and width"},
    {"scale", HS_FIELD_REAL, offsetof(hs_augment_config, scale), "0.2", 0, 0.9, NULL,
     "largest change of size, uniform in its logarithm"},
    {"scale_depth", HS_FIELD_BOOL, offsetof(hs_augment_config, scale_depth), "no", 0, 0, NULL,
     "what is made larger also comes nearer"},
};

const int hs_augment_field_count = COUNT(hs_augment_fields);

static const char *const balances[] = {"median", "none", NULL};
static const hs_field loss_fields[] = {
    {"balance", HS_FIELD_CHOICE, offsetof(hs_loss_config, balance), "median", 0, 0, balances,
     "class weights: median frequency balancing, or none"},
    {"class_weights", HS_FIELD_REALS, offsetof(hs_loss_config, class_weights), "", 0, 1e6, NULL,
     "instead, one a class"},
    {"ignore", HS_FIELD_INT32, offsetof(hs_loss_config, ignore), "255", -1, 255, NULL,
     "label that does not count; -1: none"},
};

static const char *const memories[] = {"normal", "small", NULL};
#define OFFSET(member) offsetof(hs_train_settings, member)
static const hs_field train_fields[] = {
    {"out", HS_FIELD_STRING, OFFSET(out), NULL, 0, 0, NULL, "run folder"},
    {"init", HS_FIELD_STRING, OFFSET(init), "", 0, 0, NULL,
     "file whose tensors to begin with: a checkpoint, or VGG16 from PyTorch or Keras"},
    {"epochs", HS_FIELD_INT64, OFFSET(epochs), "50", 1, 1e6, NULL, "passes over the split"},
    {"steps", HS_FIELD_INT64, OFFSET(steps), "0", 0, 1e12, NULL,
     "stop after so many updates; 0: when the epochs are over"},
    {"batch", HS_FIELD_INT32, OFFSET(batch), "16", 1, 4096, NULL, "frames a pass"},
    {"fuse", HS_FIELD_BOOL, OFFSET(fuse), "yes", 0, 0, NULL,
     "ops share passes over memory; no: every op by itself, all kept for backward, the same bits"},
    {"memory", HS_FIELD_CHOICE, OFFSET(memory), "normal", 0, 0, memories,
     "small: keeps less for the backward pass and computes it again, the same bits"},
    {"accumulate", HS_FIELD_INT32, OFFSET(accumulate), "1", 1, 4096, NULL, "passes an update"},
    {"seed", HS_FIELD_INT64, OFFSET(seed), "1", 0, 9e15, NULL, "of every random number"},
    {"minutes", HS_FIELD_REAL, OFFSET(minutes), "0", 0, 1e7, NULL, "stop after so long; 0: never"},
    {"patience", HS_FIELD_INT64, OFFSET(patience), "0", 0, 1e6, NULL,
     "epochs without a better validation before stopping; 0: any number"},
    {"checkpoint_minutes", HS_FIELD_REAL, OFFSET(checkpoint_minutes), "10", 0.001, 1e6, NULL,
     "between checkpoints within an epoch"},
};
#undef OFFSET

enum { NET, DATA, AUGMENT, LOSS, OPTIMIZER, SCHEDULE, TRAIN, SECTIONS };
static const char *const section_types[SECTIONS] = {
    [NET] = "net",    [DATA] = "data",           [AUGMENT] = "augment",
    [LOSS] = "loss",  [OPTIMIZER] = "optimizer", [SCHEDULE] = "schedule",
    [TRAIN] = "train"};

/* One row a section that stays: its fields and where they go. */
static void make_groups(hs_train_config *c, hs_field_group groups[SECTIONS])
{
    groups[DATA] = (hs_field_group){hs_data_fields, hs_data_field_count, &c->data};
    groups[AUGMENT] = (hs_field_group){hs_augment_fields, hs_augment_field_count, &c->augment};
    groups[LOSS] = (hs_field_group){loss_fields, COUNT(loss_fields), &c->loss};
    groups[OPTIMIZER] =
        (hs_field_group){hs_optimizer_fields, hs_optimizer_field_count, &c->optimizer};
    groups[SCHEDULE] = (hs_field_group){hs_schedule_fields, hs_schedule_field_count, &c->schedule};
    groups[TRAIN] = (hs_field_group){train_fields, COUNT(train_fields), &c->train};
}

bool hs_config_is_net(const hs_ini *ini)
{
    for (int i = 0; i < SECTIONS; i++)
        if (hs_ini_find(ini, section_types[i]))
            return false;
    return true;
}

/* Takes [net] out of the configuration and reads the file it names in its place. */
static hs_status include_net(hs_ini *ini, const char *path, net_reference *net)
{
    hs_status status;
    hs_ini_section *section = hs_ini_find(ini, "net");
    *net = (net_reference){.file = "", .normalize = ""};
    if (!section)
        return HS_OK;
    HS_TRY(hs_fields_read(ini, section, net_fields, COUNT(net_fields), net));
    for (hs_ini_section **at = &ini->sections; *at; at = &(*at)->next) {
        if (*at == section) {
            *at = section->next;
            break;
        }
    }
    if (net->file[0]) {
        const char *slash = strrchr(path, '/');
        const char *folder = slash && net->file[0] != '/' ? path : "";
        int length = *folder ? (int)(slash - path) + 1 : 0;
        HS_TRY(hs_ini_read(ini, hs_arena_format(&ini->arena, "%.*s%s", length, folder, net->file)));
    }
exit:
    return status;
}

static hs_status read_sections(hs_train_config *c, const char *where)
{
    hs_status status = HS_OK;
    hs_field_group groups[SECTIONS] = {{0}};
    make_groups(c, groups);
    for (int i = DATA; i < SECTIONS; i++) {
        hs_ini_section *section = hs_ini_find(&c->ini, section_types[i]);
        if (!section)
            HS_TRY(hs_ini_add(&c->ini, section_types[i], NULL, where, &section));
        HS_TRY(hs_fields_read(&c->ini, section, groups[i].fields, groups[i].count, groups[i].out));
        hs_fields_store(&c->ini, section, groups[i].fields, groups[i].count, groups[i].out);
    }
exit:
    return status;
}

/* Writes what [net] says of the input into [input], which is where it is checked and kept. */
static hs_status set_input(hs_ini *ini, const net_reference *net, const char *where)
{
    const struct {
        const char *key, *value;
    } said[] = {
        {"height", net->height ? hs_arena_format(&ini->arena, "%d", net->height) : ""},
        {"width", net->width ? hs_arena_format(&ini->arena, "%d", net->width) : ""},
        {"normalize", net->normalize},
    };
    hs_status status = HS_OK;
    hs_ini_section *section = hs_ini_find(ini, "input");
    for (int i = 0; i < COUNT(said) && status == HS_OK; i++) {
        if (!*said[i].value)
            continue;
        if (!section)
            status = hs_ini_add(ini, "input", NULL, where, &section);
        if (status == HS_OK)
            hs_ini_put(ini, section, said[i].key, said[i].value, where);
    }
    return status;
}

hs_status hs_config_gather(hs_ini *ini, const char *path, const char *const *overrides, int n)
{
    hs_status status = HS_OK;
    net_reference net;
    /* [net] first, because it decides which sections there are for the other overrides to name. */
    for (int i = 0; i < n; i++)
        if (strncmp(overrides[i], "net.", 4) == 0)
            HS_TRY(hs_ini_set(ini, overrides[i], section_types, SECTIONS));
    HS_TRY(include_net(ini, path, &net));
    for (int i = 0; i < n; i++)
        if (strncmp(overrides[i], "net.", 4) != 0)
            HS_TRY(hs_ini_set(ini, overrides[i], section_types, SECTIONS));
    HS_TRY(set_input(ini, &net, path));
exit:
    return status;
}

static hs_status resolve(hs_train_config *c, const char *path, const char *const *overrides, int n)
{
    hs_status status;
    HS_TRY(hs_config_gather(&c->ini, path, overrides, n));
    HS_TRY(hs_net_from_ini(&c->ini, section_types + 1, SECTIONS - 1, &c->net));
    HS_TRY(read_sections(c, path));
exit:
    return status;
}

hs_status hs_train_config_read(hs_train_config *config, const char *path,
                               const char *const *overrides, int n)
{
    hs_status status = hs_ini_read(&config->ini, path);
    return status == HS_OK ? resolve(config, path, overrides, n) : status;
}

hs_status hs_train_config_parse(hs_train_config *config, const char *label, const char *text)
{
    hs_status status = hs_ini_parse(&config->ini, label, text, strlen(text));
    return status == HS_OK ? resolve(config, label, NULL, 0) : status;
}

const char *hs_config_text(const hs_ini *ini, hs_arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        abort();
    hs_ini_write(ini, file);
    fclose(file);
    const char *copy = hs_arena_string(arena, text);
    free(text);
    return copy;
}

const char *hs_train_config_text(const hs_train_config *config, hs_arena *arena)
{
    return hs_config_text(&config->ini, arena);
}

void hs_train_config_free(hs_train_config *config)
{
    hs_net_destroy(config->net);
    hs_ini_free(&config->ini);
    *config = (hs_train_config){0};
}

hs_status hs_net_from_config_text(hs_ini *ini, const char *label, const char *text, hs_net **net)
{
    *net = NULL;
    hs_status status = hs_ini_parse(ini, label, text, strlen(text));
    return status == HS_OK ? hs_net_from_ini(ini, section_types + 1, SECTIONS - 1, net) : status;
}
