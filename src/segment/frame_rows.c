#include "segment/frame_rows.h"

#include "base/text.h"
#include "eval/frame_name.h"
#include "report/table.h"
#include <math.h>

hs_status hs_frame_rows_open(hs_new_file *rows, const char *path, const char *const *labels,
                             int classes, const char *more)
{
    /* Its header is that of a table without rows. */
    hs_table header = hs_table_make("frames", "");
    hs_status status;
    HS_TRY(hs_new_file_open(rows, path));
    hs_table_text_column(&header, "frame", "");
    hs_table_number_column(&header, "subject", "", 0, 1);
    for (int c = 0; c < classes; c++)
        hs_table_number_column(&header, hs_arena_format(&header.arena, "iou_%s", labels[c]), "", 0,
                               1);
    hs_table_number_column(&header, "miou", "", 0, 1);
    if (more)
        hs_table_number_column(&header, more, "", 0, 1);
    hs_tables_write(&header, 1, HS_TABLE_CSV, rows->file);
exit:
    hs_table_free(&header);
    return status;
}

static void write_number(FILE *file, double value)
{
    fputc(',', file);
    if (!isnan(value))
        hs_write_real(file, value);
}

void hs_frame_rows_add(FILE *file, const hs_frame_info *frame, const hs_metrics *metrics,
                       const double *more)
{
    fprintf(file, "%s,%d", hs_frame_name_of(frame).text, frame->subject);
    for (int c = 0; c < metrics->classes; c++)
        write_number(file, metrics->of[c].iou);
    write_number(file, metrics->hands.iou);
    if (more)
        write_number(file, *more);
    fputc('\n', file);
}
