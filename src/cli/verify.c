/* handseg verify: whether a file is sound. */
#include "data/verify.h"
#include "base/text.h"
#include "cli/file_kind.h"
#include "cli/options.h"
#include "handseg/segment.h"
#include "recording/recording.h"
#include <inttypes.h>
#include <stdio.h>

static const hs_usage usage = {
    .command = "verify",
    .arguments = "FILE [--json]",
    .text =
        "Reads a whole data set and checks it: checksums, label values, empty masks, labels "
        "without depth, constant and\nrepeated frames, frames nearly the same and subjects in "
        "two splits. Exit status 1 "
        "and a list where it is unsound.\n"
        "Of a model, that it can be loaded: checksums, the shape of every array, finite numbers.",
    .example = "handseg verify hands.h5",
    .least = 1,
    .most = 1,
};

/* Of each kind the first few: the counts say how many there are, --json names each. */
static void print_text(const char *path, const hs_dataset_info *info, const hs_verify_report *r)
{
    enum { MOST_OF_A_KIND = 20 };
    int64_t printed[HS_FINDING_KINDS] = {0};
    for (const hs_finding *f = r->findings; f; f = f->next)
        if (printed[f->kind]++ < MOST_OF_A_KIND)
            printf("%s: %s\n", f->fault ? "fault" : "remark", f->text);
    for (int kind = 0; kind < HS_FINDING_KINDS; kind++)
        if (r->counts[kind] > MOST_OF_A_KIND)
            printf("and %" PRId64 " more of the kind \"%s\": --json lists all\n",
                   r->counts[kind] - MOST_OF_A_KIND, hs_finding_kind_name((hs_finding_kind)kind));
    printf("%" PRId64 " frames, %" PRId64 " without a hand; %" PRId64 " of %" PRId64
           " labelled pixels have no depth\n",
           info->frames, r->counts[HS_FINDING_EMPTY], r->unmeasured, r->labelled);
    if (r->counts[HS_FINDING_NEAR] > 0)
        printf("%" PRId64 " frames nearly show one of another split\n", r->counts[HS_FINDING_NEAR]);
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
    hs_json_integer(&json, "empty_masks", r->counts[HS_FINDING_EMPTY]);
    hs_json_integer(&json, "near_copies_across_splits", r->counts[HS_FINDING_NEAR]);
    hs_json_integer(&json, "labelled_pixels", r->labelled);
    hs_json_integer(&json, "labelled_pixels_without_depth", r->unmeasured);
    hs_json_open(&json, "findings", '[');
    for (const hs_finding *f = r->findings; f; f = f->next) {
        hs_json_open(&json, NULL, '{');
        hs_json_bool(&json, "fault", f->fault);
        hs_json_string(&json, "kind", hs_finding_kind_name(f->kind));
        hs_json_integer(&json, "frame", f->frame);
        hs_json_string(&json, "text", f->text);
        hs_json_close(&json, '}');
    }
    hs_json_close(&json, ']');
    hs_json_close(&json, '}');
}

/* Of a file that cannot be read as what it is. */
static void print_failure(const char *path)
{
    hs_json json = hs_json_start(stdout);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "file", path);
    hs_json_bool(&json, "sound", false);
    hs_json_string(&json, "error", hs_error_message());
    hs_json_close(&json, '}');
}

/* *printed: whether there were findings to print, or that there are none. */
static hs_status dataset_verify(const char *path, bool json, bool *printed)
{
    hs_dataset *dataset = NULL;
    hs_verify_report report = {0};
    hs_status status;
    HS_TRY(hs_dataset_open(path, &dataset));
    HS_TRY(hs_dataset_verify(dataset, &report));
    (json ? print_json : print_text)(path, hs_dataset_get_info(dataset), &report);
    *printed = true;
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

/* Folders look like recordings until they are listed. */
static hs_status refuse(const char *path)
{
    hs_recording_list list = {0};
    bool recording = hs_recording_list_read(path, &list) == HS_OK;
    hs_recording_list_free(&list);
    return hs_error(HS_ERR_FORMAT,
                    recording ? "handseg info says what is in it"
                              : "frames are packed first: handseg pack DIR --out FILE.h5",
                    "%s: got %s, expected a data set or a model", path,
                    recording ? "a recording" : "a folder");
}

static hs_status file_verify(const char *path, bool json)
{
    hs_file_kind kind;
    bool printed = false;
    hs_status status;
    HS_TRY(hs_file_kind_of(path, &kind));
    switch (kind) {
    case HS_FILE_DATASET:
        status = dataset_verify(path, json, &printed);
        break;
    case HS_FILE_MODEL:
        status = model_verify(path, json);
        break;
    case HS_FILE_RECORDING:
        status = refuse(path);
    }
exit:
    if (status != HS_OK && json && !printed)
        print_failure(path);
    return status;
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
