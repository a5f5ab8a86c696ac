#include "support/naive.h"

#include <math.h>
#include <stdlib.h>

hs_naive_image hs_naive_new(hs_shape shape)
{
    hs_naive_image image = {shape, calloc((size_t)hs_elements(shape), sizeof(double))};
    if (!image.v)
        abort();
    return image;
}

static double *at(const hs_naive_image *x, int n, int c, int h, int w)
{
    return &x->v[((int64_t)(n * x->shape.c + c) * x->shape.h + h) * x->shape.w + w];
}

static bool inside(const hs_naive_image *x, int h, int w)
{
    return h >= 0 && h < x->shape.h && w >= 0 && w < x->shape.w;
}

#define FOR(i, n) for (int i = 0; i < (n); i++)
#define FOR_IMAGE(s) FOR(n, (s).n) FOR(c, (s).c) FOR(h, (s).h) FOR(w, (s).w)

/* ---- convolutions */

/* Where tap (r, s) of the kernel at position (i, j) lies in the image it slides over. */
#define TAP_ROW(a, i, r) ((i) * (a)->stride[0] - (a)->pad[0] + (r) * (a)->dilation[0])
#define TAP_COLUMN(a, j, s) ((j) * (a)->stride[1] - (a)->pad[1] + (s) * (a)->dilation[1])

static int64_t weight_index(const int32_t kernel[2], int channels, int first, int second, int r,
                            int s)
{
    return ((int64_t)(first * channels + second) * kernel[0] + r) * kernel[1] + s;
}

void hs_naive_conv2d(hs_naive_call *call)
{
    const hs_conv2d_attr *a = call->attr;
    const hs_naive_image *x = &call->x[0];
    FOR_IMAGE(call->y.shape)
    {
        double sum = a->bias ? call->param[1][c] : 0;
        FOR(k, x->shape.c) FOR(r, a->kernel[0]) FOR(s, a->kernel[1])
        {
            int row = TAP_ROW(a, h, r), column = TAP_COLUMN(a, w, s);
            if (inside(x, row, column))
                sum += *at(x, n, k, row, column) *
                       call->param[0][weight_index(a->kernel, x->shape.c, c, k, r, s)];
        }
        *at(&call->y, n, c, h, w) = sum;
    }
}

void hs_naive_conv2d_backward(hs_naive_call *call)
{
    const hs_conv2d_attr *a = call->attr;
    const hs_naive_image *x = &call->x[0];
    FOR_IMAGE(call->dy.shape)
    {
        double dy = *at(&call->dy, n, c, h, w);
        if (a->bias)
            call->dparam[1][c] += dy;
        FOR(k, x->shape.c) FOR(r, a->kernel[0]) FOR(s, a->kernel[1])
        {
            int row = TAP_ROW(a, h, r), column = TAP_COLUMN(a, w, s);
            if (!inside(x, row, column))
                continue;
            int64_t weight = weight_index(a->kernel, x->shape.c, c, k, r, s);
            *at(&call->dx[0], n, k, row, column) += dy * call->param[0][weight];
            call->dparam[0][weight] += dy * *at(x, n, k, row, column);
        }
    }
}

/* Each input pixel stamps the kernel, times its value, on the output. */
void hs_naive_conv_transpose2d(hs_naive_call *call)
{
    const hs_conv_transpose2d_attr *a = call->attr;
    const hs_naive_image *y = &call->y;
    FOR_IMAGE(y->shape)
    {
        *at(y, n, c, h, w) = a->bias ? call->param[1][c] : 0;
    }
    FOR_IMAGE(call->x[0].shape)
    {
        double x = *at(&call->x[0], n, c, h, w);
        FOR(k, y->shape.c) FOR(r, a->kernel[0]) FOR(s, a->kernel[1])
        {
            int row = TAP_ROW(a, h, r), column = TAP_COLUMN(a, w, s);
            if (inside(y, row, column))
                *at(y, n, k, row, column) +=
                    x * call->param[0][weight_index(a->kernel, y->shape.c, c, k, r, s)];
        }
    }
}

