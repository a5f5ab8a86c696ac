#!/usr/bin/env python3
"""Trains the PyTorch twin of a network as scripts/compare_nets.sh trains the network: same data, same budget.

    scripts/train_torch.py --net fcn32s --data demo/demo.h5 --steps 2000 [--run OUT/fcn32s] [--init FILE] [--json FILE]

Where a network misses what it should reach, this tells the network from its implementation. Both begin with the same
parameters and train by configs/train/compare.ini: size (DeconvNet has its own), batch, class weights, Adam, warm-up
and cosine, flips, shifts and scales. Frames come in another order. Prints IoU, precision and recall of each class on
the test split, after the last step. --run is a folder of the network's own training: its best.h5 is then evaluated
here as well, and must give what `handseg evaluate` gives; what that run may have begun with lies beside it.

Needs torch, numpy and h5py.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np
import torch
from torch.nn import functional as F

import parity_pytorch
import torch_nets
from experiments import BEGINS_WITH, ROOT, SIZES, first_checkpoint, read_ini

TRAIN, TEST = 0, 2  # codes of /split


class Data:
    """Frames of one split, as the program shows them to a network."""

    def __init__(self, path, split, size, scale):
        with h5py.File(path) as file:
            rows = np.flatnonzero(file["split"][()] == split)
            self.depth, self.mask = file["depth"][rows], file["mask"][rows]
            self.names = [label.decode() for label in file.attrs["labels"]]
            self.scale = scale or file.attrs["normalization"]
        self.size = size
        missing = [name for label, name in enumerate(self.names) if not np.any(self.mask == label)]
        if missing:  # the program merges the hands there
            sys.exit(f"train_torch: {path}: split {split}: got no {' and no '.join(missing)}, expected every class")

    def axis(self, length, out, shift=0.0, scale=1.0, flip=False):
        """For each output sample the nearest input sample, -1 outside."""
        middle = out / 2
        at = middle + (np.arange(out) + 0.5 - middle - shift) / scale
        at = out - at if flip else at
        source = np.ceil(at * length / out).astype(int) - 1
        return np.where((source >= 0) & (source < length), source, -1)

    def sample(self, i, shift=(0.0, 0.0), scale=1.0, flip=False):
        """Depth [H,W] as float, and labels."""
        height, width = self.size
        rows = self.axis(self.depth.shape[1], height, shift[0] * height, scale)
        columns = self.axis(self.depth.shape[2], width, shift[1] * width, scale, flip)
        outside = (rows < 0)[:, None] | (columns < 0)[None]
        depth, mask = (np.where(outside, 0, a[i][rows[:, None], columns]) for a in (self.depth, self.mask))
        if flip:
            left, right = self.names.index("left"), self.names.index("right")
            mask = np.where(mask == left, right, np.where(mask == right, left, mask))
        return (depth / self.scale).astype(np.float32), mask.astype(np.int64)


def batch_of(samples):
    depth, mask = zip(*samples)
    return torch.from_numpy(np.stack(depth)[:, None]), torch.from_numpy(np.stack(mask))


def load(net, checkpoint):
    with h5py.File(checkpoint) as file:
        parity_pytorch.load(net, file)


def beginning(args, net):
    """The parameters the program begins with: those of a run of one step at no rate to speak of."""
    height, width = args.size
    settings = [f"net.file={ROOT / 'configs/nets' / (args.net + '.ini')}", f"net.height={height}", f"net.width={width}",
                f"data.file={args.data.resolve()}", "data.validate=none", "train.steps=1", "optimizer.lr=1e-30"]
    settings += [f"train.init={args.init.resolve()}"] if args.init else []
    with tempfile.TemporaryDirectory() as folder:
        command = [args.program, "train", ROOT / "configs/train/compare.ini", "--quiet", "--set",
                   f"train.out={folder}/run"]
        done = subprocess.run([str(c) for c in command + [w for s in settings for w in ("--set", s)]], check=False,
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"train_torch: {done.stderr}")
        load(net, f"{folder}/run/last.h5")


def rate(settings, step, steps):
    warmup, lr = int(settings["schedule"]["warmup"]), float(settings["optimizer"]["lr"])
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


def train(net, data, settings, steps, seed):
    """Returns the seconds it took."""
    augment, batch = settings["augment"], int(settings["train"]["batch"])
    weights = torch.tensor([float(v) for v in settings["loss"]["class_weights"].split(",")])
    o = settings["optimizer"]
    adam = torch.optim.Adam(net.parameters(), betas=(float(o["beta1"]), float(o["beta2"])), fused=True)
    rng = np.random.default_rng(seed)
    order, began = [], time.perf_counter()
    net.train()
    for step in range(steps):
        samples = []
        for _ in range(batch):
            order = order or list(rng.permutation(len(data.depth)))
            shift, most = float(augment["translate"]), math.log1p(float(augment["scale"]))
            samples.append(data.sample(order.pop(), rng.uniform(-shift, shift, 2), math.exp(rng.uniform(-most, most)),
                                       rng.random() < 0.5))
        images, labels = batch_of(samples)
        for group in adam.param_groups:
            group["lr"] = rate(settings, step, steps)
        loss = F.cross_entropy(net(images), labels, weights)
        adam.zero_grad()
        loss.backward()
        adam.step()
        if (step + 1) % 50 == 0:
            taken = time.perf_counter() - began
            print(f"step {step + 1}/{steps}  loss {loss.item():.4f}  {taken / (step + 1):.2f} s a step, "
                  f"{taken / (step + 1) * (steps - step - 1) / 60:.0f} min left", file=sys.stderr, flush=True)
    return time.perf_counter() - began


def evaluate(net, data):
    """{class: {iou, precision, recall}} over all pixels of the split, and the mean of the hands."""
    classes = len(data.names)
    confusion = np.zeros((classes, classes), np.int64)  # truth, prediction
    net.eval()
    with torch.no_grad():
        for i in range(0, len(data.depth), 8):
            images, labels = batch_of([data.sample(k) for k in range(i, min(i + 8, len(data.depth)))])
            pairs = labels.numpy() * classes + net(images).argmax(1).numpy()
            confusion += np.bincount(pairs.ravel(), minlength=classes**2).reshape(classes, classes)
    hit, truth, found = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    table = {name: {"iou": hit[c] / (truth[c] + found[c] - hit[c]), "precision": hit[c] / max(found[c], 1),
                    "recall": hit[c] / truth[c]} for c, name in enumerate(data.names)}
    table["mean of hands"] = {key: float(np.mean([table[c][key] for c in data.names[1:]])) for key in table["left"]}
    return table


def show(title, table):
    print(title)
    for name, row in table.items():
        print(f"  {name:14}" + "".join(f"  {key} {100 * value:6.2f}" for key, value in row.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", required=True, choices=torch_nets.NETS)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--size", default=None, help="WIDTHxHEIGHT: as in configs/train/compare.ini, or the net's own")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run", type=pathlib.Path, help="folder of the network's own training, to evaluate as well")
    parser.add_argument("--init", type=pathlib.Path, help="checkpoint to begin with, as train.init: FCN32s' for "
                        "FCN16s; of the folder beside --run where it is there")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    args = parser.parse_args()
    settings, net_file = read_ini(ROOT / "configs/train/compare.ini"), read_ini(ROOT / f"configs/nets/{args.net}.ini")
    if net_file["input"].get("normalize") != "constant":
        sys.exit(f"train_torch: {args.net}: input.normalize: got something else, expected constant")
    height, width = SIZES.get(args.net, (settings["net"]["height"], settings["net"]["width"]))
    if args.size:
        width, height = args.size.split("x")
    args.size = int(height), int(width)
    if args.run and not args.init:
        args.init = first_checkpoint(args.net, args.run.resolve().parent)
    if args.net in BEGINS_WITH:
        print(f"{args.net} begins with {args.init or 'random parameters: no --init, and none beside --run'}",
              file=sys.stderr)
    scale = float(net_file["input"].get("scale", 0))
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    net = torch_nets.NETS[args.net]()
    test = Data(args.data, TEST, args.size, scale)
    if args.run:
        load(net, args.run / "best.h5")
        show(f"{args.net}, trained by handseg, evaluated by PyTorch", evaluate(net, test))
    beginning(args, net)
    seconds = train(net, Data(args.data, TRAIN, args.size, scale), settings, args.steps, args.seed)
    table = evaluate(net, test)
    show(f"{args.net}, trained by PyTorch {torch.__version__}, {args.steps} steps in {seconds / 60:.1f} min", table)
    if args.json:
        args.json.write_text(json.dumps({"net": args.net, "steps": args.steps, "train_seconds": seconds,
                                         "classes": table}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
