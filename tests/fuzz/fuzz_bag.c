/* The reader of bags, down to the pixels, strict and salvaging. */
#include "recording/recording.h"
#include "support/fuzz.h"
#include <unistd.h>

static void read_bag(const char *path, bool salvage)
{
    enum { PAIRS = 8 };
    hs_recording *recording;
    hs_recording_pair pair = {0};
    const hs_recording_options options = {.tolerance = 10, .salvage = salvage};
    if (hs_recording_open(path, &options, &recording) != HS_OK)
        return;
    int64_t count = hs_recording_get_info(recording)->pair_count;
    for (int64_t i = 0; i < count && i < PAIRS; i++)
        if (hs_recording_read(recording, i, &pair) != HS_OK)
            break;
    hs_recording_pair_free(&pair);
    hs_recording_close(recording);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path;
    int fd = hs_fuzz_file(bytes, size, &path);
    read_bag(path, false);
    read_bag(path, true);
    close(fd);
    return 0;
}
