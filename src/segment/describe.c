#include "segment/describe.h"

#include "base/text.h"
#include "net/summary.h"
#include "report/table.h"
#include "segment/config_source.h"
#include "train/session.h"
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

/* What there is to say. */
typedef struct description {
    const hs_describe_request *request;
    hs_config_source source;
    hs_net_summary net;
    hs_memory_plan memory; /* of training */
} description;

/* ---- finding out -----------------------------------------------------------------------------
 */
static hs_status find_out(description *d)
{
    const hs_describe_request *r = d->request;
    hs_dataset *dataset = NULL;
    hs_status status;
    HS_TRY(hs_config_source_read(&d->source, r->path, r->overrides, r->n));
    if (r->batch > 0)
        d->source.config.train.batch = r->batch;
    const char *data = d->source.config.data.file;
    if (access(data, F_OK) == 0)
        HS_TRY(hs_dataset_open(data, &dataset));
    HS_TRY(hs_net_summarize(d->source.config.net, &d->net));
    HS_TRY(hs_train_memory(&d->source.config, dataset, &d->memory));
exit:
    hs_dataset_close(dataset);
    return status;
}

/* ---- for people ------------------------------------------------------------------------------
 */
static hs_table layer_table(const hs_net_summary *net)
{
    hs_table table = hs_table_make("layers", "layers, for one frame");
    hs_table_text_column(&table, "layer", "layer");
    hs_table_text_column(&table, "ops", "operations");
    hs_table_text_column(&table, "output", "output CxHxW");
    hs_table_number_column(&table, "parameters", "parameters", 0, 1);
    hs_table_number_column(&table, "flops", "MFLOP", 1, 1e-6);
    for (int i = 0; i < net->count; i++) {
        const hs_layer_summary *layer = &net->layers[i];
        hs_cell *cells = hs_table_row(&table)->cells;
        cells[0].text = layer->name;
        cells[1].text = layer->ops;
        cells[2].text =
            hs_arena_format(&table.arena, "%dx%dx%d", layer->out.c, layer->out.h, layer->out.w);
        cells[3].number = (double)layer->parameters;
        cells[4].number = layer->flops;
    }
    hs_row *total = hs_table_row(&table);
    total->ruled = true;
    total->cells[0].text = "total";
    total->cells[1].text = total->cells[2].text = "";
    total->cells[3].number = (double)net->parameters;
    total->cells[4].number = net->flops;
    return table;
}

static double mib(size_t bytes)
{
    return (double)bytes / (1 << 20);
}

static void print_trained(const hs_checkpoint_info *info, FILE *file)
{
    const hs_progress_state *s = &info->state;
    fprintf(file, "labels      ");
    for (int c = 0; c < info->classes; c++)
        fprintf(file, "%s%s", c ? ", " : "", info->labels[c]);
    fprintf(file, "\ntrained     step %" PRId64 ", epoch %" PRId64 ", seed %" PRIu64 "\n", s->step,
            s->epoch, s->seed);
    if (s->best_miou >= 0)
        fprintf(file, "validation  best hand mIoU %.2f %% after epoch %" PRId64 "\n",
                100 * s->best_miou, s->best_epoch + 1);
    else
        fprintf(file, "validation  none\n");
    fprintf(file, "data        hash %016" PRIx64 ", depth unit %.6g mm\n", info->data_hash,
            1000 * info->depth_unit);
    fprintf(file, "version     %s, on %s\n", info->version, info->processor);
}

static void print_text(const description *d, FILE *file)
{
    const hs_net_summary *net = &d->net;
    const hs_memory_plan *m = &d->memory;
    fprintf(file, "%s  %s\n", d->source.trained ? "checkpoint" : "network   ", d->request->path);
    if (d->source.trained)
        print_trained(&d->source.info, file);
    fprintf(file, "input       %dx%dx%d, output %dx%dx%d\n\n", net->in.c, net->in.h, net->in.w,
            net->out.c, net->out.h, net->out.w);
    hs_table table = layer_table(net);
    hs_tables_write(&table, 1, HS_TABLE_TEXT, file);
    hs_table_free(&table);
    fprintf(file, "\nparameters  %" PRId64 "\n", net->parameters);
    fprintf(file, "operations  %.4g GFLOP a frame\n", net->flops * 1e-9);
    fprintf(file, "memory      %.1f MiB for one frame of inference\n", mib(net->memory));
    fprintf(file,
            "            %.1f MiB for training, batch %d: activations %.1f, parameters %.1f, "
            "gradients %.1f,\n            optimiser %.1f, loader %.1f%s, program %.1f\n",
            mib(m->total), d->source.config.train.batch, mib(m->activations), mib(m->parameters),
            mib(m->gradients), mib(m->optimizer), mib(m->loader),
            m->loader ? "" : " (no data set here)", mib(m->program));
}

