/* Parts of an HTML page that stands alone: text that cannot become markup, pictures within it. */
#ifndef HS_REPORT_HTML_H
#define HS_REPORT_HTML_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes text for an element or a quoted attribute: & < > " ' escaped; bytes below 32 that are no
 * white space, which HTML forbids, become '?'. UTF-8 passes through. */
void hs_html_text(FILE *file, const char *text);

/* Characters of UTF-8 text. */
size_t hs_html_length(const char *text);

/* Writes bytes[n] in base64 (RFC 4648, with padding, without line breaks). */
void hs_html_base64(FILE *file, const uint8_t *bytes, size_t n);

/* An <img> whose bytes, a PNG, are in the page. */
void hs_html_png(FILE *file, const uint8_t *png, size_t n, int width, int height, const char *alt);

#endif
