#include "report/chart.h"

#include "report/html.h"
#include <math.h>

enum {
    WIDTH = 560,
    HEIGHT = 250,
    LEFT = 46,
    RIGHT = 16,
    TOP = 28,
    BOTTOM = 40,
    COLUMNS = 250, /* points of a curve at most */
};

/* ---- axes -------------------------------------------------------------------------------------
 */
int hs_chart_marks(double low, double high, double marks[HS_CHART_MARKS])
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    const double slack = 1e-9; /* 0.3 is not three times 0.1 */
    double least = (high - low) / (HS_CHART_MARKS - 2), unit = pow(10, floor(log10(least)));
    int i = 0, n = 0;
    while (steps[i] * unit < least * (1 - slack))
        i++;
    double step = steps[i] * unit;
    for (double k = ceil(low / step - slack); k <= high / step + slack && n < HS_CHART_MARKS; k++)
        marks[n++] = k * step + 0; /* no -0 */
    return n;
}

int hs_chart_log_marks(double low, double high, double marks[HS_CHART_MARKS])
{
    static const double steps[] = {1, 2, 5};
    const double slack = 1e-9;
    int first = (int)floor(log10(low)), last = (int)ceil(log10(high)), n = 0;
    for (int k = 3 * first; k <= 3 * last; k++) {
        double mark = steps[(k - 3 * first) % 3] * pow(10, first + (k - 3 * first) / 3);
        if (mark < low * (1 - slack) || mark > high * (1 + slack))
            continue;
        if (n == HS_CHART_MARKS) {
            n = 0;
            for (int power = first, by = (last - first) / (HS_CHART_MARKS - 2) + 1; power <= last;
                 power += by)
                if (pow(10, power) >= low * (1 - slack) && pow(10, power) <= high * (1 + slack))
                    marks[n++] = pow(10, power);
            return n;
        }
        marks[n++] = mark;
    }
    return n;
}

/* Where things lie in the picture. */
typedef struct frame {
    FILE *file;
    double x_low, x_high, low, high;
    bool logarithmic;
} frame;

static double column(const frame *f, double x)
{
    double range = f->x_high - f->x_low;
    return LEFT + (x - f->x_low) / range * (WIDTH - LEFT - RIGHT);
}

/* What lies outside of the axis is drawn at its end. */
static double row(const frame *f, double y)
{
    double share = f->logarithmic ? log(fmax(y, f->low) / f->low) / log(f->high / f->low)
                                  : (y - f->low) / (f->high - f->low);
    return HEIGHT - BOTTOM - fmin(fmax(share, 0), 1) * (HEIGHT - TOP - BOTTOM);
}

/* The greatest of 1, 2, 5 times a power of ten that is not above `value`, and the least not below.
 */
static double round_down(double value)
{
    double unit = pow(10, floor(log10(value)));
    double times = value / unit * (1 + 1e-12);
    return (times >= 5 ? 5 : times >= 2 ? 2 : 1) * unit;
}

