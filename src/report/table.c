#include "report/table.h"

#include "base/text.h"
#include <assert.h>
#include <math.h>
#include <string.h>

enum { CELL_SIZE = 512 }; /* bytes of a cell as people see it; longer text is cut */

static const char *const format_names[] = {
    [HS_TABLE_TEXT] = "text",         [HS_TABLE_CSV] = "csv",     [HS_TABLE_JSON] = "json",
    [HS_TABLE_MARKDOWN] = "markdown", [HS_TABLE_LATEX] = "latex",
};
enum { FORMATS = sizeof format_names / sizeof *format_names };

hs_status hs_table_format_of(const char *name, hs_table_format *format)
{
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(name, format_names[i]) == 0) {
            *format = (hs_table_format)i;
            return HS_OK;
        }
    char hint[256];
    hs_hint_names(name, format_names, FORMATS, hint, sizeof hint);
    return hs_error(HS_ERR_USAGE, hint, "format: got '%s', expected the name of a table format",
                    name);
}

/* ---- building ---------------------------------------------------------------------------------
 */

hs_table hs_table_make(const char *key, const char *title)
{
    hs_table table = {0};
    table.key = hs_arena_string(&table.arena, key);
    table.title = hs_arena_string(&table.arena, title);
    return table;
}

static void add_column(hs_table *table, hs_column column)
{
    assert(table->column_count < HS_TABLE_COLUMNS && !table->rows);
    column.key = hs_arena_string(&table->arena, column.key);
    column.header = hs_arena_string(&table->arena, column.header);
    table->columns[table->column_count++] = column;
}

void hs_table_text_column(hs_table *table, const char *key, const char *header)
{
    add_column(table, (hs_column){key, header, -1, 1});
}

void hs_table_number_column(hs_table *table, const char *key, const char *header, int decimals,
                            double scale)
{
    add_column(table, (hs_column){key, header, decimals, scale});
}

hs_row *hs_table_row(hs_table *table)
{
    size_t cells = (size_t)table->column_count * sizeof(hs_cell);
    hs_row **last = &table->rows, *row = hs_arena_take(&table->arena, sizeof *row + cells);
    while (*last)
        last = &(*last)->next;
    *last = row;
    for (int c = 0; c < table->column_count; c++)
        row->cells[c] = (hs_cell){NULL, NAN};
    return row;
}

void hs_table_free(hs_table *table)
{
    hs_arena_free(&table->arena);
    table->rows = NULL;
}

/* ---- for people: cells as text, escaped, padded -----------------------------------------------
 */

/* What differs between the formats people read. */
typedef struct dialect {
    const char *special;                   /* characters that need care */
    const char *(*escape)(char character); /* what stands for one of them */
    const char *begin, *between, *end;     /* of a row */
} dialect;

static const char *escape_markdown(char character)
{
    switch (character) {
    case '|':
        return "\\|";
    case '*':
        return "\\*";
    case '_':
        return "\\_";
    case '`':
        return "\\`";
    case '<':
        return "&lt;";
    case '\\':
        return "\\\\";
    default:
        return " "; /* a line break would end the table */
    }
}

static const char *escape_latex(char character)
{
    switch (character) {
    case '\\':
        return "\\textbackslash{}";
    case '~':
        return "\\textasciitilde{}";
    case '^':
        return "\\textasciicircum{}";
    case '<':
        return "\\textless{}";
    case '>':
        return "\\textgreater{}";
    case '|':
        return "\\textbar{}";
    case '&':
        return "\\&";
    case '%':
        return "\\%";
    case '$':
        return "\\$";
    case '#':
        return "\\#";
    case '_':
        return "\\_";
    case '{':
        return "\\{";
    case '}':
        return "\\}";
    default:
        return " ";
    }
}

static const char *escape_text(char character)
{
    (void)character;
    return " ";
}

static const dialect text_dialect = {"\n\r\t", escape_text, "", "  ", ""};
static const dialect markdown_dialect = {"|*_`<\\\n\r\t", escape_markdown, "| ", " | ", " |"};
static const dialect latex_dialect = {"\\~^<>|&%$#_{}\n\r\t", escape_latex, "  ", " & ", " \\\\"};

static void escape(const dialect *d, const char *from, char text[CELL_SIZE])
{
    size_t used = 0;
    for (; *from; from++) {
        char plain[2] = {*from};
        const char *piece = strchr(d->special, *from) ? d->escape(*from) : plain;
        size_t length = strlen(piece);
        if (used + length >= CELL_SIZE)
            break;
        memcpy(text + used, piece, length);
        used += length;
    }
    text[used] = 0;
}

static void show_cell(const dialect *d, const hs_column *column, const hs_cell *cell,
                      char text[CELL_SIZE])
{
    if (column->decimals < 0)
        escape(d, cell->text ? cell->text : "-", text);
    else if (isnan(cell->number))
        strcpy(text, "-");
    else
        snprintf(text, CELL_SIZE, "%.*f", column->decimals, cell->number * column->scale);
}