/* ---- for programs ----------------------------------------------------------------------------
 */
static void json_shape(hs_json *json, const char *key, hs_shape shape)
{
    hs_json_open(json, key, '[');
    hs_json_integer(json, NULL, shape.c);
    hs_json_integer(json, NULL, shape.h);
    hs_json_integer(json, NULL, shape.w);
    hs_json_close(json, ']');
}

static void json_memory(hs_json *json, const description *d)
{
    const hs_memory_plan *m = &d->memory;
    hs_json_integer(json, "memory_bytes", (long long)m->total);
    hs_json_integer(json, "inference_memory_bytes", (long long)d->net.memory);
    hs_json_open(json, "training_memory", '{');
    hs_json_integer(json, "batch", d->source.config.train.batch);
    hs_json_integer(json, "activations", (long long)m->activations);
    hs_json_integer(json, "parameters", (long long)m->parameters);
    hs_json_integer(json, "gradients", (long long)m->gradients);
    hs_json_integer(json, "optimizer", (long long)m->optimizer);
    hs_json_integer(json, "loader", (long long)m->loader);
    hs_json_integer(json, "program", (long long)m->program);
    hs_json_close(json, '}');
}

static void json_trained(hs_json *json, const hs_checkpoint_info *info)
{
    char hash[24];
    const hs_progress_state *s = &info->state;
    snprintf(hash, sizeof hash, "%016" PRIx64, info->data_hash);
    hs_json_open(json, "labels", '[');
    for (int c = 0; c < info->classes; c++)
        hs_json_string(json, NULL, info->labels[c]);
    hs_json_close(json, ']');
    hs_json_integer(json, "step", s->step);
    hs_json_integer(json, "epoch", s->epoch);
    hs_json_integer(json, "seed", (long long)s->seed);
    hs_json_number(json, "best_validation_miou", s->best_miou >= 0 ? s->best_miou : NAN);
    hs_json_number(json, "best_epoch", s->best_miou >= 0 ? (double)s->best_epoch + 1 : NAN);
    hs_json_string(json, "version", info->version);
    hs_json_string(json, "processor", info->processor);
    hs_json_string(json, "data_hash", hash);
    hs_json_number(json, "depth_unit", info->depth_unit);
}

static void print_json(const description *d, FILE *file)
{
    const hs_net_summary *net = &d->net;
    hs_json json = hs_json_start(file);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "kind", d->source.trained ? "checkpoint" : "configuration");
    hs_json_string(&json, "file", d->request->path);
    if (d->source.trained)
        json_trained(&json, &d->source.info);
    json_shape(&json, "input", net->in);
    json_shape(&json, "output", net->out);
    hs_json_integer(&json, "parameters", net->parameters);
    hs_json_number(&json, "flops", net->flops);
    json_memory(&json, d);
    hs_json_open(&json, "layers", '[');
    for (int i = 0; i < net->count; i++) {
        hs_json_open(&json, NULL, '{');
        hs_json_string(&json, "name", net->layers[i].name);
        hs_json_string(&json, "ops", net->layers[i].ops);
        json_shape(&json, "output", net->layers[i].out);
        hs_json_integer(&json, "parameters", net->layers[i].parameters);
        hs_json_number(&json, "flops", net->layers[i].flops);
        hs_json_close(&json, '}');
    }
    hs_json_close(&json, ']');
    hs_json_close(&json, '}');
}

hs_status hs_describe_net(const hs_describe_request *request, FILE *file)
{
    description d = {.request = request};
    hs_status status;
    HS_TRY(find_out(&d));
    (request->json ? print_json : print_text)(&d, file);
exit:
    hs_net_summary_free(&d.net);
    hs_config_source_free(&d.source);
    return status;
}
