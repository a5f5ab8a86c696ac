#!/usr/bin/env python3
"""Writes PyTorch's numbers for every op, forward and backward, at odd sizes:

    python3 tests/golden/ops.py

tests/golden/ops.inc has the cases as C initialisers, tests/golden/ops.f32 the numbers, float32 in
little-endian order, case after case: inputs, parameters, dy, y, gradients of the differentiable
inputs, gradients of the trained parameters, running statistics after the step. Needs PyTorch
(2.13 made the files in the repository); the test that reads them does not.
"""
import pathlib

import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).parent
numbers, lines = [], []


def pair(p):
    return "{%d, %d}" % tuple(p)


def truth(b):
    return "true" if b else "false"


def keep(*tensors):
    numbers.extend(t.detach().to(torch.float32).reshape(-1).clone() for t in tensors)


def case(op, inputs, params, run, attr="", pool="", fixed=(), statistics=()):
    """`fixed` inputs follow the others and have no gradient; statistics change in forward."""
    shapes = ", ".join("{%d, %d, %d, %d}" % tuple(t.shape) for t in [*inputs, *fixed])
    line = f"{{.op = &hs_op_{op}, .n = {len(inputs) + len(fixed)}, .in = {{{shapes}}}"
    if attr:
        line += f", .attr.{op} = {{{attr}}}"
    if pool:
        line += f", .pool = {{{pool}}}"
    lines.append(line + "},")
    keep(*inputs, *fixed, *params, *statistics)
    for t in [*inputs, *params]:
        t.requires_grad_()
    y = run()
    dy = torch.randn(y.shape)
    y.backward(dy)
    keep(dy, y, *(t.grad for t in inputs), *(t.grad for t in params), *statistics)


def tensor(n, c, h, w):
    """Distinct numbers far from each other and from zero."""
    count = n * c * h * w
    return (torch.randperm(count).reshape(n, c, h, w) + 0.25) / count * 4 - 2


def conv(shape, filters, kernel, stride, pad, dilation, bias):
    x, w = tensor(*shape), torch.randn(filters, shape[1], *kernel)
    b = [torch.randn(filters)] if bias else []
    case("conv2d", [x], [w, *b],
         lambda: F.conv2d(x, w, *b, stride=stride, padding=pad, dilation=dilation),
         f"{filters}, {pair(kernel)}, {pair(stride)}, {pair(pad)}, {pair(dilation)}, "
         f"{truth(bias)}")


def deconv(shape, filters, kernel, stride, pad, dilation, output_pad, bias):
    x, w = tensor(*shape), torch.randn(shape[1], filters, *kernel)
    b = torch.randn(filters) if bias else None
    case("conv_transpose2d", [x], [w] + ([b] if bias else []),
         lambda: F.conv_transpose2d(x, w, b, stride, pad, output_pad, 1, dilation),
         f"{filters}, {pair(kernel)}, {pair(stride)}, {pair(pad)}, {pair(dilation)}, "
         f"{pair(output_pad)}, {truth(bias)}")


def norm(shape, eps, momentum):
    c = shape[1]
    x, w, b = tensor(*shape), torch.randn(c), torch.randn(c)
    mean, var = torch.randn(c), torch.rand(c) + 0.5
    case("batch_norm2d", [x], [w, b],
         lambda: F.batch_norm(x, mean, var, w, b, True, momentum, eps),
         f"{eps}, {momentum}", statistics=[mean, var])


def pool(shape, kernel, stride, pad, ceil):
    x = tensor(*shape)
    case("max_pool2d", [x], [], lambda: F.max_pool2d(x, kernel, stride, pad, 1, ceil),
         f"{pair(kernel)}, {pair(stride)}, {pair(pad)}, {truth(ceil)}")


def unpool(shape, kernel, stride, ceil):
    big = tensor(*shape)
    y, places = F.max_pool2d(big, kernel, stride, 0, 1, ceil, True)
    x = tensor(*y.shape)
    case("max_unpool2d", [x], [],
         lambda: F.max_unpool2d(x, places, kernel, stride, 0, shape[2:]), fixed=[big],
         pool=f"{pair(kernel)}, {pair(stride)}, {{0, 0}}, {truth(ceil)}")


