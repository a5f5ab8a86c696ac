/* Metrics as tables. */
#ifndef HS_REPORT_METRICS_TABLE_H
#define HS_REPORT_METRICS_TABLE_H

#include "eval/metrics.h"
#include "report/table.h"

/* "classes": a row for each class, the hands first, then the means over the hands and over all
 * classes. `names`: of each class, by label. The caller frees the table. */
hs_table hs_metrics_class_table(const hs_metrics *metrics, const char *const *names,
                                const char *title);

/* "models": a row for each model in the columns of the paper's table 2: the means, then IoU,
 * precision and recall of each class. Rows are added by hs_metrics_model_row. */
hs_table hs_metrics_model_table(const char *const *names, int classes, const char *title);
void hs_metrics_model_row(hs_table *table, const char *model, const hs_metrics *metrics);

#endif