static double round_up(double value)
{
    double unit = pow(10, floor(log10(value)));
    double times = value / unit * (1 - 1e-12);
    return (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * unit;
}

static void find_range(frame *f, const hs_chart *chart)
{
    double least = HUGE_VAL, most = 0, end = 0;
    for (int i = 0; i < chart->n; i++) {
        const hs_curve *curve = &chart->curves[i];
        for (uint32_t k = 0; k < curve->n; k++)
            if (curve->y[k] > 0) {
                least = fmin(least, curve->y[k]);
                most = fmax(most, curve->y[k]);
            }
        end = curve->n > 0 ? fmax(end, curve->x[curve->n - 1]) : end;
    }
    f->logarithmic = chart->logarithmic;
    f->low = chart->low;
    f->high = chart->high;
    if (chart->logarithmic) {
        f->low = most > 0 ? round_down(least) : 0.1;
        f->high = most > 0 ? fmax(round_up(most), 2 * f->low) : 1;
    }
    f->x_low = chart->diagonal ? f->low : 0;
    f->x_high = chart->diagonal ? f->high : end > 0 ? end : 1;
}

static void draw_axes(const frame *f, const hs_chart *chart)
{
    double marks[HS_CHART_MARKS];
    int n = f->logarithmic ? hs_chart_log_marks(f->low, f->high, marks)
                           : hs_chart_marks(f->low, f->high, marks);
    for (int i = 0; i < n; i++)
        fprintf(f->file,
                "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"y\" x=\"%d\" y=\"%.1f\">"
                "%.6g</text>\n",
                LEFT, row(f, marks[i]), WIDTH - RIGHT, LEFT - 6, row(f, marks[i]) + 4, marks[i]);
    n = hs_chart_marks(f->x_low, f->x_high, marks);
    for (int i = 0; i < n; i++)
        fprintf(f->file, "<text class=\"x\" x=\"%.1f\" y=\"%d\">%.10g</text>\n",
                column(f, marks[i]), HEIGHT - BOTTOM + 16, marks[i]);
    fprintf(f->file, "<text class=\"x\" x=\"%d\" y=\"%d\">", (LEFT + WIDTH - RIGHT) / 2,
            HEIGHT - 6);
    hs_html_text(f->file, chart->x_label);
    fputs("</text>\n", f->file);
    if (chart->diagonal)
        fprintf(f->file, "<path class=\"diagonal\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n",
                column(f, f->low), row(f, f->low), column(f, f->high), row(f, f->high));
}

/* ---- curves -----------------------------------------------------------------------------------
 */
static void draw_curve(const frame *f, const hs_curve *curve, const char *class, bool dots)
{
    uint32_t part = (curve->n + COLUMNS - 1) / COLUMNS;
    fprintf(f->file, "<polyline class=\"line %s\" points=\"", class);
    for (uint32_t i = 0; i < curve->n; i += part) {
        double x = 0, y = 0;
        uint32_t end = i + part < curve->n ? i + part : curve->n;
        for (uint32_t k = i; k < end; k++) {
            x += curve->x[k] / (end - i);
            y += curve->y[k] / (end - i);
        }
        fprintf(f->file, "%.1f,%.1f ", column(f, x), row(f, y));
    }
    fputs("\"/>\n", f->file);
    for (uint32_t i = 0; dots && part == 1 && i < curve->n; i++)
        fprintf(f->file,
                "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%.4g: "
                "%.4g</title></circle>\n",
                class, column(f, curve->x[i]), row(f, curve->y[i]), curve->x[i], curve->y[i]);
}

static void draw_legend(const frame *f, const hs_chart *chart)
{
    double x = WIDTH - RIGHT;
    for (int i = chart->n - 1; i >= 0; i--) {
        const char *label = chart->curves[i].label;
        double width = 7.0 * (double)hs_html_length(label);
        fprintf(f->file, "<text class=\"legend\" x=\"%.1f\" y=\"14\">", x);
        hs_html_text(f->file, label);
        fprintf(f->file,
                "</text><rect class=\"swatch %s\" x=\"%.1f\" y=\"7\" width=\"12\" "
                "height=\"4\"/>\n",
                chart->classes[i], x - width - 16);
        x -= width + 34;
    }
}

void hs_chart_write(FILE *file, const hs_chart *chart)
{
    frame f = {.file = file};
    find_range(&f, chart);
    fprintf(file, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\">\n<title>", WIDTH,
            HEIGHT);
    hs_html_text(file, chart->title);
    fprintf(file, "</title>\n<text class=\"title\" x=\"%d\" y=\"14\">", LEFT);
    hs_html_text(file, chart->title);
    fputs("</text>\n", file);
    draw_axes(&f, chart);
    for (int i = 0; i < chart->n; i++)
        draw_curve(&f, &chart->curves[i], chart->classes[i], chart->dots);
    if (chart->n > 1)
        draw_legend(&f, chart);
    fputs("</svg>\n", file);
}
