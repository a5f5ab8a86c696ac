#include "studio/debug_frames.h"

#include <stdio.h>
#include <string.h>

/* One item: frames first..last of a subject, 0 for all of them. */
typedef struct item {
    int subject, first, last;
} item;

/* Reads the item at *text and moves past it and the comma. */
static bool next_item(const char **text, item *out)
{
    int end = 0;
    *out = (item){0};
    if (sscanf(*text, "user-%9d.%9d%n", &out->subject, &out->first, &end) == 2 && end) {
        out->last = out->first;
    } else {
        int more = 0;
        if (sscanf(*text, "%9d%n", &out->first, &end) != 1 || (*text)[0] == '-')
            return false;
        out->last = out->first;
        if (sscanf(*text + end, "-%9d%n", &out->last, &more) == 1)
            end += more;
    }
    *text += end;
    if (**text != 0 && **text != ',')
        return false;
    *text += **text == ',';
    return out->first <= out->last;
}

hs_status hs_debug_frames_check(const char *list)
{
    const char *text = list;
    item one;
    do {
        if (!next_item(&text, &one))
            return hs_error(HS_ERR_USAGE, NULL,
                            "annotate: --frames: got '%s', expected names, numbers and ranges of "
                            "them such as user-1.00000003,7,20-30",
                            list);
    } while (*text);
    return HS_OK;
}

bool hs_debug_frames_has(const char *list, const hs_frame_task *task)
{
    item one;
    while (list && *list && next_item(&list, &one))
        if ((one.subject == 0 || one.subject == task->subject) && task->number >= one.first &&
            task->number <= one.last)
            return true;
    return !list;
}