void hs_naive_conv_transpose2d_backward(hs_naive_call *call)
{
    const hs_conv_transpose2d_attr *a = call->attr;
    const hs_naive_image *dy = &call->dy;
    FOR_IMAGE(dy->shape)
    {
        if (a->bias)
            call->dparam[1][c] += *at(dy, n, c, h, w);
    }
    FOR_IMAGE(call->x[0].shape)
    {
        double x = *at(&call->x[0], n, c, h, w), dx = 0;
        FOR(k, dy->shape.c) FOR(r, a->kernel[0]) FOR(s, a->kernel[1])
        {
            int row = TAP_ROW(a, h, r), column = TAP_COLUMN(a, w, s);
            if (!inside(dy, row, column))
                continue;
            int64_t weight = weight_index(a->kernel, dy->shape.c, c, k, r, s);
            dx += *at(dy, n, k, row, column) * call->param[0][weight];
            call->dparam[0][weight] += *at(dy, n, k, row, column) * x;
        }
        *at(&call->dx[0], n, c, h, w) += dx;
    }
}

/* ---- batch normalisation */

enum { WEIGHT, BIAS, MEAN, VAR };

static void channel_statistics(const hs_naive_image *x, int c, double *mean, double *var)
{
    double count = (double)x->shape.n * x->shape.h * x->shape.w;
    *mean = *var = 0;
    FOR(n, x->shape.n) FOR(h, x->shape.h) FOR(w, x->shape.w)
    {
        *mean += *at(x, n, c, h, w) / count;
    }
    FOR(n, x->shape.n) FOR(h, x->shape.h) FOR(w, x->shape.w)
    {
        *var += pow(*at(x, n, c, h, w) - *mean, 2) / count;
    }
}

/* Also moves the running statistics, in training. */
void hs_naive_batch_norm2d(hs_naive_call *call)
{
    const hs_batch_norm2d_attr *a = call->attr;
    const hs_naive_image *x = &call->x[0];
    double count = (double)x->shape.n * x->shape.h * x->shape.w;
    FOR(c, x->shape.c)
    {
        double mean = call->param[MEAN][c], var = call->param[VAR][c];
        if (call->mode == HS_TRAINING) {
            channel_statistics(x, c, &mean, &var);
            call->param[MEAN][c] += a->momentum * (mean - call->param[MEAN][c]);
            call->param[VAR][c] += a->momentum * (var * count / (count - 1) - call->param[VAR][c]);
        }
        FOR(n, x->shape.n) FOR(h, x->shape.h) FOR(w, x->shape.w)
        {
            *at(&call->y, n, c, h, w) =
                (*at(x, n, c, h, w) - mean) / sqrt(var + a->eps) * call->param[WEIGHT][c] +
                call->param[BIAS][c];
        }
    }
}

/* By the chain rule through mean and variance (training). */
void hs_naive_batch_norm2d_backward(hs_naive_call *call)
{
    const hs_batch_norm2d_attr *a = call->attr;
    const hs_naive_image *x = &call->x[0];
    hs_shape s = x->shape;
    double count = (double)s.n * s.h * s.w;
    FOR(c, s.c)
    {
        double mean, var, dvar = 0, dmean = 0, centred = 0, gamma = call->param[WEIGHT][c];
        channel_statistics(x, c, &mean, &var);
        double deviation = sqrt(var + a->eps);
        FOR(n, s.n) FOR(h, s.h) FOR(w, s.w)
        {
            double dy = *at(&call->dy, n, c, h, w), from_mean = *at(x, n, c, h, w) - mean;
            call->dparam[BIAS][c] += dy;
            call->dparam[WEIGHT][c] += dy * from_mean / deviation;
            dvar += dy * gamma * from_mean * -0.5 * pow(deviation, -3);
            dmean -= dy * gamma / deviation;
            centred += from_mean;
        }
        dmean += dvar * -2 * centred / count;
        FOR(n, s.n) FOR(h, s.h) FOR(w, s.w)
        {
            *at(&call->dx[0], n, c, h, w) += *at(&call->dy, n, c, h, w) * gamma / deviation +
                                             dvar * 2 * (*at(x, n, c, h, w) - mean) / count +
                                             dmean / count;
        }
    }
}

/* ---- element by element */

static double slope(const hs_naive_call *call)
{
    return call->attr ? ((const hs_leaky_relu_attr *)call->attr)->slope : 0;
}

void hs_naive_leaky_relu(hs_naive_call *call)
{
    FOR(i, (int)hs_elements(call->y.shape))
    {
        call->y.v[i] = fmax(call->x[0].v[i], 0) + slope(call) * fmin(call->x[0].v[i], 0);
    }
}

void hs_naive_leaky_relu_backward(hs_naive_call *call)
{
    FOR(i, (int)hs_elements(call->dy.shape))
    {
        call->dx[0].v[i] += call->dy.v[i] * (call->x[0].v[i] > 0 ? 1 : slope(call));
    }
}

