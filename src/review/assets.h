/* The files of the page, built into the program. */
#ifndef HS_REVIEW_ASSETS_H
#define HS_REVIEW_ASSETS_H

#include <stddef.h>

typedef struct hs_asset {
    const char *path, *type; /* "/page.css", "text/css; charset=utf-8" */
    const unsigned char *bytes;
    size_t size;
} hs_asset;

/* The file served at this path, or NULL. */
const hs_asset *hs_asset_find(const char *path);

#endif
