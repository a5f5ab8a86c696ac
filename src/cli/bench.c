/* handseg bench: how fast a network runs and trains here. */
#include "segment/bench.h"
#include "cli/options.h"
#include <omp.h>
#include <stdio.h>

static const hs_usage usage = {
    .command = "bench",
    .arguments = "CONFIG.ini|MODEL.h5 [options]",
    .text =
        "Measures, on random data: the time of one frame, from memory and from a PNG file to\n"
        "labels, and of a training step; the share of the machine's peak; memory and page faults;\n"
        "and all of it for every layer. The kernels are compared with the reference first,\n"
        "where the network takes an input small enough for that.\n"
        "HS_ISA=ref, avx2 or avx512 chooses the kernels; without it the best the machine runs.\n"
        "Of a forest or a heuristic: the time of one frame.\n\n"
        "MB are the least a layer must read and write, each array once. Forward: its inputs and\n"
        "parameters, and what a later layer or backward reads of what it makes. Backward: the\n"
        "gradients of its outputs, what was kept or is made again, its parameters, the gradients\n"
        "of its inputs and parameters. MiB in use: of the plan's memory, at most, while it runs.",
    .example = "handseg bench configs/nets/handseg.ini --batch 16",
    .least = 1,
    .most = 1,
};

int hs_command_bench(int argc, char **argv)
{
    hs_bench_request request = {.seconds = 5};
    hs_option_list set = {0};
    int64_t batch = 0, threads = 0;
    bool json = false, help;
    const hs_option options[] = {
        {"--batch", "N", "frames a training step; the configuration's", HS_OPTION_INTEGER, &batch,
         1, 4096},
        {"--threads", "N", "processors used; OMP_NUM_THREADS, or all", HS_OPTION_INTEGER, &threads,
         1, 1024},
        {"--seconds", "S", "of each measurement, about: 5", HS_OPTION_REAL, &request.seconds, 0.001,
         3600},
        {"--set", "S.K=V", "another value of a key, over what the file says", HS_OPTION_LIST, &set,
         0, 0},
        {"--json", NULL, "for programs", HS_OPTION_FLAG, &json, 0, 0},
    };
    int count;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    if (threads > 0)
        omp_set_num_threads((int)threads);
    request.path = argv[1];
    request.batch = (int32_t)batch;
    request.overrides = set.items;
    request.n = set.count;
    HS_TRY(hs_bench_model(&request, json, stdout));
exit:
    return hs_exit_status(status);
}
