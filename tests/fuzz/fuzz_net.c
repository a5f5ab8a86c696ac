/* Networks from INI text: what can be read is built and laid out, for training and for one frame,
 * as `handseg info` does; nothing that grows with the tensors is allocated. */
#include "handseg/net.h"
#include "net/summary.h"
#include "support/fuzz.h"

static void plan(const hs_net *net, hs_mode mode)
{
    hs_graph *graph = NULL;
    hs_plan *plan = NULL;
    hs_value input, logits;
    if (hs_graph_create(&graph) == HS_OK &&
        hs_net_build(net, graph, 2, 0, 0, &input, &logits) == HS_OK)
        hs_plan_create(graph, mode, &plan);
    hs_plan_destroy(plan);
    hs_graph_destroy(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hs_net *net;
    hs_net_summary summary = {0};
    if (hs_net_parse("fuzz", (const char *)bytes, size, &net) == HS_OK) {
        hs_net_summarize(net, &summary);
        hs_net_summary_free(&summary);
        plan(net, HS_TRAINING);
        plan(net, HS_EVALUATION);
    }
    hs_net_destroy(net);
    return 0;
}