def upsample(shape, factor=None, size=None):
    x = tensor(*shape)
    case("upsample_bilinear", [x], [],
         lambda: F.interpolate(x, size, factor, "bilinear", align_corners=False),
         f"{factor or 0}, {pair(size or (0, 0))}")


def loss(shape, weights, ignore):
    n, c, h, w = shape
    x, labels = tensor(*shape), torch.randint(0, c, (n, 1, h, w))
    if ignore >= c:
        labels[torch.rand(labels.shape) < 0.2] = ignore
    attr = "{%s}, %d" % (", ".join(map(str, weights or [0])), ignore)
    weight = torch.tensor(weights) if weights else None
    case("softmax_cross_entropy", [x], [],
         lambda: F.cross_entropy(x, labels[:, 0], weight,
                                 ignore_index=ignore).reshape(1, 1, 1, 1),
         attr, fixed=[labels])


def main():
    torch.manual_seed(1)
    conv((2, 3, 7, 9), 5, (3, 3), (1, 1), (1, 1), (1, 1), True)
    conv((1, 5, 7, 9), 17, (4, 4), (2, 2), (1, 1), (1, 1), False)
    conv((1, 2, 11, 8), 3, (3, 2), (3, 1), (2, 0), (2, 3), True)
    deconv((2, 3, 3, 5), 5, (4, 4), (2, 2), (1, 1), (1, 1), (0, 0), False)
    deconv((1, 17, 3, 4), 2, (3, 2), (3, 1), (2, 0), (2, 3), (1, 2), True)
    deconv((1, 2, 4, 3), 3, (1, 2), (3, 3), (0, 0), (1, 1), (2, 0), True)
    norm((3, 5, 3, 5), 1e-5, 0.1)
    norm((1, 17, 5, 3), 1e-2, 0.3)
    x = tensor(2, 5, 3, 5)
    case("relu", [x], [], lambda: F.relu(x))
    for slope in (0.2, 0.01):
        a = tensor(1, 3, 5, 7)
        case("leaky_relu", [a], [], lambda a=a, s=slope: F.leaky_relu(a, s), str(slope))
    b = [tensor(2, 3, 3, 5) for _ in range(3)]
    case("add", b, [], lambda: b[0] + b[1] + b[2])
    d = [tensor(2, c, 3, 5) for c in (3, 17, 1)]
    case("concat", d, [], lambda: torch.cat(d, 1))
    pool((2, 3, 7, 9), (2, 2), (2, 2), (0, 0), True)
    pool((1, 3, 7, 9), (2, 2), (2, 2), (0, 0), False)
    pool((1, 5, 9, 7), (3, 3), (2, 2), (1, 1), True)
    pool((1, 2, 7, 11), (3, 2), (1, 3), (1, 0), True)
    unpool((1, 3, 7, 9), (2, 2), (2, 2), True)
    unpool((2, 2, 7, 9), (2, 3), (3, 3), False)
    upsample((1, 3, 5, 7), factor=2.0)
    upsample((1, 2, 3, 5), factor=3.5)
    upsample((2, 1, 7, 9), factor=0.5)
    upsample((1, 3, 3, 5), size=(8, 4))
    e = tensor(2, 3, 3, 5)
    case("dropout", [e], [], lambda: F.dropout(e, 0.0), "0, false")
    f = tensor(1, 3, 7, 9)
    case("crop", [f], [], lambda: f[:, :, 1:5, 3:8], "{1, 3}, {4, 5}")
    g = tensor(1, 3, 3, 5)
    case("pad", [g], [], lambda: F.pad(g, (3, 4, 1, 2)), "1, 2, 3, 4")
    loss((2, 3, 5, 7), None, 255)
    loss((1, 5, 7, 3), [0.5, 2.0, 7.25, 1.0, 0.0], -1)
    loss((2, 4, 3, 5), [1.0, 32.0, 30.0, 0.1], 2)
    pool((1, 3, 1, 3), (2, 2), (2, 2), (0, 0), True)  # a window larger than the image
    unpool((1, 3, 1, 1), (2, 2), (2, 2), True)
    (FOLDER / "ops.f32").write_bytes(torch.cat(numbers).numpy().astype("<f4").tobytes())
    (FOLDER / "ops.inc").write_text(
        f"/* Made by tests/golden/ops.py with PyTorch {torch.__version__.split('+')[0]}. */\n" +
        "\n".join(lines) + "\n")


main()
