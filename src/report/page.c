#include "report/page.h"

#include "report/html.h"
#include <math.h>

static const unsigned char css[] = {
#include "report/page.css.inc"
};

void hs_page_percent(FILE *file, double value, int decimals)
{
    if (isnan(value))
        fputs("–", file);
    else
        fprintf(file, "%.*f", decimals, 100 * value);
}

void hs_page_interval(FILE *file, hs_interval interval)
{
    hs_page_percent(file, interval.low, 2);
    fputs(" to ", file);
    hs_page_percent(file, interval.high, 2);
}

void hs_page_facts(FILE *file, const hs_page_fact *facts, int n)
{
    fputs("<table class=\"facts\">\n", file);
    for (int i = 0; i < n; i++) {
        fputs("<tr><th scope=\"row\">", file);
        hs_html_text(file, facts[i].name);
        fputs("</th><td>", file);
        hs_html_text(file, facts[i].value);
        fputs("</td></tr>\n", file);
    }
    fputs("</table>\n", file);
}

hs_verdict hs_page_verdict(const hs_page_pair *pair)
{
    if (!(pair->p < HS_PAGE_P))
        return HS_VERDICT_OPEN;
    return pair->difference > 0 ? HS_VERDICT_BETTER : HS_VERDICT_WORSE;
}

/* ---- all runs together ------------------------------------------------------------------------
 */
/* The interval as a bar on the axis from `low` to `high`. */
static void write_bar(FILE *file, const hs_page_run *run, double low, double high)
{
    enum { WIDTH = 180, MARGIN = 6 };
    const double values[] = {run->interval.low, run->metrics.hands.iou, run->interval.high};
    double x[3];
    for (int i = 0; i < 3; i++)
        x[i] = MARGIN + (values[i] - low) / (high - low) * (WIDTH - 2 * MARGIN);
    fprintf(file, "<svg class=\"bar\" viewBox=\"0 0 %d 18\" role=\"img\"><title>interval</title>",
            WIDTH);
    fprintf(file, "<path class=\"axis\" d=\"M%d 9H%d\"/>", MARGIN, WIDTH - MARGIN);
    if (!isnan(x[0] + x[1] + x[2]))
        fprintf(file,
                "<path class=\"range\" d=\"M%.1f 9H%.1f\"/><circle cx=\"%.1f\" cy=\"9\" r=\"4\"/>",
                x[0], x[2], x[1]);
    fputs("</svg>", file);
}

static void write_summary(FILE *file, const hs_page *page)
{
    double low = 1, high = 0;
    for (int i = 0; i < page->n_runs; i++) {
        low = fmin(low, fmin(page->runs[i].interval.low, page->runs[i].metrics.hands.iou));
        high = fmax(high, fmax(page->runs[i].interval.high, page->runs[i].metrics.hands.iou));
    }
    if (!(high > low)) { /* one figure, or none */
        low = 0;
        high = 1;
    }
    fprintf(file,
            "<section>\n<h2>All runs</h2>\n<div class=\"scroll\"><table class=\"figures\">\n"
            "<tr><th scope=\"col\">run</th><th scope=\"col\">hand mIoU %%</th>"
            "<th scope=\"col\">%g %% interval</th><th scope=\"col\" class=\"text\">from %.1f to "
            "%.1f %%</th>"
            "<th scope=\"col\">iou_binary_mean %%</th><th scope=\"col\">boundary F %%</th>"
            "<th scope=\"col\">calibration error %%</th><th scope=\"col\" "
            "class=\"text\">resampled</th></tr>\n",
            100 * page->level, 100 * low, 100 * high);
    for (int i = 0; i < page->n_runs; i++) {
        const hs_page_run *run = &page->runs[i];
        fprintf(file, "<tr><th scope=\"row\"><a href=\"#run%d\">", i + 1);
        hs_html_text(file, run->name);
        fputs("</a></th><td>", file);
        hs_page_percent(file, run->metrics.hands.iou, 2);
        fputs("</td><td>", file);
        hs_page_interval(file, run->interval);
        fputs("</td><td class=\"text\">", file);
        write_bar(file, run, low, high);
        fputs("</td><td>", file);
        hs_page_percent(file, run->metrics.hands.iou_binary_mean, 2);
        fputs("</td><td>", file);
        hs_page_percent(file, run->boundary_hands, 2);
        fputs("</td><td>", file);
        if (run->calibrated)
            hs_page_percent(file, hs_calibration_error(&run->calibration), 2);
        else
            fputs("no probabilities", file);
        fputs("</td><td class=\"text\">", file);
        hs_html_text(file, run->units);
        fputs("</td></tr>\n", file);
    }
    fputs("</table></div>\n</section>\n", file);
}