void hs_naive_relu(hs_naive_call *call)
{
    hs_naive_leaky_relu(call);
}

void hs_naive_relu_backward(hs_naive_call *call)
{
    hs_naive_leaky_relu_backward(call);
}

void hs_naive_add(hs_naive_call *call)
{
    FOR(i, (int)hs_elements(call->y.shape)) FOR(k, call->n)
    {
        call->y.v[i] += call->x[k].v[i];
    }
}

void hs_naive_add_backward(hs_naive_call *call)
{
    FOR(i, (int)hs_elements(call->dy.shape)) FOR(k, call->n)
    {
        call->dx[k].v[i] += call->dy.v[i];
    }
}

static double dropout_factor(const hs_naive_call *call, int i)
{
    if (call->mode == HS_INFERENCE)
        return 1;
    return call->kept[i] / (1 - ((const hs_dropout_attr *)call->attr)->p);
}

void hs_naive_dropout(hs_naive_call *call)
{
    FOR(i, (int)hs_elements(call->y.shape))
    {
        call->y.v[i] = call->x[0].v[i] * dropout_factor(call, i);
    }
}

void hs_naive_dropout_backward(hs_naive_call *call)
{
    FOR(i, (int)hs_elements(call->dy.shape))
    {
        call->dx[0].v[i] += call->dy.v[i] * dropout_factor(call, i);
    }
}

/* ---- moving pixels */

void hs_naive_concat(hs_naive_call *call)
{
    for (int i = 0, first = 0; i < call->n; first += call->x[i++].shape.c)
        FOR_IMAGE(call->x[i].shape)
        {
            *at(&call->y, n, first + c, h, w) = *at(&call->x[i], n, c, h, w);
        }
}

void hs_naive_concat_backward(hs_naive_call *call)
{
    for (int i = 0, first = 0; i < call->n; first += call->x[i++].shape.c)
        FOR_IMAGE(call->x[i].shape)
        {
            *at(&call->dx[i], n, c, h, w) += *at(&call->dy, n, first + c, h, w);
        }
}

void hs_naive_crop(hs_naive_call *call)
{
    const hs_crop_attr *a = call->attr;
    FOR_IMAGE(call->y.shape)
    {
        *at(&call->y, n, c, h, w) = *at(&call->x[0], n, c, h + a->offset[0], w + a->offset[1]);
    }
}

void hs_naive_crop_backward(hs_naive_call *call)
{
    const hs_crop_attr *a = call->attr;
    FOR_IMAGE(call->dy.shape)
    {
        *at(&call->dx[0], n, c, h + a->offset[0], w + a->offset[1]) += *at(&call->dy, n, c, h, w);
    }
}

void hs_naive_pad(hs_naive_call *call)
{
    const hs_pad_attr *a = call->attr;
    FOR_IMAGE(call->x[0].shape)
    {
        *at(&call->y, n, c, h + a->top, w + a->left) = *at(&call->x[0], n, c, h, w);
    }
}

void hs_naive_pad_backward(hs_naive_call *call)
{
    const hs_pad_attr *a = call->attr;
    FOR_IMAGE(call->x[0].shape)
    {
        *at(&call->dx[0], n, c, h, w) += *at(&call->dy, n, c, h + a->top, w + a->left);
    }
}

/* ---- pooling and interpolation */

/* The first largest pixel of window (i, j): where it lies in image n, channel c of x. */
static double *winner(const hs_max_pool2d_attr *a, const hs_naive_image *x, int n, int c, int i,
                      int j)
{
    double *best = NULL;
    FOR(r, a->kernel[0]) FOR(s, a->kernel[1])
    {
        int h = i * a->stride[0] - a->pad[0] + r;
        int w = j * a->stride[1] - a->pad[1] + s;
        if (inside(x, h, w) && (!best || *at(x, n, c, h, w) > *best))
            best = at(x, n, c, h, w);
    }
    return best;
}

void hs_naive_max_pool2d(hs_naive_call *call)
{
    FOR_IMAGE(call->y.shape)
    {
        *at(&call->y, n, c, h, w) = *winner(call->attr, &call->x[0], n, c, h, w);
    }
}

void hs_naive_max_pool2d_backward(hs_naive_call *call)
{
    const hs_naive_image *x = &call->x[0];
    FOR_IMAGE(call->dy.shape)
    {
        call->dx[0].v[winner(call->attr, x, n, c, h, w) - x->v] += *at(&call->dy, n, c, h, w);
    }
}

