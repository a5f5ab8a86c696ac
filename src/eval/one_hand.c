#include "eval/one_hand.h"

#include "data/dataset.h"
#include <string.h>

const char *hs_one_hand(const hs_dataset_info *data)
{
    int32_t left, right;
    hs_dataset_hands(data, &left, &right);
    if (left == right) /* the set has no such classes */
        return NULL;
    if (strcmp(data->hands, "left") == 0)
        return "left and right count as one: the set labels left hands only";
    if (strcmp(data->hands, "right") == 0)
        return "left and right count as one: the set labels right hands only";
    return NULL;
}

hs_metrics hs_metrics_of_set(const hs_confusion *confusion, const hs_dataset_info *data)
{
    hs_metrics metrics = hs_metrics_of(confusion);
    if (hs_one_hand(data)) {
        hs_confusion merged = hs_confusion_of_hands(confusion);
        hs_metrics means = hs_metrics_of(&merged);
        metrics.hands = means.hands;
        metrics.all = means.all;
        metrics.accuracy = means.accuracy;
    }
    return metrics;
}
