/* handseg info: what a file holds. */
#include "cli/file_kind.h"
#include "cli/options.h"
#include "data/dataset_print.h"
#include <stdio.h>

static const hs_usage usage = {
    .command = "info",
    .arguments = "FILE [--json]",
    .text = "Says what a data set holds: frames, subjects, splits, classes and their weights, "
            "camera and unit of depth.",
    .example = "handseg info hands.h5",
    .least = 1,
    .most = 1,
};

static hs_status dataset_info(const char *path, bool json)
{
    hs_dataset *dataset;
    hs_status status = hs_dataset_open(path, &dataset);
    if (status != HS_OK)
        return status;
    if (json)
        hs_dataset_print_json(dataset, stdout);
    else
        hs_dataset_print(dataset, stdout);
    hs_dataset_close(dataset);
    return HS_OK;
}

static hs_status file_info(const char *path, bool json)
{
    hs_file_kind kind;
    hs_status status = hs_file_kind_of(path, &kind);
    if (status != HS_OK)
        return status;
    switch (kind) {
    case HS_FILE_DATASET:
        return dataset_info(path, json);
    case HS_FILE_CHECKPOINT:
    case HS_FILE_CONFIG:
        break;
    }
    return hs_error(HS_ERR_FORMAT, NULL, "%s: got another file, expected a data set", path);
}

int hs_command_info(int argc, char **argv)
{
    bool json = false, help;
    const hs_option options[] = {
        {"--json", NULL, "for programs", HS_OPTION_FLAG, &json, 0, 0},
    };
    int count;
    hs_status status = hs_options_parse(&usage, options, 1, argc, argv, &count, &help);
    if (status == HS_OK && !help)
        status = file_info(argv[1], json);
    return hs_exit_status(status);
}
