/* What the page says of one run. */
#include "eval/boundary.h"
#include "report/html.h"
#include "report/page.h"
#include <math.h>

static const char *const class_colours[HS_METRICS_CLASSES] = {
    "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7",
};

/* ---- training ---------------------------------------------------------------------------------
 */
static void write_loss(FILE *file, const hs_page_run *run)
{
    static const char *const colour[] = {"plain"};
    const hs_chart chart = {.title = "training loss (logarithmic)",
                            .x_label = "steps",
                            .classes = colour,
                            .curves = &run->loss,
                            .n = 1,
                            .logarithmic = true};
    if (run->loss.n > 0)
        hs_chart_write(file, &chart);
    else
        fputs("<p class=\"none\">The log holds no loss.</p>\n", file);
}

static void write_validation(FILE *file, const hs_page_run *run)
{
    const hs_chart chart = {.title = "IoU on the validation split",
                            .x_label = "steps",
                            .classes = class_colours,
                            .curves = run->iou,
                            .n = run->n_iou,
                            .dots = true,
                            .high = 1};
    bool any = false;
    for (int c = 0; c < run->n_iou; c++)
        any |= run->iou[c].n > 0;
    if (any)
        hs_chart_write(file, &chart);
    else
        fputs("<p class=\"none\">The log holds no validation.</p>\n", file);
}

static void write_training(FILE *file, const hs_page_run *run)
{
    fputs("<h3>Training</h3>\n", file);
    if (!run->trained) {
        fputs("<p class=\"none\">A rule: nothing was trained.</p>\n", file);
        return;
    }
    fputs("<div class=\"row\">\n", file);
    write_loss(file, run);
    write_validation(file, run);
    fputs("</div>\n", file);
}

/* ---- figures ----------------------------------------------------------------------------------
 */
static void write_class(FILE *file, const char *name, const hs_class_metrics *of, double boundary)
{
    const double figures[] = {of->iou, of->iou_binary_mean, of->precision, of->recall, boundary};
    fputs("<tr><th scope=\"row\">", file);
    hs_html_text(file, name);
    fputs("</th>", file);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        fputs("<td>", file);
        hs_page_percent(file, figures[i], 2);
        fputs("</td>", file);
    }
    fprintf(file, "<td>%llu</td></tr>\n", (unsigned long long)of->pixels);
}

static void write_figures(FILE *file, const hs_page *page, const hs_page_run *run)
{
    const hs_metrics *m = &run->metrics;
    fputs("<h3>Figures</h3>\n<p class=\"headline\">Hand mIoU <b>", file);
    hs_page_percent(file, m->hands.iou, 2);
    fputs(" %</b>", file);
    if (!isnan(run->interval.low)) {
        fprintf(file, ", %g %% interval ", 100 * page->level);
        hs_page_interval(file, run->interval);
        fputs(" %", file);
    }
    fprintf(file, " <span>(%u resamples of ", page->samples);
    hs_html_text(file, run->units);
    fputs(")</span></p>\n<div class=\"scroll\"><table class=\"figures\">\n<tr>"
          "<th scope=\"col\">class</th><th scope=\"col\">IoU %</th>"
          "<th scope=\"col\">iou_binary_mean %</th><th scope=\"col\">precision %</th>"
          "<th scope=\"col\">recall %</th><th scope=\"col\">boundary F %</th>"
          "<th scope=\"col\">pixels</th></tr>\n",
          file);
    for (int c = run->classes - 1; c >= 0; c--)
        write_class(file, run->labels[c], &m->of[c], c > 0 ? run->boundary[c] : NAN);
    fputs("</tbody><tbody class=\"means\">\n", file);
    write_class(file, "mean of hands", &m->hands, run->boundary_hands);
    write_class(file, "mean of all", &m->all, NAN);
    fprintf(file,
            "</table></div>\n<p class=\"small\">IoU is TP / (TP + FP + FN) over all pixels; "
            "iou_binary_mean is the mean of it and of the same of everything else. Boundary F: "
            "outlines of truth and prediction matched within %g %% of the image's diagonal "
            "(Csurka et al. 2013), the mean over the frames that hold the hand in either. Pixel "
            "accuracy ",
            100 * HS_BOUNDARY_TOLERANCE);
    hs_page_percent(file, m->accuracy, 2);
    fputs(" %. Every frame: ", file);
    hs_html_text(file, run->frames_file);
    fputs(".</p>\n", file);
}

/* ---- confusion and calibration ----------------------------------------------------------------
 */
static void write_confusion(FILE *file, const hs_page_run *run)
{
    fputs("<div><h3>Confusion</h3>\n<table class=\"confusion\">\n<tr><th scope=\"col\">truth</th>",
          file);
    for (int p = run->classes - 1; p >= 0; p--) {
        fputs("<th scope=\"col\">", file);
        hs_html_text(file, run->labels[p]);
        fputs("</th>", file);
    }
    fputs("</tr>\n", file);
    for (int t = run->classes - 1; t >= 0; t--) {
        uint64_t sum = 0;
        for (int p = 0; p < run->classes; p++)
            sum += run->confusion.count[t][p];
        fputs("<tr><th scope=\"row\">", file);
        hs_html_text(file, run->labels[t]);
        fputs("</th>", file);
        for (int p = run->classes - 1; p >= 0; p--) {
            uint64_t count = run->confusion.count[t][p];
            double share = sum ? (double)count / (double)sum : NAN;
            fprintf(file, "<td style=\"--share:%.3f\"%s>", isnan(share) ? 0 : share,
                    t == p ? " class=\"right\"" : "");
            hs_page_percent(file, share, 2);
            fprintf(file, " %%<small>%llu</small></td>", (unsigned long long)count);
        }
        fputs("</tr>\n", file);
    }
    fputs("</table>\n<p class=\"small\">Rows: the true label; columns: what it was taken for, in "
          "shares of the row, and pixels.</p></div>\n",
          file);
}

