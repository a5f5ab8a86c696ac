#!/usr/bin/env python3
"""Writes tests/golden/nets/NAME.h5: PyTorch's numbers for the networks of configs/nets at a small width.

    python3 tests/golden/net.py [NAME ...]        # all of them

Needs torch, numpy and h5py; the test that reads the files needs none of them (PyTorch 2.13 made those in the
repository). Layout of a file: tests/support/trace.h, case and results in one, but for the network: `config` only names
configs/nets/NAME.ini, which the test reads, with 1/`narrow` of its filters and without dropout. PyTorch's networks
are scripts/torch_nets.py, which knows nothing of those files. PyTorch computes in double precision, so that all
rounding the test sees is ours. What the test compares is kept to BITS bits of mantissa, far within its bounds, to
keep the files small. For that, too, weights and depth repeat after PERIOD numbers, and of logits there is every
`every`th row and column; only the proposed network has gradients and updated values of large tensors: elsewhere their
biases and norms have them.
"""
import argparse
import functools
import pathlib
import sys

import h5py
import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "scripts"))
import parity_pytorch as parity

BATCH, BITS, LARGE = 2, 14, 1000
PERIOD = 1021  # a prime, so that no two filters begin at the same number
UPDATES = 20
# At the rate of the others DeconvNet, whose first full layer norms eight numbers of a channel, takes what rounding
# changes times four at every update, in PyTorch as here.
RATES = {"deconvnet": 2e-5}
# Network: narrow, height, width, frames, every.
NETS = {
    "handseg": (16, 16, 64, 4, 1),
    "handseg_sum": (32, 16, 64, 4, 3),
    "handseg_half": (16, 32, 16, 4, 3),
    "fcn32s": (32, 37, 45, 4, 3),
    "fcn16s": (32, 37, 45, 4, 3),
    "fcn8s": (32, 45, 37, 4, 3),
    "fcn32s_pad100": (32, 21, 26, 4, 3),
    "segnet": (32, 37, 45, 4, 3),
    "deconvnet": (32, 225, 231, 2, 7),
}
WHOLE = "handseg"  # has all gradients, and all parameters after the updates


def round_to(x, bits):
    """x with `bits` bits of mantissa."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.round(mantissa * 2.0**bits), exponent - bits)


def deviation(net, layer, shape):
    """Of weights, so that what a layer gives is as large as what it takes."""
    conv = getattr(net, layer).conv
    transposed = isinstance(conv, torch.nn.ConvTranspose2d)
    taken = shape[0] * conv.stride[0] ** -2 if transposed else shape[1]
    return np.sqrt(2 / (taken * shape[2] * shape[3]))


def start(net, images):
    """Parameters as of a trained network: nothing zero, nothing one, statistics near those of the frames."""
    rng = np.random.default_rng(1)
    tensors = dict(parity.tensors_of(net))
    for name, tensor in tensors.items():
        shape, (layer, kind) = tuple(tensor.shape), name.split("/")
        if kind == "weight":
            value = np.resize(rng.normal(0, deviation(net, layer, shape), PERIOD), shape)
        elif kind == "bn_weight":
            value = rng.uniform(0.5, 1.5, shape)
        else:
            value = rng.normal(0.1, 0.2, shape)
        tensor.data = torch.from_numpy(round_to(value, 8))
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1  # the frames' own, which the next pass leaves
    with torch.no_grad():
        net(torch.from_numpy(images))
    for name, tensor in tensors.items():
        value, kind = tensor.detach().numpy(), name.split("/")[1]
        if kind == "bn_mean":
            value = value + rng.normal(0, 0.1, value.shape)
        elif kind == "bn_var":
            value = value * rng.uniform(0.5, 1.5, value.shape)
        yield name, round_to(value, 8)


def frames(count, height, width):
    """Depth with gaps, and labels that follow it."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[:height, :width]
    images, labels = [], []
    for _ in range(count):
        wall = np.where(rng.random(PERIOD) < 0.2, 0, rng.normal(0.8, 0.05, PERIOD))
        image = np.resize(wall, (height, width))
        label = np.zeros((height, width), np.uint8)
        for hand in (1, 2):
            middle = height * rng.uniform(0.25, 0.75), width * rng.uniform(0.1, 0.9)
            inside = np.hypot(y - middle[0], x - middle[1]) < min(height, width) * rng.uniform(0.2, 0.35)
            image[inside] *= 0.8 - 0.2 * hand
            label[inside] = hand
        images.append(round_to(image, 8)[None])
        labels.append(label[None])
    return np.array(images), np.array(labels)


def is_kept(net, array, value):
    return net == WHOLE or array.split("/")[0] not in ("after", "gradients") or value.size <= LARGE


def write(name, path):
    narrow, height, width, count, every = NETS[name]
    make = functools.partial(parity.twins.NETS[name], narrow=narrow)
    images, labels = frames(count, height, width)
    params = dict(start(make().double(), images))
    parity.write_case(path, f"configs/nets/{name}.ini", params, images, labels, [0.04, 1.0, 1.25], BATCH,
                      UPDATES, np.float32, RATES.get(name, parity.ADAM["lr"]))
    with h5py.File(path, "a", libver=parity.LIBVER) as file:
        results = {}
        parity.trace(make(), file, torch.float64, results)
        for array, value in results.items():
            if array in ("inference", "logits"):
                value = value[:, :, ::every, ::every]
            if is_kept(name, array, value):
                parity.write_array(file, array, round_to(value, BITS).astype(np.float32))
        file.attrs.update({"narrow": narrow, "every": every,
                           "made_by": f"PyTorch {torch.__version__.split('+')[0]}"})
    spread = results["inference"].std(axis=(2, 3)).min()  # of a class in a frame: 0 where layers are dead
    print(f"{path}: {path.stat().st_size} bytes, loss {results['loss'][0]:.3f}, least spread of logits {spread:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(NETS))
    names = parser.parse_args().names or list(NETS)
    for name in names:
        if name not in NETS:
            parser.error(f"got '{name}', expected some of {', '.join(NETS)}")
    (HERE / "nets").mkdir(exist_ok=True)
    for name in names:
        write(name, HERE / "nets" / f"{name}.h5")


main()
