#include "cli/options.h"

#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 48 };

int hs_exit_status(hs_status status)
{
    if (status == HS_OK)
        return 0;
    fprintf(stderr, "handseg: %s\n", hs_error_message());
    if (hs_error_hint()[0])
        fprintf(stderr, "    hint: %s\n", hs_error_hint());
    return hs_status_exit(status);
}

static void print_help(const hs_usage *usage, const hs_option *options, int n)
{
    printf("usage: handseg %s %s\n\n%s\n\noptions:\n", usage->command, usage->arguments,
           usage->text);
    for (int i = 0; i < n; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", options[i].name, options[i].argument ? " " : "",
                 options[i].argument ? options[i].argument : "");
        printf("  %-24s %s\n", left, options[i].help);
    }
    printf("  %-24s %s\n\nexample:\n  %s\n", "--help", "this text", usage->example);
}

static hs_status parse_number(const hs_usage *usage, const hs_option *option, const char *text)
{
    char *end;
    errno = 0;
    bool integer = option->type == HS_OPTION_INTEGER;
    long long whole = integer ? strtoll(text, &end, 10) : 0;
    double value = integer ? (double)whole : strtod(text, &end);
    if (end == text || *end || errno || value != value)
        return hs_error(HS_ERR_USAGE, NULL, "%s: %s: got '%s', expected %s", usage->command,
                        option->name, text, integer ? "a whole number" : "a number");
    bool bounded = option->low != 0 || option->high != 0;
    if (bounded && (value < option->low || value > option->high))
        return hs_error(HS_ERR_USAGE, NULL, "%s: %s: got %s, expected %g to %g", usage->command,
                        option->name, text, option->low, option->high);
    if (integer)
        *(int64_t *)option->value = whole;
    else
        *(double *)option->value = value;
    return HS_OK;
}

static hs_status set_option(const hs_usage *usage, const hs_option *option, const char *text)
{
    switch (option->type) {
    case HS_OPTION_FLAG:
        *(bool *)option->value = true;
        return HS_OK;
    case HS_OPTION_STRING:
        *(const char **)option->value = text;
        return HS_OK;
    case HS_OPTION_LIST: {
        hs_option_list *list = option->value;
        if (list->count == HS_OPTION_LIST_MAX)
            return hs_error(HS_ERR_USAGE, NULL, "%s: %s: got more than %d, expected fewer",
                            usage->command, option->name, HS_OPTION_LIST_MAX);
        list->items[list->count++] = text;
        return HS_OK;
    }
    case HS_OPTION_INTEGER:
    case HS_OPTION_REAL:
        return parse_number(usage, option, text);
    }
    return HS_OK;
}

static hs_status unknown_option(const hs_usage *usage, const hs_option *options, int n,
                                const char *word)
{
    const char *names[MAX_OPTIONS] = {"--help"};
    char hint[512];
    int count = 1;
    for (int i = 0; i < n && count < MAX_OPTIONS; i++)
        names[count++] = options[i].name;
    hs_hint_names(word, names, count, hint, sizeof hint);
    return hs_error(HS_ERR_USAGE, hint, "%s: unknown option '%s'", usage->command, word);
}

static hs_status parse_option(const hs_usage *usage, const hs_option *options, int n, char **argv,
                              int argc, int *at)
{
    const char *word = argv[*at], *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    for (int i = 0; i < n; i++) {
        const hs_option *option = &options[i];
        if (strlen(option->name) != length || strncmp(option->name, word, length) != 0)
            continue;
        if (option->type == HS_OPTION_FLAG) {
            if (equals)
                return hs_error(HS_ERR_USAGE, NULL, "%s: %s: got a value, expected none",
                                usage->command, option->name);
            return set_option(usage, option, NULL);
        }
        if (!equals && *at + 1 >= argc)
            return hs_error(HS_ERR_USAGE, NULL, "%s: %s: got nothing, expected %s", usage->command,
                            option->name, option->argument);
        return set_option(usage, option, equals ? equals + 1 : argv[++*at]);
    }
    return unknown_option(usage, options, n, word);
}

hs_status hs_options_parse(const hs_usage *usage, const hs_option *options, int n, int argc,
                           char **argv, int *count, bool *help)
{
    *count = 0;
    *help = false;
    bool ended = false;
    for (int i = 1; i < argc; i++) {
        bool option = !ended && argv[i][0] == '-' && argv[i][1];
        if (option && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (option && (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))) {
            print_help(usage, options, n);
            *help = true;
            return HS_OK;
        } else if (option) {
            hs_status status = parse_option(usage, options, n, argv, argc, &i);
            if (status != HS_OK)
                return status;
        } else {
            argv[1 + (*count)++] = argv[i];
        }
    }
    if (*count < usage->least || (usage->most >= 0 && *count > usage->most))
        return hs_error(HS_ERR_USAGE, usage->example,
                        "%s: got %d arguments, expected: handseg %s %s", usage->command, *count,
                        usage->command, usage->arguments);
    return HS_OK;
}
