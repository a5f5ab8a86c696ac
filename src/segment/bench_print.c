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

static void fill_pass(hs_cell *cells, hs_pass pass, double ceiling)
{
    cells[0].number = pass.seconds;
    cells[1].number = rate(pass);
    cells[2].number = rate(pass) / ceiling;
}

static void add_pass(hs_pass *sum, hs_pass pass)
{
    sum->seconds += pass.seconds;
    sum->flops += pass.flops;
}

static hs_table layer_table(const hs_bench *b)
{
    static const char *const passes[] = {"forward", "backward"};
    hs_table table = hs_table_make("layers", "layers, in a training step");
    hs_pass forward = {0}, backward = {0};
    hs_table_text_column(&table, "layer", "layer");
    hs_table_text_column(&table, "ops", "operations");
    for (int i = 0; i < 2; i++) {
        hs_arena *arena = &table.arena;
        hs_table_number_column(&table, hs_arena_format(arena, "%s_seconds", passes[i]),
                               hs_arena_format(arena, "%s ms", passes[i]), 2, 1e3);
        hs_table_number_column(&table, hs_arena_format(arena, "%s_flops", passes[i]), "GFLOP/s", 1,
                               1e-9);
        hs_table_number_column(&table, hs_arena_format(arena, "%s_share", passes[i]), "% of peak",
                               1, 100);
    }
    for (int i = 0; i < b->net.count; i++) {
        hs_cell *cells = hs_table_row(&table)->cells;
        cells[0].text = hs_arena_string(&table.arena, b->net.layers[i].name);
        cells[1].text = hs_arena_string(&table.arena, b->net.layers[i].ops);
        fill_pass(cells + 2, b->layers[i].forward, b->ceiling);
        fill_pass(cells + 5, b->layers[i].backward, b->ceiling);
        add_pass(&forward, b->layers[i].forward);
        add_pass(&backward, b->layers[i].backward);
    }
    hs_row *total = hs_table_row(&table);
    total->ruled = true;
    total->cells[0].text = "total";
    total->cells[1].text = "";
    fill_pass(total->cells + 2, forward, b->ceiling);
    fill_pass(total->cells + 5, backward, b->ceiling);
    return table;
}

static void print_pass(FILE *file, const char *what, hs_pass pass, double ceiling)
{
    fprintf(file, "%-11s %.3f ms, %.1f GFLOP/s, %.1f %% of peak\n", what, 1e3 * pass.seconds,
            1e-9 * rate(pass), 100 * rate(pass) / ceiling);
}

static void print_text(const hs_bench *b, const hs_bench_request *r, FILE *file)
{
    hs_shape in = b->net.in;
    fprintf(file, "network     %s, input %dx%dx%d, %lld parameters\n", r->path, in.c, in.h, in.w,
            (long long)b->net.parameters);
    fprintf(file, "kernels     %s (HS_ISA), %d threads; within %.1e of the reference\n",
            hs_isa_name(hs_kernels_isa()), hs_threads(), b->error);
    fprintf(file, "peak        %.1f GFLOP/s: multiply-adds in registers, measured\n",
            1e-9 * b->ceiling);
    print_pass(file, "one frame", b->frame, b->ceiling);
    print_pass(file, "training", b->step, b->ceiling);
    fprintf(file, "            %.2f images/s, batch %d\n", b->batch / b->step.seconds, b->batch);
    fprintf(file, "memory      %.1f MiB planned for training, %.1f MiB at most in use\n\n",
            (double)b->planned / (1 << 20), (double)b->peak / (1 << 20));
    hs_table table = layer_table(b);
    hs_tables_write(&table, 1, HS_TABLE_TEXT, file);
    hs_table_free(&table);
}

static void json_pass(hs_json *json, const char *key, hs_pass pass, double ceiling)
{
    hs_json_open(json, key, '{');
    hs_json_number(json, "ms", 1e3 * pass.seconds);
    hs_json_number(json, "flops", pass.flops);
    hs_json_number(json, "gflops_per_second", 1e-9 * rate(pass));
    hs_json_number(json, "share_of_peak", rate(pass) / ceiling);
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
        json_pass(&json, "forward", b->layers[i].forward, b->ceiling);
        json_pass(&json, "backward", b->layers[i].backward, b->ceiling);
        hs_json_close(&json, '}');
    }
    hs_json_close(&json, ']');
    hs_json_close(&json, '}');
}

void hs_bench_print(const hs_bench *b, const hs_bench_request *request, bool json, FILE *file)
{
    (json ? print_json : print_text)(b, request, file);
}
