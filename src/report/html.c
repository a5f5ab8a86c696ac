#include "report/html.h"

#include <string.h>

void hs_html_text(FILE *file, const char *text)
{
    for (const char *c = text; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (*c == '&')
            fputs("&amp;", file);
        else if (*c == '<')
            fputs("&lt;", file);
        else if (*c == '>')
            fputs("&gt;", file);
        else if (*c == '"')
            fputs("&quot;", file);
        else if (*c == '\'')
            fputs("&#39;", file);
        else if ((byte < 32 && !strchr("\t\n\r", *c)) || byte == 127)
            fputc('?', file);
        else
            fputc(*c, file);
    }
}

size_t hs_html_length(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80; /* not the second or later byte of one */
    return n;
}

void hs_html_base64(FILE *file, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < n ? bytes[i + 2] : 0);
        fputc(digits[three >> 18], file);
        fputc(digits[three >> 12 & 63], file);
        fputc(i + 1 < n ? digits[three >> 6 & 63] : '=', file);
        fputc(i + 2 < n ? digits[three & 63] : '=', file);
    }
}

void hs_html_png(FILE *file, const uint8_t *png, size_t n, int width, int height, const char *alt)
{
    fprintf(file, "<img width=\"%d\" height=\"%d\" alt=\"", width, height);
    hs_html_text(file, alt);
    fputs("\" src=\"data:image/png;base64,", file);
    hs_html_base64(file, png, n);
    fputs("\">", file);
}
