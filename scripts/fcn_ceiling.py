#!/usr/bin/env python3
"""The best an FCN could do at an input size, whatever its parameters: what its coarse scores can express.

    scripts/fcn_ceiling.py --net fcn32s --data demo/demo.h5 [--size 128x96] [--frames N] [--json FILE]

An FCN scores a grid of its stride, coarser than its input, and enlarges the scores bilinearly. Here nothing computes the
scores: they are free, and gradient ascent fits them to the labels of the test split themselves, by the IoU of the hands.
A network has to guess what is fitted here, so it stays below. What the ascent has not found, by chance or for want of
steps, is missing; it is shown as it grows.

Needs torch, numpy and h5py.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import torch
from torch.nn import functional as F

from train_torch import TEST, Data, batch_of

STRIDES = {"fcn32s": 32, "fcn32s_pad100": 32, "fcn16s": 16, "fcn8s": 8}
RATE, BEGIN, SHOW = 0.3, 100, 100  # of Adam; steps by the cross-entropy before those by the IoU; steps between lines


def soft_iou(scores, hands):
    """Mean of left and right of IoU, probabilities in place of labels. scores [N,3,H,W], hands [N,2,H,W]."""
    p = scores.softmax(1)[:, 1:]
    both = (p * hands).sum((0, 2, 3))
    return (both / (p.sum((0, 2, 3)) + hands.sum((0, 2, 3)) - both)).mean()


def hard_iou(scores, labels):
    found, ious = scores.argmax(1), []
    for c in (1, 2):
        ious.append(((found == c) & (labels == c)).sum() / ((found == c) | (labels == c)).sum())
    return torch.stack(ious).mean().item()


def scores_along(size, net):
    """Rows or columns of the grid of an image of so many."""
    if net != "fcn32s_pad100":
        return -(-size // STRIDES[net])
    size += 2 * 100 - 2  # conv1_1 with its border
    for _ in range(5):
        size = -(-size // 2)
    return size - 6  # whole windows of fc6


def enlarge(grid, net, height, width):
    """As configs/nets says; published, zeros surround the scores, and 19 of what they add to are cut off."""
    padded = net == "fcn32s_pad100"
    scores = F.interpolate(F.pad(grid, [1] * 4) if padded else grid, scale_factor=STRIDES[net], mode="bilinear",
                           align_corners=False)
    crop = 16 + 19 if padded else 0
    return scores[:, :, crop:crop + height, crop:crop + width]


def climb(labels, net, steps):
    """The best hand mIoU found. labels [N,H,W]."""
    n, height, width = labels.shape
    hands = F.one_hot(labels, 3).permute(0, 3, 1, 2)[:, 1:].float()
    grid = torch.zeros(n, 3, scores_along(height, net), scores_along(width, net), requires_grad=True)
    adam = torch.optim.Adam([grid], lr=RATE)
    best = 0.0
    for step in range(1, steps + 1):
        scores = enlarge(grid, net, height, width)
        if step % SHOW == 0 or step == steps:
            best = max(best, hard_iou(scores.detach(), labels))
            print(f"step {step}/{steps}  hand mIoU {best:.4f}", file=sys.stderr, flush=True)
        loss = F.cross_entropy(scores, labels) if step <= BEGIN else -soft_iou(scores, hands)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", required=True, choices=STRIDES)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--size", default="128x96", help="WIDTHxHEIGHT of the input: 128x96")
    parser.add_argument("--frames", type=int, default=0, help="evenly spread over the test split; 0: all")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    width, height = map(int, args.size.split("x"))
    data = Data(args.data, TEST, (height, width), 0)
    count = min(args.frames or len(data.depth), len(data.depth))
    rows = np.linspace(0, len(data.depth) - 1, count).astype(int)
    _, labels = batch_of([data.sample(i) for i in rows])
    best = climb(labels, args.net, args.steps)
    print(f"{args.net} at {args.size}: {100 * best:.1f} hand mIoU on {count} frames, of scores fitted to their labels")
    if args.json:
        args.json.write_text(json.dumps({"net": args.net, "size": args.size, "frames": count, "steps": args.steps,
                                         "miou": best}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
