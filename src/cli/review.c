/* handseg review: a person accepts or rejects labelled frames in a browser. */
#include "review/review.h"
#include "base/log.h"
#include "cli/options.h"
#include "review/summary.h"
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hs_usage usage = {
    .command = "review",
    .arguments = "DIR [options]",
    .text =
        "Shows the frames of DIR (images/ and masks/; color/ and quality.csv where annotate wrote "
        "them) in a browser\nas contact sheets, the worst first, and takes verdicts by single "
        "keys ('?' on the page lists them).\nOpen the link it prints; it answers on this machine "
        "only, and ends with Ctrl-C.\nEach verdict is a line of DIR/verdicts.log, on the disk "
        "before the next key; handseg pack leaves rejected frames out.\nKnown frames (a CSV with "
        "the columns frame and verdict) are mixed in to measure the reviewer.",
    .example = "handseg review recordings/labelled --reviewer ann",
    .least = 1,
    .most = 1,
};

typedef struct arguments {
    hs_review_config review;
    const char *merge;
    int64_t port;
    bool summary, json;
} arguments;

static hs_status merge(const char *folder, const char *other)
{
    char path[4096];
    int64_t added;
    snprintf(path, sizeof path, "%s/" HS_VERDICT_FILE, folder);
    hs_status status = hs_verdict_log_merge(path, other, &added);
    if (status == HS_OK)
        printf("%s: %lld lines added from %s\n", path, (long long)added, other);
    return status;
}

static hs_status summarize(const char *folder, bool json)
{
    hs_review_summary summary = {0};
    hs_status status = hs_review_summary_make(&summary, folder);
    if (status == HS_OK)
        hs_review_summary_print(&summary, json, stdout);
    hs_review_summary_free(&summary);
    return status;
}

static hs_status check(arguments *a)
{
    hs_review_config *config = &a->review;
    if (!hs_is_verdict_word(config->reviewer))
        return hs_error(HS_ERR_USAGE, "letters, digits and ._@+- make a name",
                        "review: --reviewer: got '%s'", config->reviewer);
    if (!config->known.folder)
        config->known.folder = config->folder;
    else if (!config->known.table)
        return hs_error(HS_ERR_USAGE, "the CSV says what is known of its frames",
                        "review: --known-folder: got it without --known");
    config->port = (int)a->port;
    return HS_OK;
}

/* Serves until somebody presses Ctrl-C. */
static hs_status serve(const arguments *a)
{
    enum { LARGE = 1 << 20 };
    sigset_t ends;
    int signal;
    hs_review *review;
    /* Whole sheets come and go in many threads: given back at once, not kept by each of them. */
    mallopt(M_MMAP_THRESHOLD, LARGE);
    mallopt(M_ARENA_MAX, 2);
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* in the threads of the server too */
    hs_status status = hs_review_start(&a->review, &review);
    if (status != HS_OK)
        return status;
    const hs_review_items *items = hs_review_get_items(review);
    hs_log("%s: %lld frames%s; %lld known ones mixed in", a->review.folder,
           (long long)items->frames, items->has_scores ? "" : " without scores",
           (long long)(items->count - items->frames));
    printf("%s\n", hs_review_link(review));
    fflush(stdout);
    hs_log("Open this link in a browser on this machine; Ctrl-C ends.");
    sigwait(&ends, &signal);
    hs_review_stop(review);
    return summarize(a->review.folder, a->json);
}

static const char *user_name(void)
{
    const char *name = getenv("USER");
    return name && hs_is_verdict_word(name) ? name : "reviewer";
}

int hs_command_review(int argc, char **argv)
{
    arguments a = {.port = 8471, .review = {.reviewer = user_name(), .known.rate = 0.02}};
    const hs_option options[] = {
        {"--port", "P", "port to serve on, 8471; 0: any free one", HS_OPTION_INTEGER, &a.port, 0,
         65535},
        {"--reviewer", "NAME", "who judges (default: $USER)", HS_OPTION_STRING, &a.review.reviewer,
         0, 0},
        {"--known", "CSV", "frames whose verdict is known", HS_OPTION_STRING, &a.review.known.table,
         0, 0},
        {"--known-folder", "DIR2", "the folder they are in (default: DIR)", HS_OPTION_STRING,
         &a.review.known.folder, 0, 0},
        {"--known-rate", "R", "their share of what is shown, 0.02, until used up", HS_OPTION_REAL,
         &a.review.known.rate, 0.0001, 0.5},
        {"--debug", "DIR3", "stage pictures of annotate --debug", HS_OPTION_STRING, &a.review.debug,
         0, 0},
        {"--merge", "LOG", "add the verdicts of another log to DIR's, and end", HS_OPTION_STRING,
         &a.merge, 0, 0},
        {"--summary", NULL, "say what came out so far, and end", HS_OPTION_FLAG, &a.summary, 0, 0},
        {"--json", NULL, "the summary for programs", HS_OPTION_FLAG, &a.json, 0, 0},
    };
    int count;
    bool help;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    a.review.folder = argv[1];
    HS_TRY(check(&a));
    if (a.merge)
        HS_TRY(merge(argv[1], a.merge));
    else if (!a.summary)
        HS_TRY(serve(&a));
    if (a.summary)
        HS_TRY(summarize(argv[1], a.json));
exit:
    return hs_exit_status(status);
}
