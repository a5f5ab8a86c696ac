/* handseg train: a run from a configuration file. */
#include "handseg/train.h"

#include "base/log.h"
#include "cli/options.h"
#include <stddef.h>

static const hs_usage usage = {
    .command = "train",
    .arguments = "CONFIG.ini [--set SECTION.KEY=VALUE]... [--resume]",
    .text =
        "Trains the network a configuration names on its data set. The run folder, train.out, "
        "gets\n"
        "config.ini (every value in use), log.csv (a row a step), best.h5 and last.h5 "
        "(checkpoints)\n"
        "and metrics.json. A run that was stopped or killed goes on with --resume and ends in the\n"
        "same bits.\n"
        "\n"
        "train.init names a file to begin with: a checkpoint of any net, whose tensors are taken "
        "by\n"
        "name, or VGG16 from PyTorch (.safetensors) or Keras (.h5) for FCN, SegNet and DeconvNet. "
        "What\n"
        "became of each tensor is shown and written to init.csv.\n"
        "\n"
        "A random forest is trained the same way (configs/train/forest.ini): its trees grow in "
        "parallel,\n"
        "to the same bits with any number of threads, in the memory it states first.",
    .example =
        "handseg train configs/train/handseg.ini --set data.file=hands.h5 --set train.batch=8",
    .least = 1,
    .most = 1,
};

int hs_command_train(int argc, char **argv)
{
    hs_option_list set = {0};
    bool resume = false, quiet = false, help;
    const hs_option options[] = {
        {"--set", "S.K=V", "another value of a key, over what the file says", HS_OPTION_LIST, &set,
         0, 0},
        {"--resume", NULL, "go on where last.h5 left off", HS_OPTION_FLAG, &resume, 0, 0},
        {"--quiet", NULL, "only warnings and errors", HS_OPTION_FLAG, &quiet, 0, 0},
    };
    int count;
    hs_status status = hs_options_parse(&usage, options, 3, argc, argv, &count, &help);
    hs_log_quiet(quiet);
    if (status == HS_OK && !help)
        status = hs_train(argv[1], set.items, set.count, resume);
    return hs_exit_status(status);
}
