/* handseg COMMAND: finds the command and runs it. */
#include "base/text.h"
#include "cli/options.h"
#include "handseg/version.h"
#include "io/file.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
#define HS_COMMAND(name, summary) {#name, summary, hs_command_##name},
#include "cli/commands.def"
#undef HS_COMMAND
    {NULL, NULL, NULL},
};

enum { COMMANDS = sizeof commands / sizeof *commands - 1 };

static void print_help(void)
{
    printf(
        "handseg %s: hands segmented from depth images\n\nusage: handseg COMMAND [arguments]\n\n",
        hs_version());
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    printf("\n`handseg COMMAND --help` shows the options of a command and an example.\n");
}

static int run(int argc, char **argv)
{
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        print_help();
        return argc < 2 ? 2 : 0;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("handseg %s\n", hs_version());
        return 0;
    }
    for (int i = 0; i < COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    const char *names[COMMANDS + 1] = {NULL};
    for (int i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    char hint[512];
    hs_hint_names(argv[1], names, COMMANDS, hint, sizeof hint);
    return hs_exit_status(hs_error(HS_ERR_USAGE, hint, "unknown command '%s'", argv[1]));
}

/* A table cut short by a full disk is no result. Only a failure of the last part has a reason. */
static int check_output(int exit_status)
{
    int err = fflush(stdout) != 0 ? errno : 0;
    if (exit_status != 0 || (!err && !ferror(stdout)))
        return exit_status;
    return hs_exit_status(err ? hs_file_write_error("standard output", err)
                              : hs_error(HS_ERR_IO, "write elsewhere, where there is room",
                                         "standard output: cannot write all of it"));
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* over the limit of a file's size writes fail instead, with EFBIG */
    return check_output(run(argc, argv));
}
