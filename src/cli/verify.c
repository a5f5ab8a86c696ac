/* handseg verify: whether a file is sound. */
#include "data/verify.h"
#include "base/text.h"
#include "cli/file_kind.h"
#include "cli/options.h"
#include "handseg/segment.h"
#include <stdio.h>

static const hs_usage usage = {
    .command = "verify",
    .arguments = "FILE [--json]",
    .text = "Reads a whole data set and checks it: checksums, label values, empty masks, labels "
            "without depth, constant and\nrepeated frames, frames nearly the same and subjects in "
            "two splits. Exit status 1 "
            "and a list where it is unsound.\n"
            "Of a model, that it can be loaded: checksums, and the shape of every array.",
    .example = "handseg verify hands.h5",
    .least = 1,
    .most = 1,
};

static void print_text(const char *path, const hs_dataset_info *info, const hs_verify_report *r)
{
    for (const hs_finding *f = r->findings; f; f = f->next)
        printf("%s: %s\n", f->fault ? "fault" : "remark", f->text);
    printf("%lld frames, %lld without a hand; %lld of %lld labelled pixels have no depth\n",
           (long long)info->frames, (long long)r->empty_masks, (long long)r->unmeasured,
           (long long)r->labelled);
    if (r->near_copies > 0)
        printf("%lld frames nearly show one of another split\n", (long long)r->near_copies);
    if (r->faults == 0)
        printf("%s: sound\n", path);
}

static void print_json(const char *path, const hs_dataset_info *info, const hs_verify_report *r)
{
    hs_json json = hs_json_start(stdout);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "file", path);
    hs_json_bool(&json, "sound", r->faults == 0);
    hs_json_integer(&json, "faults", r->faults);
    hs_json_integer(&json, "frames", info->frames);
    hs_json_integer(&json, "empty_masks", r->empty_masks);
    hs_json_integer(&json, "near_copies_across_splits", r->near_copies);
    hs_json_integer(&json, "labelled_pixels", r->labelled);
    hs_json_integer(&json, "labelled_pixels_without_depth", r->unmeasured);
    hs_json_open(&json, "findings", '[');
    for (const hs_finding *f = r->findings; f; f = f->next) {
        hs_json_open(&json, NULL, '{');
        hs_json_bool(&json, "fault", f->fault);
        hs_json_string(&json, "kind", f->kind);
        hs_json_integer(&json, "frame", f->frame);
        hs_json_string(&json, "text", f->text);
        hs_json_close(&json, '}');
    }
    hs_json_close(&json, ']');
    hs_json_close(&json, '}');
}

static hs_status dataset_verify(const char *path, bool json)
{
    hs_dataset *dataset = NULL;
    hs_verify_report report = {0};
    hs_status status;
    HS_TRY(hs_dataset_open(path, &dataset));
    HS_TRY(hs_dataset_verify(dataset, &report));
    (json ? print_json : print_text)(path, hs_dataset_get_info(dataset), &report);
    if (report.faults > 0)
        status =
            hs_error(HS_ERR_DATA, "pack it again from sound frames",
                     "%s: unsound: got %lld faults, expected none", path, (long long)report.faults);
exit:
    hs_verify_report_free(&report);
    hs_dataset_close(dataset);
    return status;
}

/* What can be loaded is whole: every array carries checksums and has the shape it should have. */
static hs_status model_verify(const char *path, bool json)
{
    hs_model *model;
    hs_status status = hs_model_load(path, 1, &model);
    if (status != HS_OK)
        return status;
    hs_model_destroy(model);
    if (json) {
        hs_json out = hs_json_start(stdout);
        hs_json_open(&out, NULL, '{');
        hs_json_string(&out, "file", path);
        hs_json_bool(&out, "sound", true);
        hs_json_close(&out, '}');
    } else {
        printf("%s: sound\n", path);
    }
    return HS_OK;
}

static hs_status file_verify(const char *path, bool json)
{
    hs_file_kind kind;
    hs_status status = hs_file_kind_of(path, &kind);
    if (status != HS_OK)
        return status;
    switch (kind) {
    case HS_FILE_DATASET:
        return dataset_verify(path, json);
    case HS_FILE_MODEL:
        return model_verify(path, json);
    case HS_FILE_RECORDING:
        break;
    }
    return hs_error(HS_ERR_FORMAT, NULL, "%s: got a recording, expected a data set or a model",
                    path);
}

int hs_command_verify(int argc, char **argv)
{
    bool json = false, help;
    const hs_option options[] = {
        {"--json", NULL, "for programs", HS_OPTION_FLAG, &json, 0, 0},
    };
    int count;
    hs_status status = hs_options_parse(&usage, options, 1, argc, argv, &count, &help);
    if (status == HS_OK && !help)
        status = file_verify(argv[1], json);
    return hs_exit_status(status);
}
