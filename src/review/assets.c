#include "review/assets.h"

#include <string.h>

/* Each .inc is the bytes of a file as numbers, made by the Makefile. */
static const unsigned char html[] = {
#include "review/page.html.inc"
};
static const unsigned char css[] = {
#include "review/page.css.inc"
};
static const unsigned char script[] = {
#include "review/page.js.inc"
};

static const unsigned char keys[] = {
#include "review/keys.js.inc"
};

static const hs_asset assets[] = {
    {"/", "text/html; charset=utf-8", html, sizeof html},
    {"/page.css", "text/css; charset=utf-8", css, sizeof css},
    {"/page.js", "text/javascript; charset=utf-8", script, sizeof script},
    {"/keys.js", "text/javascript; charset=utf-8", keys, sizeof keys},
};

const hs_asset *hs_asset_find(const char *path)
{
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++)
        if (strcmp(path, assets[i].path) == 0)
            return &assets[i];
    return NULL;
}