/* The place in the output that belongs to pooled pixel (h, w). */
static double *unpooled(const hs_naive_call *call, const hs_naive_image *big, int n, int c, int h,
                        int w)
{
    const hs_naive_image *pooled = &call->x[1];
    int64_t place = winner(call->pool, pooled, n, c, h, w) - at(pooled, n, c, 0, 0);
    return at(big, n, c, (int)(place / pooled->shape.w), (int)(place % pooled->shape.w));
}

void hs_naive_max_unpool2d(hs_naive_call *call)
{
    FOR_IMAGE(call->x[0].shape)
    {
        *unpooled(call, &call->y, n, c, h, w) = *at(&call->x[0], n, c, h, w);
    }
}

void hs_naive_max_unpool2d_backward(hs_naive_call *call)
{
    FOR_IMAGE(call->x[0].shape)
    {
        *at(&call->dx[0], n, c, h, w) += *unpooled(call, &call->dy, n, c, h, w);
    }
}

/* Share of input pixel i in output pixel `out`: a tent around the output's centre, which is held
 * within the centres of the first and the last pixel. */
static double tent(const hs_upsample_bilinear_attr *a, int size, int out_size, int out, int i)
{
    double step = a->factor > 0 ? 1 / a->factor : (double)size / out_size;
    double centre = fmin(fmax((out + 0.5) * step - 0.5, 0), size - 1);
    return fmax(0, 1 - fabs(centre - i));
}

static double tents(const hs_naive_call *call, hs_shape y, int h, int w, int i, int j)
{
    hs_shape x = call->x[0].shape;
    return tent(call->attr, x.h, y.h, h, i) * tent(call->attr, x.w, y.w, w, j);
}

void hs_naive_upsample_bilinear(hs_naive_call *call)
{
    hs_shape x = call->x[0].shape, y = call->y.shape;
    FOR_IMAGE(y) FOR(i, x.h) FOR(j, x.w)
    {
        *at(&call->y, n, c, h, w) += tents(call, y, h, w, i, j) * *at(&call->x[0], n, c, i, j);
    }
}

void hs_naive_upsample_bilinear_backward(hs_naive_call *call)
{
    hs_shape x = call->x[0].shape, y = call->dy.shape;
    FOR_IMAGE(y) FOR(i, x.h) FOR(j, x.w)
    {
        *at(&call->dx[0], n, c, i, j) += tents(call, y, h, w, i, j) * *at(&call->dy, n, c, h, w);
    }
}

/* ---- loss */

/* Weight of a label; 0 where it does not count. */
static double label_weight(const hs_naive_call *call, int label)
{
    const hs_softmax_cross_entropy_attr *a = call->attr;
    int classes = call->x[0].shape.c;
    double sum = 0;
    FOR(c, classes)
    {
        sum += a->class_weights[c];
    }
    if (label >= classes || label == a->ignore)
        return 0;
    return sum > 0 ? a->class_weights[label] : 1;
}

/* Sum over classes of exp(x) at a pixel. */
static double partition(const hs_naive_image *x, int n, int h, int w)
{
    double sum = 0;
    FOR(c, x->shape.c)
    {
        sum += exp(*at(x, n, c, h, w));
    }
    return sum;
}

static double total_weight(const hs_naive_call *call)
{
    double total = 0;
    FOR_IMAGE(call->x[1].shape)
    {
        total += label_weight(call, (int)*at(&call->x[1], n, c, h, w));
    }
    return total;
}

void hs_naive_softmax_cross_entropy(hs_naive_call *call)
{
    const hs_naive_image *x = &call->x[0], *labels = &call->x[1];
    double total = total_weight(call), sum = 0;
    FOR(n, x->shape.n) FOR(h, x->shape.h) FOR(w, x->shape.w)
    {
        int label = (int)*at(labels, n, 0, h, w);
        double weight = label_weight(call, label);
        if (weight > 0)
            sum += weight * (log(partition(x, n, h, w)) - *at(x, n, label, h, w));
    }
    call->y.v[0] = total > 0 ? sum / total : 0;
}

void hs_naive_softmax_cross_entropy_backward(hs_naive_call *call)
{
    const hs_naive_image *x = &call->x[0];
    double total = total_weight(call);
    FOR_IMAGE(x->shape)
    {
        int label = (int)*at(&call->x[1], n, 0, h, w);
        double probability = exp(*at(x, n, c, h, w)) / partition(x, n, h, w);
        if (total > 0)
            *at(&call->dx[0], n, c, h, w) += call->dy.v[0] * label_weight(call, label) / total *
                                             (probability - (c == label ? 1 : 0));
    }
}
