#include "eval/frame_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

hs_frame_name hs_frame_name_from(const char *source)
{
    static const char folder[] = "images/", suffix[] = ".png";
    hs_frame_name name;
    if (strncmp(source, folder, sizeof folder - 1) == 0)
        source += sizeof folder - 1;
    snprintf(name.text, sizeof name.text, "%s", source);
    size_t length = strlen(name.text), end = sizeof suffix - 1;
    if (length > end && strcmp(name.text + length - end, suffix) == 0)
        name.text[length - end] = 0;
    for (char *c = name.text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-+", *c))
            *c = '_';
    if (name.text[0] == '.')
        name.text[0] = '_';
    return name;
}

hs_frame_name hs_frame_name_of(const hs_frame_info *frame)
{
    if (frame->source && frame->source[0])
        return hs_frame_name_from(frame->source);
    hs_frame_name name;
    snprintf(name.text, sizeof name.text, "user-%d.%08d", frame->subject, frame->number);
    return name;
}
