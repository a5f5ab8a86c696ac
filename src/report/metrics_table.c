#include "report/metrics_table.h"

static void class_row(hs_table *table, const char *name, const hs_class_metrics *of, bool ruled)
{
    hs_row *row = hs_table_row(table);
    row->ruled = ruled;
    row->cells[0].text = hs_arena_string(&table->arena, name);
    row->cells[1].number = of->iou;
    row->cells[2].number = of->iou_binary_mean;
    row->cells[3].number = of->precision;
    row->cells[4].number = of->recall;
    row->cells[5].number = (double)of->pixels;
}

hs_table hs_metrics_class_table(const hs_metrics *metrics, const char *const *names,
                                const char *title)
{
    hs_table table = hs_table_make("classes", title);
    hs_table_text_column(&table, "class", "class");
    hs_table_number_column(&table, "iou", "IoU %", 2, 100);
    hs_table_number_column(&table, "iou_binary_mean", "IoU (binary mean) %", 2, 100);
    hs_table_number_column(&table, "precision", "precision %", 2, 100);
    hs_table_number_column(&table, "recall", "recall %", 2, 100);
    hs_table_number_column(&table, "pixels", "pixels", 0, 1);
    for (int c = metrics->classes - 1; c >= 0; c--)
        class_row(&table, names[c], &metrics->of[c], false);
    class_row(&table, "mean of hands", &metrics->hands, true);
    class_row(&table, "mean of all", &metrics->all, false);
    return table;
}

hs_table hs_metrics_model_table(const char *const *names, int classes, const char *title)
{
    static const char *const figures[][2] = {
        {"iou", "IoU"}, {"precision", "prec."}, {"recall", "recall"}};
    hs_table table = hs_table_make("models", title);
    hs_table_text_column(&table, "model", "model");
    hs_table_number_column(&table, "miou", "mIoU", 1, 100);
    hs_table_number_column(&table, "miou_binary_mean", "mIoU (b. mean)", 1, 100);
    hs_table_number_column(&table, "miou_all", "mIoU (all)", 1, 100);
    hs_table_number_column(&table, "accuracy", "accuracy", 1, 100);
    for (int figure = 0; figure < 3; figure++)
        for (int c = classes - 1; c >= 0; c--) {
            const char *key = hs_arena_format(&table.arena, "%s_%s", figures[figure][0], names[c]);
            const char *header =
                hs_arena_format(&table.arena, "%s %s", figures[figure][1], names[c]);
            hs_table_number_column(&table, key, header, 1, 100);
        }
    return table;
}

void hs_metrics_model_row(hs_table *table, const char *model, const hs_metrics *metrics)
{
    hs_cell *cells = hs_table_row(table)->cells;
    cells[0].text = hs_arena_string(&table->arena, model);
    cells[1].number = metrics->hands.iou;
    cells[2].number = metrics->hands.iou_binary_mean;
    cells[3].number = metrics->all.iou;
    cells[4].number = metrics->accuracy;
    hs_cell *iou = cells + 5, *precision = iou + metrics->classes;
    hs_cell *recall = precision + metrics->classes;
    for (int c = metrics->classes - 1; c >= 0; c--) {
        (iou++)->number = metrics->of[c].iou;
        (precision++)->number = metrics->of[c].precision;
        (recall++)->number = metrics->of[c].recall;
    }
}
