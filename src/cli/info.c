/* handseg info: what a file holds. */
#include "cli/file_kind.h"
#include "cli/options.h"
#include "data/dataset_print.h"
#include "recording/describe.h"
#include "segment/describe.h"
#include <stdio.h>

static const hs_usage usage = {
    .command = "info",
    .arguments = "FILE|FOLDER [options]",
    .text =
        "Says what a file holds. Data set: frames, subjects, splits, classes and their weights,\n"
        "camera and unit of depth. Configuration, a network alone or a training file: its\n"
        "layers with shapes, parameters and operations, and the memory planned for one frame\n"
        "and for training; nothing of it is allocated. Checkpoint: the same, its labels, and\n"
        "how far it was trained. Recording, a folder, a .bag or a folder of them: its streams\n"
        "and lenses, pairs and frames without a partner, rate and gaps.",
    .example = "handseg info configs/nets/handseg.ini --batch 32",
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

static const char *const kinds[] = {[HS_FILE_MODEL] = "a model or its configuration",
                                    [HS_FILE_DATASET] = "a data set",
                                    [HS_FILE_RECORDING] = "a recording"};

/* Of an option that another kind of file has. */
static hs_status refuse(const char *option, const char *path, hs_file_kind got,
                        hs_file_kind expected)
{
    return hs_error(HS_ERR_USAGE, NULL, "%s: %s: got %s, expected %s", option, path, kinds[got],
                    kinds[expected]);
}

static hs_status check_options(const hs_describe_request *request,
                               const hs_recording_options *recording, hs_file_kind kind)
{
    if (request->n > 0 && kind != HS_FILE_MODEL)
        return refuse("--set", request->path, kind, HS_FILE_MODEL);
    if (request->batch > 0 && kind != HS_FILE_MODEL)
        return refuse("--batch", request->path, kind, HS_FILE_MODEL);
    if (recording->salvage && kind != HS_FILE_RECORDING)
        return refuse("--salvage", request->path, kind, HS_FILE_RECORDING);
    if (recording->tolerance > 0 && kind != HS_FILE_RECORDING)
        return refuse("--tolerance", request->path, kind, HS_FILE_RECORDING);
    return HS_OK;
}

static hs_status file_info(const hs_describe_request *request,
                           const hs_recording_options *recording)
{
    hs_file_kind kind;
    hs_status status;
    HS_TRY(hs_file_kind_of(request->path, &kind));
    HS_TRY(check_options(request, recording, kind));
    if (kind == HS_FILE_MODEL)
        status = hs_describe(request, stdout);
    else if (kind == HS_FILE_DATASET)
        status = dataset_info(request->path, request->json);
    else
        status = hs_recording_describe(request->path, recording, request->json, stdout);
exit:
    return status;
}

int hs_command_info(int argc, char **argv)
{
    hs_describe_request request = {0};
    hs_option_list set = {0};
    hs_recording_options recording = {0};
    int64_t batch = 0;
    bool help;
    const hs_option options[] = {
        {"--set", "S.K=V", "another value of a key, over what the file says", HS_OPTION_LIST, &set,
         0, 0},
        {"--batch", "N", "frames at once in training", HS_OPTION_INTEGER, &batch, 1, 1e6},
        {"--salvage", NULL, "what can be read of a damaged recording", HS_OPTION_FLAG,
         &recording.salvage, 0, 0},
        {"--tolerance", "S", "seconds between the exposures of a pair, at most", HS_OPTION_REAL,
         &recording.tolerance, 1e-6, 10},
        {"--json", NULL, "for programs", HS_OPTION_FLAG, &request.json, 0, 0},
    };
    int count;
    hs_status status = hs_options_parse(&usage, options, sizeof options / sizeof *options, argc,
                                        argv, &count, &help);
    request.path = argv[1];
    request.overrides = set.items;
    request.n = set.count;
    request.batch = (int32_t)batch;
    if (status == HS_OK && !help)
        status = file_info(&request, &recording);
    return hs_exit_status(status);
}