/* "A is better than B by 1.2 points": who, in words. */
static void write_verdict(FILE *file, const hs_page_pair *pair)
{
    hs_verdict verdict = hs_page_verdict(pair);
    if (isnan(pair->difference)) {
        fputs("no hand in truth or prediction: nothing to compare", file);
        return;
    }
    if (verdict == HS_VERDICT_OPEN) {
        fputs("not shown to be real", file);
        return;
    }
    fputs("real: ", file);
    hs_html_text(file, verdict == HS_VERDICT_BETTER ? pair->first : pair->second);
    fputs(" is better", file);
}

static void write_p(FILE *file, const hs_page_pair *pair)
{
    if (isnan(pair->p)) {
        fputs("–", file);
        return;
    }
    if (pair->p < 0.0001)
        fputs("&lt; 0.0001", file);
    else
        fprintf(file, "%.4f", pair->p);
    fputs("<small>", file);
    hs_html_text(file, pair->ways);
    fputs("</small>", file);
}

static void write_pairs(FILE *file, const hs_page *page)
{
    fprintf(
        file,
        "<section>\n<h2>Run against run</h2>\n<p>Difference of hand mIoU in points, first less "
        "second. For its interval both are resampled alike, %u times, so what makes a person "
        "or a frame hard for both does not blur the difference. For p the two runs exchange "
        "their results, person by person, or frame by frame where frames are resampled: it is "
        "the share of the ways to do so that lead to a difference as large, in either "
        "direction (a permutation test). Real means p &lt; %g: that the people, or the frames, "
        "happened to suit one of two equals does not explain it. On average one of twenty pairs "
        "of equals passes for real by chance, so of many pairs some will. It is about these "
        "trained "
        "models: another seed of the training may order them otherwise. Frames of one person "
        "are alike: a difference real by frames is so for these people, perhaps not for "
        "others.</p>\n"
        "<div class=\"scroll\">"
        "<table class=\"figures\">\n<tr><th scope=\"col\">first</th>"
        "<th scope=\"col\" class=\"text\">second</th><th scope=\"col\">difference</th>"
        "<th scope=\"col\">%g %% interval</th><th scope=\"col\" class=\"text\">resampled</th>"
        "<th scope=\"col\">p</th><th scope=\"col\" class=\"text\">is it real?</th></tr>\n",
        page->samples, HS_PAGE_P, 100 * page->level);
    for (int i = 0; i < page->n_pairs; i++) {
        const hs_page_pair *pair = &page->pairs[i];
        fputs("<tr><th scope=\"row\">", file);
        hs_html_text(file, pair->first);
        fputs("</th><th scope=\"row\">", file);
        hs_html_text(file, pair->second);
        if (pair->obstacle) {
            fputs("</th><td>–</td><td>–</td><td>–</td><td>–</td><td class=\"text\">not compared: ",
                  file);
            hs_html_text(file, pair->obstacle);
        } else {
            fputs("</th><td>", file);
            hs_page_percent(file, pair->difference, 2);
            fputs("</td><td>", file);
            hs_page_interval(file, pair->interval);
            fputs("</td><td class=\"text\">", file);
            hs_html_text(file, pair->units);
            fputs("</td><td>", file);
            write_p(file, pair);
            fputs("</td><td class=\"text\">", file);
            write_verdict(file, pair);
            if (pair->remark) {
                fputs("<small>", file);
                hs_html_text(file, pair->remark);
                fputs("</small>", file);
            }
        }
        fputs("</td></tr>\n", file);
    }
    fputs("</table></div>\n</section>\n", file);
}

void hs_page_write(FILE *file, const hs_page *page)
{
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
          file);
    hs_html_text(file, page->title);
    fputs("</title>\n<style>\n", file);
    fwrite(css, 1, sizeof css, file);
    fputs("</style>\n</head>\n<body>\n<h1>", file);
    hs_html_text(file, page->title);
    fputs("</h1>\n", file);
    if (page->n_runs > 1) {
        write_summary(file, page);
        write_pairs(file, page);
    }
    for (int i = 0; i < page->n_runs; i++)
        hs_page_run_write(file, page, i);
    fputs("<section>\n<h2>Made with</h2>\n", file);
    hs_page_facts(file, page->facts, page->n_facts);
    fputs("</section>\n</body>\n</html>\n", file);
}
