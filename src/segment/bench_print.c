/* Results of a benchmark, for people and for programs. */
#include "base/text.h"
#include "report/table.h"
#include "segment/bench.h"
#include <math.h>

/* Operations a second; NaN where there are none. */
static double rate(hs_pass pass)
{
    return pass.flops > 0 && pass.seconds > 0 ? pass.flops / pass.seconds : NAN;
}

/* Bytes a second. */
static double speed(hs_pass pass)
{
    return pass.seconds > 0 ? pass.memory.moved / pass.seconds : NAN;
}

static void fill_row(hs_row *row, const char *name, const char *ops, hs_pass pass, double ceiling)
{
    const double numbers[] = {pass.seconds,      rate(pass),  rate(pass) / ceiling,
                              pass.memory.moved, speed(pass), (double)pass.memory.held};
    row->cells[0].text = name;
    row->cells[1].text = ops;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        row->cells[2 + i].number = numbers[i];
}

static void add_pass(hs_pass *sum, hs_pass pass)
{
    sum->seconds += pass.seconds;
    sum->flops += pass.flops;
    sum->memory.moved += pass.memory.moved;
    if (pass.memory.held > sum->memory.held)
        sum->memory.held = pass.memory.held;
}

/* Of all layers. */
static hs_layer_bench total_of(const hs_bench *b)
{
    hs_layer_bench total = {0};
    for (int i = 0; i < b->net.count; i++) {
        add_pass(&total.forward, b->layers[i].forward);
        add_pass(&total.backward, b->layers[i].backward);
    }
    return total;
}

static hs_table layer_table(const hs_bench *b, bool backward)
{
    hs_table table = backward ? hs_table_make("backward", "layers, backward")
                              : hs_table_make("forward", "layers, forward, in a training step");
    const hs_layer_bench total = total_of(b);
    hs_table_text_column(&table, "layer", "layer");
    hs_table_text_column(&table, "ops", "operations");
    hs_table_number_column(&table, "seconds", "ms", 2, 1e3);
    hs_table_number_column(&table, "flops", "GFLOP/s", 1, 1e-9);
    hs_table_number_column(&table, "share", "% of peak", 1, 100);
    hs_table_number_column(&table, "bytes", "MB", 1, 1e-6);
    hs_table_number_column(&table, "speed", "GB/s", 1, 1e-9);
    hs_table_number_column(&table, "memory", "MiB in use", 1, 1.0 / (1 << 20));
    for (int i = 0; i < b->net.count; i++) {
        const hs_layer_bench *l = &b->layers[i];
        fill_row(hs_table_row(&table), hs_arena_string(&table.arena, b->net.layers[i].name),
                 hs_arena_string(&table.arena, b->net.layers[i].ops),
                 backward ? l->backward : l->forward, b->ceiling);
    }
    hs_row *row = hs_table_row(&table);
    row->ruled = true;
    fill_row(row, "total", "", backward ? total.backward : total.forward, b->ceiling);
    return table;
}

static void print_pass(FILE *file, const char *what, hs_pass pass, double ceiling)
{
    fprintf(file, "%-11s %.3f ms, %.1f GFLOP/s, %.1f %% of peak; %.1f MB, %.1f GB/s\n", what,
            1e3 * pass.seconds, 1e-9 * rate(pass), 100 * rate(pass) / ceiling,
            1e-6 * pass.memory.moved, 1e-9 * speed(pass));
}