/* Characters, not bytes: continuation bytes of UTF-8 take no place. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += (*text & 0xC0) != 0x80;
    return width;
}

static void measure(const hs_table *table, const dialect *d, int widths[HS_TABLE_COLUMNS])
{
    char text[CELL_SIZE];
    for (int c = 0; c < table->column_count; c++) {
        const hs_column *column = &table->columns[c];
        escape(d, column->header, text);
        widths[c] = width_of(text);
        for (const hs_row *row = table->rows; row; row = row->next) {
            show_cell(d, column, &row->cells[c], text);
            widths[c] = width_of(text) > widths[c] ? width_of(text) : widths[c];
        }
    }
}

/* A row of cells, or, where `row` is NULL, of headers: text to the left, numbers to the right. */
static void write_row(const hs_table *table, const dialect *d, const int *widths, const hs_row *row,
                      FILE *file)
{
    fputs(d->begin, file);
    for (int c = 0; c < table->column_count; c++) {
        const hs_column *column = &table->columns[c];
        char text[CELL_SIZE];
        if (row)
            show_cell(d, column, &row->cells[c], text);
        else
            escape(d, column->header, text);
        bool left = column->decimals < 0, last = c + 1 == table->column_count && !*d->end;
        int blanks = widths[c] - width_of(text);
        fprintf(file, "%s%*s%s%*s", c ? d->between : "", left ? 0 : blanks, "", text,
                left && !last ? blanks : 0, "");
    }
    fprintf(file, "%s\n", d->end);
}

static void write_text(const hs_table *table, FILE *file)
{
    int widths[HS_TABLE_COLUMNS], total = 0;
    measure(table, &text_dialect, widths);
    for (int c = 0; c < table->column_count; c++)
        total += widths[c] + (c ? 2 : 0);
    fprintf(file, "%s\n\n", table->title);
    write_row(table, &text_dialect, widths, NULL, file);
    for (const hs_row *row = table->rows; row; row = row->next) {
        for (int i = 0; (row == table->rows || row->ruled) && i <= total; i++)
            fputc(i < total ? '-' : '\n', file);
        write_row(table, &text_dialect, widths, row, file);
    }
}

static void write_markdown(const hs_table *table, FILE *file)
{
    int widths[HS_TABLE_COLUMNS];
    char title[CELL_SIZE];
    measure(table, &markdown_dialect, widths);
    escape(&markdown_dialect, table->title, title);
    fprintf(file, "**%s**\n\n", title);
    write_row(table, &markdown_dialect, widths, NULL, file);
    for (int c = 0; c < table->column_count; c++) {
        bool left = table->columns[c].decimals < 0;
        fputc('|', file);
        fputc(left ? ':' : '-', file);
        for (int i = 0; i < widths[c]; i++)
            fputc('-', file);
        fputc(left ? '-' : ':', file);
    }
    fputs("|\n", file);
    for (const hs_row *row = table->rows; row; row = row->next)
        write_row(table, &markdown_dialect, widths, row, file);
}

static void write_latex(const hs_table *table, FILE *file)
{
    int widths[HS_TABLE_COLUMNS];
    char title[CELL_SIZE];
    measure(table, &latex_dialect, widths);
    escape(&latex_dialect, table->title, title);
    fprintf(file, "\\begin{table}\n\\centering\n\\caption{%s}\n\\begin{tabular}{", title);
    for (int c = 0; c < table->column_count; c++)
        fputc(table->columns[c].decimals < 0 ? 'l' : 'r', file);
    fputs("}\n\\hline\n", file);
    write_row(table, &latex_dialect, widths, NULL, file);
    for (const hs_row *row = table->rows; row; row = row->next) {
        if (row == table->rows || row->ruled)
            fputs("\\hline\n", file);
        write_row(table, &latex_dialect, widths, row, file);
    }
    fputs("\\hline\n\\end{tabular}\n\\end{table}\n", file);
}

/* ---- for programs -----------------------------------------------------------------------------
 */

static void write_csv_text(const char *text, FILE *file)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++)
        fprintf(file, "%s%c", *text == '"' ? "\"" : "", *text);
    fputc('"', file);
}

static void write_csv(const hs_table *table, FILE *file)
{
    for (int c = 0; c < table->column_count; c++) {
        fputs(c ? "," : "", file);
        write_csv_text(table->columns[c].key, file);
    }
    fputc('\n', file);
    for (const hs_row *row = table->rows; row; row = row->next) {
        for (int c = 0; c < table->column_count; c++) {
            const hs_cell *cell = &row->cells[c];
            fputs(c ? "," : "", file);
            if (table->columns[c].decimals < 0)
                write_csv_text(cell->text ? cell->text : "", file);
            else if (isfinite(cell->number))
                hs_write_real(file, cell->number);
        }
        fputc('\n', file);
    }
}

static void write_json_row(hs_json *json, const hs_table *table, const hs_row *row)
{
    hs_json_open(json, NULL, '{');
    for (int c = 0; c < table->column_count; c++) {
        const hs_column *column = &table->columns[c];
        if (column->decimals < 0 && row->cells[c].text)
            hs_json_string(json, column->key, row->cells[c].text);
        else
            hs_json_number(json, column->key, row->cells[c].number); /* null where nothing */
    }
    hs_json_close(json, '}');
}

static void write_json(const hs_table *tables, int n, FILE *file)
{
    hs_json json = hs_json_start(file);
    hs_json_open(&json, NULL, '{');
    for (int i = 0; i < n; i++) {
        hs_json_open(&json, tables[i].key, '[');
        for (const hs_row *row = tables[i].rows; row; row = row->next)
            write_json_row(&json, &tables[i], row);
        hs_json_close(&json, ']');
    }
    hs_json_close(&json, '}');
}

void hs_tables_write(const hs_table *tables, int n, hs_table_format format, FILE *file)
{
    static void (*const writers[FORMATS])(const hs_table *, FILE *) = {
        [HS_TABLE_TEXT] = write_text,
        [HS_TABLE_CSV] = write_csv,
        [HS_TABLE_MARKDOWN] = write_markdown,
        [HS_TABLE_LATEX] = write_latex,
    };
    if (format == HS_TABLE_JSON) {
        write_json(tables, n, file);
        return;
    }
    for (int i = 0; i < n; i++) {
        fputs(i ? "\n" : "", file);
        writers[format](&tables[i], file);
    }
}
