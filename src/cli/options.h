/* Command lines: one table of options a command, from which parsing, --help and errors come. */
#ifndef HS_CLI_OPTIONS_H
#define HS_CLI_OPTIONS_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>

/* The commands: each returns the exit status of the program. */
#define HS_COMMAND(name, summary) int hs_command_##name(int argc, char **argv);
#include "cli/commands.def"
#undef HS_COMMAND

typedef enum hs_option_type {
    HS_OPTION_FLAG,    /* bool *: set to true */
    HS_OPTION_STRING,  /* const char **: points into argv */
    HS_OPTION_INTEGER, /* int64_t *: within [low, high] */
    HS_OPTION_REAL,    /* double *: within [low, high] */
    HS_OPTION_LIST,    /* hs_option_list *: the option may be repeated */
} hs_option_type;

enum { HS_OPTION_LIST_MAX = 64 };
typedef struct hs_option_list {
    const char *items[HS_OPTION_LIST_MAX];
    int count;
} hs_option_list;

typedef struct hs_option {
    const char *name;     /* "--frames" */
    const char *argument; /* "N", NULL for a flag */
    const char *help;
    hs_option_type type;
    void *value;      /* holds the default on entry */
    double low, high; /* numbers only; both 0: unbounded */
} hs_option;

/* What `handseg COMMAND --help` prints besides the options. */
typedef struct hs_usage {
    const char *command;   /* "pack" */
    const char *arguments; /* "DIR --out F.h5 [options]" */
    const char *text;      /* one paragraph */
    const char *example;   /* a command line that works */
    int least, most;       /* number of positional arguments; most < 0: any number */
} hs_usage;

/* Parses argv[1..]: options anywhere, `--name value` or `--name=value`, `--` ends them. Positional
 * arguments are moved to argv[1] and up, their number stored in *count. With --help, prints the
 * usage to stdout and sets *help; the command then returns 0. Errors are HS_ERR_USAGE. */
hs_status hs_options_parse(const hs_usage *usage, const hs_option *options, int n, int argc,
                           char **argv, int *count, bool *help);

/* Prints this thread's error to stderr, "handseg: MESSAGE" and the hint on a line of its own, and
 * returns the exit status of `status`. Prints nothing for HS_OK. */
int hs_exit_status(hs_status status);

#endif
