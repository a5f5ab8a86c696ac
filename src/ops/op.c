/* The list of ops, and what shape rules share. */
#include "ops/op.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HS_OP(name) &hs_op_##name,
const hs_op *const hs_ops[] = {
#include "ops/ops.def"
};
#undef HS_OP

const int hs_ops_count = sizeof hs_ops / sizeof *hs_ops;

const hs_op *hs_op_find(const char *name)
{
    for (int i = 0; i < hs_ops_count; i++)
        if (strcmp(hs_ops[i]->name, name) == 0)
            return hs_ops[i];
    return NULL;
}

hs_status hs_node_error(const hs_node *node, const char *hint, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return hs_error(HS_ERR_SHAPE, hint, "layer '%s': %s: %s", node->layer, node->op->name, text);
}

hs_shape_text hs_shape_format(hs_shape s)
{
    hs_shape_text text;
    snprintf(text.text, sizeof text.text, "%dx%dx%dx%d", s.n, s.c, s.h, s.w);
    return text;
}

void hs_node_add_vector(hs_node *node, const char *name, int32_t channels, bool trained,
                        hs_param_init init)
{
    node->params[node->n_params++] = (hs_param){.name = name,
                                                .trained = trained,
                                                .rank = 1,
                                                .dims = {channels},
                                                .init = init,
                                                .size = hs_pitch_of(channels)};
}

bool hs_conv_is_large(const hs_conv_geometry *g)
{
    return (int64_t)g->kernel[0] * g->kernel[1] * g->big_c * g->weight_pitch > HS_LARGE_PARAM;
}

void hs_node_add_conv_weight(hs_node *node, const hs_conv_geometry *g, int64_t fan_in)
{
    node->params[node->n_params++] =
        (hs_param){.name = "weight",
                   .trained = true,
                   .rank = 4,
                   .dims = {g->small_c, g->big_c, g->kernel[0], g->kernel[1]},
                   .init = HS_PARAM_CONV,
                   .fan_in = fan_in,
                   .size = (int64_t)g->kernel[0] * g->kernel[1] * g->big_c * g->weight_pitch,
                   .large = hs_conv_is_large(g)};
}

static hs_status check_number(const hs_node *node, const hs_field *f, double value)
{
    bool usual = value == 0 && f->standard, bounded = f->low != 0 || f->high != 0;
    if (usual || !bounded || (value >= f->low && value <= f->high))
        return HS_OK;
    return hs_node_error(node, NULL, "%s: got %g, expected %g to %g", f->key, value, f->low,
                         f->high);
}

hs_status hs_node_check_attr(const hs_node *node)
{
    hs_status status = HS_OK;
    for (int i = 0; i < node->op->n_fields && status == HS_OK; i++) {
        const hs_field *f = &node->op->fields[i];
        const void *at = (const char *)node->attr + f->offset;
        const int32_t *whole = at;
        if (f->type == HS_FIELD_REAL)
            status = check_number(node, f, *(const double *)at);
        else if (f->type == HS_FIELD_INT32 || f->type == HS_FIELD_PAIR)
            status = check_number(node, f, whole[0]);
        if (f->type == HS_FIELD_PAIR && status == HS_OK)
            status = check_number(node, f, whole[1]);
    }
    return status;
}

bool hs_shape_countable(hs_shape s)
{
    enum { MOST = 1 << 24 };
    return s.c <= MOST && s.h <= MOST && s.w <= MOST &&
           (double)s.n * s.h * s.w * hs_pitch_of(s.c) <= 1e12;
}

hs_status hs_node_check_size(const hs_node *node)
{
    for (int i = 0; i < node->n_outputs; i++) {
        hs_shape s = node->out[i];
        if (s.n < 1 || s.c < 1 || s.h < 1 || s.w < 1)
            return hs_node_error(node, "give it a larger input or a smaller kernel, stride or crop",
                                 "got input %s and output %s, expected at least one pixel",
                                 hs_shape_format(node->in[0]).text, hs_shape_format(s).text);
        if (!hs_shape_countable(s))
            return hs_node_error(node, "use a smaller batch, a smaller input or fewer channels",
                                 "got output %s, expected at most " HS_COUNTABLE,
                                 hs_shape_format(s).text);
    }
    return HS_OK;
}

hs_window hs_window_between(const hs_tensor *from, const hs_tensor *to, int32_t dh, int32_t dw)
{
    return (hs_window){.n = to->shape.n,
                       .c = to->pitch,
                       .from_h = from->shape.h,
                       .from_w = from->shape.w,
                       .from_pitch = from->pitch,
                       .to_h = to->shape.h,
                       .to_w = to->shape.w,
                       .to_pitch = to->pitch,
                       .dh = dh,
                       .dw = dw};
}
