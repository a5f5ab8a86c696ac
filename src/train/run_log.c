#include "train/run_log.h"

#include "io/file.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 4096 };

static void write_header(FILE *file, const char *columns, const char *const *labels, int classes)
{
    fprintf(file, "%s,val_miou", columns);
    for (int c = 0; c < classes; c++)
        fprintf(file, ",val_iou_%s", labels[c]);
    fputc('\n', file);
}

/* Copies header and rows up to `step`; a last line without its end was cut by a kill. */
static void copy_rows(FILE *from, FILE *to, int64_t step)
{
    char line[LINE];
    bool header = true;
    while (fgets(line, sizeof line, from)) {
        bool whole = strchr(line, '\n') != NULL;
        if (whole && (header || strtoll(line, NULL, 10) <= step))
            fputs(line, to);
        header = false;
    }
}

static hs_status rewrite(const char *path, int64_t step, const char *columns,
                         const char *const *labels, int classes)
{
    hs_new_file to = {0};
    FILE *from = step > 0 ? fopen(path, "r") : NULL;
    hs_status status;
    HS_TRY(hs_new_file_open(&to, path));
    if (from)
        copy_rows(from, to.file, step);
    if (ftell(to.file) == 0)
        write_header(to.file, columns, labels, classes);
    HS_TRY(hs_new_file_commit(&to));
exit:
    if (from)
        fclose(from);
    hs_new_file_drop(&to);
    return status;
}

hs_status hs_run_log_open(hs_run_log *log, const char *folder, int64_t step, const char *columns,
                          const char *const *labels, int classes)
{
    hs_status status = HS_OK;
    size_t size = strlen(folder) + sizeof "/log.csv";
    *log = (hs_run_log){.path = malloc(size), .classes = classes};
    if (!log->path)
        return hs_error(HS_ERR_MEMORY, NULL, "log: out of memory");
    snprintf(log->path, size, "%s/log.csv", folder);
    HS_TRY(rewrite(log->path, step, columns, labels, classes));
    log->file = fopen(log->path, "a");
    if (!log->file)
        status = hs_file_write_error(log->path, errno);
exit:
    if (status != HS_OK)
        hs_run_log_close(log);
    return status;
}

/* Nothing for what is not known. */
static void write_number(FILE *file, double value)
{
    if (isnan(value))
        fputc(',', file);
    else
        fprintf(file, ",%.9g", value);
}

hs_status hs_run_log_write(hs_run_log *log, const hs_log_row *row)
{
    const hs_metrics *m = row->validation;
    FILE *file = log->file;
    fprintf(file, "%lld,%lld", (long long)row->step, (long long)row->epoch);
    write_number(file, row->rate);
    write_number(file, row->loss);
    write_number(file, row->gradient_norm);
    fprintf(file, ",%.3f,%.4f", row->images_per_s, row->wait);
    write_number(file, m ? row->validation_loss : NAN);
    return hs_run_log_end_row(log, m);
}

hs_status hs_run_log_end_row(hs_run_log *log, const hs_metrics *m)
{
    FILE *file = log->file;
    write_number(file, m ? m->hands.iou : NAN);
    for (int c = 0; c < log->classes; c++)
        write_number(file, m ? m->of[c].iou : NAN);
    fputc('\n', file);
    if (fflush(file) != 0 || ferror(file))
        return hs_file_write_error(log->path, errno);
    return HS_OK;
}

void hs_run_log_close(hs_run_log *log)
{
    if (log->file)
        fclose(log->file);
    free(log->path);
    *log = (hs_run_log){0};
}