static void print_text(const hs_bench *b, const hs_bench_request *r, FILE *file)
{
    hs_shape in = b->net.in;
    fprintf(file, "network     %s, input %dx%dx%d, %lld parameters\n", r->path, in.c, in.h, in.w,
            (long long)b->net.parameters);
    fprintf(file, "kernels     %s (HS_ISA), %d threads; ", hs_isa_name(hs_kernels_isa()),
            hs_threads());
    if (isnan(b->error))
        fprintf(file, "the reference would take too long to compare with\n");
    else
        fprintf(file, "within %.1e of the reference\n", b->error);
    fprintf(file, "peak        %.1f GFLOP/s: multiply-adds in registers, measured\n",
            1e-9 * b->ceiling);
    print_pass(file, "one frame", b->frame, b->ceiling);
    if (!isnan(b->png_seconds))
        fprintf(file, "            %.3f ms from a 16-bit PNG file of %dx%d to labels\n",
                1e3 * b->png_seconds, HS_BENCH_PNG_WIDTH, HS_BENCH_PNG_HEIGHT);
    print_pass(file, "training", b->step, b->ceiling);
    fprintf(file, "            %.2f images/s, batch %d; %.2f page faults a step\n",
            b->batch / b->step.seconds, b->batch, b->faults);
    fprintf(file, "memory      %.1f MiB planned for training, %.1f MiB at most in use\n\n",
            (double)b->planned / (1 << 20), (double)b->peak / (1 << 20));
    hs_table tables[] = {layer_table(b, false), layer_table(b, true)};
    hs_tables_write(tables, 2, HS_TABLE_TEXT, file);
    hs_table_free(&tables[0]);
    hs_table_free(&tables[1]);
}

static void json_pass(hs_json *json, const char *key, hs_pass pass, double ceiling)
{
    hs_json_open(json, key, '{');
    hs_json_number(json, "ms", 1e3 * pass.seconds);
    hs_json_number(json, "flops", pass.flops);
    hs_json_number(json, "gflops_per_second", 1e-9 * rate(pass));
    hs_json_number(json, "share_of_peak", rate(pass) / ceiling);
    hs_json_number(json, "bytes", pass.memory.moved);
    hs_json_number(json, "gigabytes_per_second", 1e-9 * speed(pass));
    hs_json_integer(json, "memory_bytes", (long long)pass.memory.held);
    hs_json_close(json, '}');
}

static void json_layer(hs_json *json, const hs_layer_bench *layer, double ceiling)
{
    json_pass(json, "forward", layer->forward, ceiling);
    json_pass(json, "backward", layer->backward, ceiling);
    hs_json_close(json, '}');
}

static void print_json(const hs_bench *b, const hs_bench_request *r, FILE *file)
{
    hs_json json = hs_json_start(file);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "file", r->path);
    hs_json_string(&json, "isa", hs_isa_name(hs_kernels_isa()));
    hs_json_integer(&json, "threads", hs_threads());
    hs_json_integer(&json, "batch", b->batch);
    hs_json_integer(&json, "parameters", b->net.parameters);
    hs_json_number(&json, "error_to_reference", b->error);
    hs_json_number(&json, "peak_gflops_per_second", 1e-9 * b->ceiling);
    hs_json_number(&json, "latency_ms", 1e3 * b->frame.seconds);
    hs_json_number(&json, "png_latency_ms", 1e3 * b->png_seconds);
    hs_json_number(&json, "page_faults_per_step", b->faults);
    hs_json_number(&json, "train_images_per_second", b->batch / b->step.seconds);
    json_pass(&json, "frame", b->frame, b->ceiling);
    json_pass(&json, "training_step", b->step, b->ceiling);
    hs_json_integer(&json, "planned_memory_bytes", (long long)b->planned);
    hs_json_integer(&json, "peak_resident_bytes", (long long)b->peak);
    hs_json_open(&json, "layers", '[');
    for (int i = 0; i < b->net.count; i++) {
        hs_json_open(&json, NULL, '{');
        hs_json_string(&json, "name", b->net.layers[i].name);
        hs_json_string(&json, "ops", b->net.layers[i].ops);
        json_layer(&json, &b->layers[i], b->ceiling);
    }
    hs_json_close(&json, ']');
    hs_layer_bench total = total_of(b);
    hs_json_open(&json, "layers_total", '{');
    json_layer(&json, &total, b->ceiling);
    hs_json_close(&json, '}');
}

void hs_bench_print(const hs_bench *b, const hs_bench_request *request, bool json, FILE *file)
{
    (json ? print_json : print_text)(b, request, file);
}
