#include "eval/metrics.h"

#include <assert.h>
#include <math.h>

hs_status hs_confusion_add(hs_confusion *confusion, const uint8_t *truth, const uint8_t *prediction,
                           int64_t n)
{
    int classes = confusion->classes;
    assert(classes > 0 && classes <= HS_METRICS_CLASSES);
    uint64_t sum[HS_METRICS_CLASSES * HS_METRICS_CLASSES] = {0};
    int64_t bad = n; /* first pixel that cannot be counted */
#pragma omp parallel for schedule(static) reduction(+ : sum) reduction(min : bad) if (n > 100000)
    for (int64_t i = 0; i < n; i++) {
        if (truth[i] == HS_METRICS_IGNORE)
            continue;
        if (truth[i] < classes && prediction[i] < classes)
            sum[truth[i] * HS_METRICS_CLASSES + prediction[i]]++;
        else
            bad = i < bad ? i : bad;
    }
    if (bad < n)
        return hs_error(HS_ERR_DATA, "do the labels belong to this model?",
                        "pixel %lld: got truth %d and prediction %d, expected labels from 0 to %d",
                        (long long)bad, truth[bad], prediction[bad], classes - 1);
    for (int t = 0; t < classes; t++)
        for (int p = 0; p < classes; p++)
            confusion->count[t][p] += sum[t * HS_METRICS_CLASSES + p];
    return HS_OK;
}

void hs_merge_hands(uint8_t *labels, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        labels[i] = labels[i] > 0 && labels[i] != HS_METRICS_IGNORE ? 1 : labels[i];
}

hs_confusion hs_confusion_of_hands(const hs_confusion *confusion)
{
    hs_confusion merged = {.classes = 2};
    for (int t = 0; t < confusion->classes; t++)
        for (int p = 0; p < confusion->classes; p++)
            merged.count[t > 0][p > 0] += confusion->count[t][p];
    return merged;
}

void hs_confusion_merge(hs_confusion *confusion, const hs_confusion *other)
{
    assert(confusion->classes == other->classes);
    for (int t = 0; t < other->classes; t++)
        for (int p = 0; p < other->classes; p++)
            confusion->count[t][p] += other->count[t][p];
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

static hs_class_metrics class_metrics(const hs_confusion *confusion, int c, uint64_t total)
{
    uint64_t truth = 0, predicted = 0, both = confusion->count[c][c];
    for (int k = 0; k < confusion->classes; k++) {
        truth += confusion->count[c][k];
        predicted += confusion->count[k][c];
    }
    uint64_t either = truth + predicted - both, neither = total - either;
    double iou = ratio(both, either);
    double rest = ratio(neither, total - both); /* the union of the two complements */
    return (hs_class_metrics){.iou = iou,
                              /* Where all is this class, and found, there is no rest to judge. */
                              .iou_binary_mean = isnan(rest) ? iou : (iou + rest) / 2,
                              .precision = ratio(both, predicted),
                              .recall = ratio(both, truth),
                              .pixels = truth};
}

typedef struct mean {
    double sum;
    int count;
} mean;

static void mean_add(mean *m, double value)
{
    if (!isnan(value)) {
        m->sum += value;
        m->count++;
    }
}

static double mean_of(mean m)
{
    return m.count ? m.sum / m.count : NAN;
}

/* Means over the classes from `first` on. */
static hs_class_metrics means(const hs_metrics *metrics, int first)
{
    mean iou = {0}, binary = {0}, precision = {0}, recall = {0};
    uint64_t pixels = 0;
    for (int c = first; c < metrics->classes; c++) {
        mean_add(&iou, metrics->of[c].iou);
        mean_add(&binary, metrics->of[c].iou_binary_mean);
        mean_add(&precision, metrics->of[c].precision);
        mean_add(&recall, metrics->of[c].recall);
        pixels += metrics->of[c].pixels;
    }
    return (hs_class_metrics){mean_of(iou), mean_of(binary), mean_of(precision), mean_of(recall),
                              pixels};
}

hs_metrics hs_metrics_of(const hs_confusion *confusion)
{
    hs_metrics metrics = {.classes = confusion->classes};
    uint64_t total = 0, correct = 0;
    for (int t = 0; t < confusion->classes; t++) {
        correct += confusion->count[t][t];
        for (int p = 0; p < confusion->classes; p++)
            total += confusion->count[t][p];
    }
    for (int c = 0; c < confusion->classes; c++)
        metrics.of[c] = class_metrics(confusion, c, total);
    metrics.hands = means(&metrics, 1);
    metrics.all = means(&metrics, 0);
    metrics.accuracy = ratio(correct, total);
    return metrics;
}