static void draw_reliability(FILE *file, const hs_calibration *c)
{
    static const char *const colour[] = {"plain"};
    double x[HS_CALIBRATION_BINS], y[HS_CALIBRATION_BINS];
    hs_curve curve = {.label = "share that is right", .x = x, .y = y};
    for (int bin = 0; bin < HS_CALIBRATION_BINS; bin++)
        if (c->pixels[bin] > 0) {
            x[curve.n] = c->confidence[bin] / (double)c->pixels[bin];
            y[curve.n++] = (double)c->correct[bin] / (double)c->pixels[bin];
        }
    const hs_chart chart = {.title = "share of pixels that are right",
                            .x_label = "probability of the class predicted",
                            .classes = colour,
                            .curves = &curve,
                            .n = 1,
                            .dots = true,
                            .diagonal = true,
                            .high = 1};
    hs_chart_write(file, &chart);
}

static void write_bins(FILE *file, const hs_calibration *c)
{
    fputs("<details><summary>The bins</summary><table class=\"figures\">\n<tr>"
          "<th scope=\"col\">probability</th><th scope=\"col\">mean %</th>"
          "<th scope=\"col\">right %</th><th scope=\"col\">pixels</th></tr>\n",
          file);
    for (int bin = 0; bin < HS_CALIBRATION_BINS; bin++) {
        double n = c->pixels[bin] ? (double)c->pixels[bin] : NAN;
        fprintf(file, "<tr><th scope=\"row\">%.1f to %.1f</th><td>",
                bin / (double)HS_CALIBRATION_BINS, (bin + 1) / (double)HS_CALIBRATION_BINS);
        hs_page_percent(file, c->confidence[bin] / n, 1);
        fputs("</td><td>", file);
        hs_page_percent(file, (double)c->correct[bin] / n, 1);
        fprintf(file, "</td><td>%llu</td></tr>\n", (unsigned long long)c->pixels[bin]);
    }
    fputs("</table></details>\n", file);
}

static void write_calibration(FILE *file, const hs_page_run *run)
{
    fputs("<div class=\"calibration\"><h3>Calibration</h3>\n", file);
    if (!run->calibrated) {
        fputs("<p class=\"none\">no probabilities: this model gives labels only.</p></div>\n",
              file);
        return;
    }
    draw_reliability(file, &run->calibration);
    fputs("<p class=\"small\">Expected calibration error ", file);
    hs_page_percent(file, hs_calibration_error(&run->calibration), 2);
    fputs(" %, over the pixels that are a hand in truth or prediction. On the dashed line "
          "probabilities mean what they say; below it the model is too sure of itself.</p>\n",
          file);
    write_bins(file, &run->calibration);
    fputs("</div>\n", file);
}

/* ---- pictures and texts -----------------------------------------------------------------------
 */
static void write_pictures(FILE *file, const hs_page_run *run)
{
    fputs("<h3>Worst frames</h3>\n", file);
    if (run->n_pictures == 0) {
        fputs("<p class=\"none\">None: no frame holds a hand in truth or prediction, or none was "
              "asked for.</p>\n",
              file);
        return;
    }
    fprintf(file,
            "<p class=\"small\">Left the truth, right the prediction: %s, wrong pixels magenta; "
            "hatched: unknown.</p>\n<div class=\"pictures\">\n",
            run->classes > 2 ? "right hands green, left hands orange" : "hands green");
    for (int i = 0; i < run->n_pictures; i++) {
        const hs_page_picture *p = &run->pictures[i];
        fputs("<figure>", file);
        hs_html_png(file, p->png, p->size, p->width, p->height, p->caption);
        fputs("<figcaption>", file);
        hs_html_text(file, p->caption);
        fputs("</figcaption></figure>\n", file);
    }
    fputs("</div>\n", file);
}

static void write_text(FILE *file, const char *title, const char *text)
{
    fputs("<details><summary>", file);
    hs_html_text(file, title);
    fputs("</summary><pre>", file);
    hs_html_text(file, text);
    fputs("</pre></details>\n", file);
}

void hs_page_run_write(FILE *file, const hs_page *page, int index)
{
    const hs_page_run *run = &page->runs[index];
    fprintf(file, "<section id=\"run%d\">\n<h2>", index + 1);
    hs_html_text(file, run->name);
    fputs("</h2>\n", file);
    for (int i = 0; i < run->n_notes; i++) {
        fputs("<p class=\"note\">", file);
        hs_html_text(file, run->notes[i]);
        fputs("</p>\n", file);
    }
    write_figures(file, page, run);
    write_training(file, run);
    fputs("<div class=\"row\">\n", file);
    write_confusion(file, run);
    write_calibration(file, run);
    fputs("</div>\n", file);
    write_pictures(file, run);
    fputs("<h3>Where it comes from</h3>\n", file);
    hs_page_facts(file, run->facts, run->n_facts);
    write_text(file, "Configuration", run->config);
    if (run->results_file)
        write_text(file, "metrics.json", run->results_file);
    fputs("</section>\n", file);
}
