/* Line charts as inline SVG: no files, no scripts; sizes and colours are those of report/page.css.
 */
#ifndef HS_REPORT_CHART_H
#define HS_REPORT_CHART_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* One line of a chart: n points in ascending order of x, all numbers finite. */
typedef struct hs_curve {
    const char *label;
    double *x, *y; /* [n] */
    uint32_t n;
} hs_curve;

typedef struct hs_chart {
    const char *title, *x_label;
    const char *const *classes; /* [n] of CSS: "c0" is the colour of label 0 */
    const hs_curve *curves;     /* [n] */
    int n;
    bool dots;        /* mark the points */
    bool diagonal;    /* x goes from low to high as y does, with the line y = x */
    bool logarithmic; /* y, whose axis then covers all points above 0; low and high are not read */
    double low, high; /* of y; x goes from 0 to the last point */
} hs_chart;

/* Writes the chart. Curves of more points than it has columns are drawn as means of neighbours. */
void hs_chart_write(FILE *file, const hs_chart *chart);

/* Where an axis from low < high has its marks: whole multiples of the least of 1, 2, 2.5 and 5
 * times a power of ten that makes at most seven. Stores them in marks[] and returns their number.
 */
enum { HS_CHART_MARKS = 8 };
int hs_chart_marks(double low, double high, double marks[HS_CHART_MARKS]);

/* The same of a logarithmic axis, 0 < low < high: 1, 2 and 5 times powers of ten or, where those
 * are too many, powers of ten evenly spaced. */
int hs_chart_log_marks(double low, double high, double marks[HS_CHART_MARKS]);

#endif
