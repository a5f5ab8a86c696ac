#include "train/run_curves.h"

#include "data/csv.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static hs_status append(hs_curve *curve, double x, double y)
{
    if ((curve->n & (curve->n - 1)) == 0) { /* full at powers of two */
        size_t room = curve->n ? 2 * (size_t)curve->n : 1;
        double *xs = realloc(curve->x, room * sizeof *xs);
        curve->x = xs ? xs : curve->x;
        double *ys = realloc(curve->y, room * sizeof *ys);
        curve->y = ys ? ys : curve->y;
        if (!xs || !ys)
            return hs_error(HS_ERR_MEMORY, NULL, "log: out of memory");
    }
    curve->x[curve->n] = x;
    curve->y[curve->n++] = y;
    return HS_OK;
}

static hs_status read_number(const hs_csv *csv, int column, double *value)
{
    const char *text = csv->fields[column];
    char *end;
    *value = *text ? strtod(text, &end) : NAN;
    if (*text && (end == text || *end))
        return hs_error(HS_ERR_FORMAT, NULL, "%s:%lld: %s: got '%s', expected a number", csv->path,
                        (long long)csv->line, csv->names[column], text);
    return HS_OK;
}

/* Nothing, where the field is empty or says inf or nan. */
static hs_status read_point(const hs_csv *csv, int column, double step, hs_curve *curve)
{
    double value;
    hs_status status = read_number(csv, column, &value);
    return status == HS_OK && isfinite(value) ? append(curve, step, value) : status;
}

static hs_status read_rows(hs_csv *csv, const int *columns, int step, int loss, hs_run_curves *c)
{
    bool more;
    hs_status status;
    double before = -HUGE_VAL;
    for (;;) {
        double at;
        HS_TRY(hs_csv_next(csv, &more));
        if (!more)
            break;
        HS_TRY(read_number(csv, step, &at));
        if (!(at > before) || !isfinite(at))
            HS_TRY(hs_error(HS_ERR_FORMAT, NULL, "%s:%lld: step: got '%s', expected one after %g",
                            csv->path, (long long)csv->line, csv->fields[step], before));
        before = at;
        c->rows++;
        if (loss >= 0)
            HS_TRY(read_point(csv, loss, at, &c->loss));
        for (int i = 0; i < c->classes; i++)
            HS_TRY(read_point(csv, columns[i], at, &c->iou[i]));
    }
exit:
    return status;
}

/* A forest has no loss: nor has its log. */
static int find_loss(const hs_csv *csv)
{
    for (int i = 0; i < csv->columns; i++)
        if (strcmp(csv->names[i], "loss") == 0)
            return i;
    return -1;
}

hs_status hs_run_curves_read(const char *path, const char *const *labels, int classes,
                             hs_run_curves *c)
{
    hs_csv csv = {.whole = true};
    int step, columns[HS_RUN_CURVES_MAX];
    hs_status status;
    assert(classes <= HS_RUN_CURVES_MAX);
    c->classes = classes;
    c->loss.label = "training loss";
    HS_TRY(hs_csv_open(&csv, path));
    HS_TRY(hs_csv_column(&csv, "step", &step));
    for (int i = 0; i < classes; i++) {
        char name[256];
        snprintf(name, sizeof name, "val_iou_%s", labels[i]);
        c->iou[i].label = labels[i];
        HS_TRY(hs_csv_column(&csv, name, &columns[i]));
    }
    HS_TRY(read_rows(&csv, columns, step, find_loss(&csv), c));
    c->cut = csv.cut;
exit:
    hs_csv_close(&csv);
    return status;
}

void hs_run_curves_free(hs_run_curves *c)
{
    free(c->loss.x);
    free(c->loss.y);
    for (int i = 0; i < c->classes; i++) {
        free(c->iou[i].x);
        free(c->iou[i].y);
    }
    *c = (hs_run_curves){0};
}
