#!/usr/bin/env python3
"""Writes tests/golden/net.h5: PyTorch's numbers for the proposed network's architecture at a small width.

    python3 tests/golden/net.py

Needs torch, numpy and h5py; the test that reads the file needs none of them
(PyTorch 2.13 made the file in the repository). Layout of the file: tests/support/trace.h, case and results
in one. PyTorch computes in double precision, so that all rounding the test sees is ours. What the test
compares is kept to BITS bits of mantissa, far within its bounds, to keep the file small.
"""
import pathlib
import re
import sys

import h5py
import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "scripts"))
import parity_pytorch as parity

WIDTH, HEIGHT, COLUMNS, BATCH, FRAMES, STEPS = 4, 16, 64, 2, 4, 20
BITS = 14


def config():
    """configs/nets/handseg.ini with another width and size."""
    text = (HERE.parent.parent / "configs/nets/handseg.ini").read_text()
    text = re.sub(r"(?m)^filters = (\d+)(?!.*right hand).*$", lambda m: f"filters = {int(m[1]) * WIDTH // 64}", text)
    text = re.sub(r"(?m)[ \t]*[;#].*$", "", text).strip() + "\n"
    return text.replace("height = 240", f"height = {HEIGHT}").replace("width = 320", f"width = {COLUMNS}")


def round_to(x, bits):
    """x with `bits` bits of mantissa."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.round(mantissa * 2.0**bits), exponent - bits)


def start(net):
    """Parameters as of a trained network: nothing zero, nothing one."""
    rng = np.random.default_rng(1)
    for name, tensor in parity.tensors_of(net):
        shape, kind = tuple(tensor.shape), name.split("/")[1]
        if kind == "weight":
            value = rng.normal(0, np.sqrt(2 / (min(shape[:2]) * 16)), shape)
        elif kind in ("bn_weight", "bn_var"):
            value = rng.uniform(0.5, 1.5, shape)
        else:
            value = rng.normal(0, 0.2, shape)
        yield name, round_to(value, 8)


def frames():
    """Depth with gaps, and labels that follow it."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[:HEIGHT, :COLUMNS]
    images, labels = [], []
    for _ in range(FRAMES):
        image = 0.8 + 0.004 * y + 0.05 * rng.standard_normal((HEIGHT, COLUMNS))
        label = np.zeros((HEIGHT, COLUMNS), np.uint8)
        for hand in (1, 2):
            inside = np.hypot(y - rng.uniform(4, 12), x - rng.uniform(8, 56)) < rng.uniform(3, 6)
            image[inside] -= 0.2 + 0.1 * hand
            label[inside] = hand
        image[rng.random((HEIGHT, COLUMNS)) < 0.2] = 0
        images.append(round_to(image, 8)[None])
        labels.append(label[None])
    return np.array(images), np.array(labels)


def main():
    path = HERE / "net.h5"
    net = parity.twins.HandSeg(WIDTH)
    images, labels = frames()
    parity.write_case(path, config(), dict(start(net)), images, labels, [0.04, 1.0, 1.25], BATCH, STEPS,
                      np.float32)
    with h5py.File(path, "a", libver=parity.LIBVER) as file:
        results = {}
        parity.trace(net, file, torch.float64, results)
        for name, value in results.items():
            parity.write_array(file, name, round_to(value, BITS).astype(np.float32))
        file.attrs["made_by"] = f"PyTorch {torch.__version__.split('+')[0]}"
    print(f"{path}: {path.stat().st_size} bytes")


main()
