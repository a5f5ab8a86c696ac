#!/usr/bin/env python3
"""Statistics of depth frames, real and rendered side by side.

    scripts/frame_statistics.py DIR... [--sheet SHEET.png] [--frames N] [--step COUNTS]

Each DIR holds images/ and masks/ in the HandSeg layout. Frames wider than 320 pixels are first reduced
to about 320 by taking samples. What is measured, by the same code for every DIR:

zeros       share of the pixels without depth, per frame: mean, least, greatest
hand        share of the image one visible hand covers (hands of fewer than 0.05 % are not visible)
gap         length of a run of zeros, along rows and columns, between two valid pixels whose depths
            differ by more than --step counts (default 200: 25 mm of the SR300); runs of more than 16
            pixels are views past a surface into the room, not gaps: median, 90th percentile
right/left  mean length of the horizontal gaps to the right of the nearer surface over that of those to
            its left
thin        share of valid pixels next to a run of 1 to 3 zeros between depths that differ by less than
            --step: creases and speckle on one surface
hand holes  zeros in horizontal runs of at most 3 between two pixels of one hand whose depths differ by
            less than --step, per pixel of hand
edge        share of the pixels just outside a mask that have no depth
depth       median depth of all valid pixels, and of hands, in counts
right x     mean column of the right hands and of the left hands, 0 to 1
"""
import argparse
import glob
import os
import sys

import numpy as np
from PIL import Image

WIDTH = 320
LONGEST_GAP = 16


def load(folder, limit):
    names = sorted(glob.glob(os.path.join(folder, "images", "*.png")))
    if not names:
        sys.exit(f"frame_statistics: {folder}: got no images/*.png, expected the HandSeg layout")
    if limit and len(names) > limit:  # spread over the set
        names = [names[i * len(names) // limit] for i in range(limit)]
    for name in names:
        depth = np.asarray(Image.open(name)).astype(np.int64)
        mask = np.asarray(Image.open(os.path.join(folder, "masks", os.path.basename(name))))
        by = max(1, round(depth.shape[1] / WIDTH))
        yield depth[::by, ::by], mask[::by, ::by]


def runs(depth, mask):
    """Runs of zeros between two valid pixels of a row: length, depths and labels on both sides."""
    found = []
    for row, label in zip(depth, mask):
        valid = np.flatnonzero(row)
        a, b = valid[:-1], valid[1:]
        keep = b - a > 1
        a, b = a[keep], b[keep]
        found.append(np.stack([b - a - 1, row[a], row[b], label[a], label[b]]))
    return np.concatenate(found, axis=1)


def outline(mask):
    """Pixels outside the mask with a neighbour in it."""
    inside = mask > 0
    near = np.zeros_like(inside)
    near[1:] |= inside[:-1]
    near[:-1] |= inside[1:]
    near[:, 1:] |= inside[:, :-1]
    near[:, :-1] |= inside[:, 1:]
    return near & ~inside


def measure(frames, step):
    zeros, hands, across, down, edge, depths, hand_depths = [], [], [], [], [], [], []
    columns, hand_pixels, valid_pixels = {1: [], 2: []}, 0, 0
    for depth, mask in frames:
        zeros.append(np.mean(depth == 0))
        for label in (1, 2):
            share = np.mean(mask == label)
            if share > 0.0005:
                hands.append(share)
                columns[label].append(np.nonzero(mask == label)[1].mean() / mask.shape[1])
        across.append(runs(depth, mask))
        down.append(runs(depth.T, mask.T))
        edge.append(np.mean(depth[outline(mask)] == 0) if outline(mask).any() else np.nan)
        depths.append(np.median(depth[depth > 0]))
        if (depth[mask > 0] > 0).any():
            hand_depths.append(np.median(depth[(mask > 0) & (depth > 0)]))
        hand_pixels += np.sum(mask > 0)
        valid_pixels += np.sum(depth > 0)
    across, down = np.concatenate(across, axis=1), np.concatenate(down, axis=1)
    both = np.concatenate([across, down], axis=1)
    is_step = np.abs(both[1] - both[2]) > step
    gaps = both[0][is_step & (both[0] <= LONGEST_GAP)]
    wide = across[:, (np.abs(across[1] - across[2]) > step) & (across[0] <= LONGEST_GAP)]
    right, left = wide[0][wide[1] < wide[2]], wide[0][wide[1] > wide[2]]
    one_hand = (across[3] == across[4]) & (across[3] > 0) & (across[0] <= 3)
    holes = across[0][one_hand & (np.abs(across[1] - across[2]) <= step)].sum()
    thin = np.sum(~is_step & (both[0] <= 3))
    return {
        "frames": f"{len(zeros)}",
        "zeros mean %": f"{100 * np.mean(zeros):.1f}",
        "zeros least-greatest %": f"{100 * min(zeros):.1f}-{100 * max(zeros):.1f}",
        "hand median %": f"{100 * np.median(hands):.2f}",
        "hand 5-95 percentile %": "{:.2f}-{:.2f}".format(*100 * np.percentile(hands, [5, 95])),
        "hands a frame": f"{len(hands) / len(zeros):.2f}",
        "gap median px": f"{np.median(gaps):.1f}",
        "gap 90th percentile px": f"{np.percentile(gaps, 90):.1f}",
        "gaps a frame": f"{len(gaps) / len(zeros):.0f}",
        "gap right/left": f"{np.mean(right) / np.mean(left):.2f}",
        "thin % of valid": f"{100 * thin / valid_pixels:.2f}",
        "hand holes %": f"{100 * holes / max(hand_pixels, 1):.2f}",
        "edge without depth %": f"{100 * np.nanmean(edge):.0f}",
        "depth median": f"{np.median(depths):.0f}",
        "depth of hands": f"{np.median(hand_depths):.0f}" if hand_depths else "-",
        "right x": f"{np.mean(columns[1]):.2f}" if columns[1] else "-",
        "left x": f"{np.mean(columns[2]):.2f}" if columns[2] else "-",
    }


def picture(depth, mask):
    grey = np.where(depth > 0, np.clip(40 + (depth - 2000) / 10000 * 215, 40, 255), 0)
    grey = np.where(depth > 0, 255 + 40 - grey, 0)  # near is bright
    colour = np.stack([grey] * 3, axis=-1)
    colour[mask == 1] = 0.5 * colour[mask == 1] + (128, 0, 0)
    colour[mask == 2] = 0.5 * colour[mask == 2] + (0, 128, 0)
    image = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))
    return image.resize((WIDTH, 240), Image.NEAREST)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="DIR")
    parser.add_argument("--sheet", help="PNG to write: a row of frames a DIR")
    parser.add_argument("--frames", type=int, default=200, help="at most so many a DIR (200)")
    parser.add_argument("--step", type=int, default=200, help="counts that make a step (200)")
    options = parser.parse_args()
    columns = [measure(load(folder, options.frames), options.step) for folder in options.folders]
    names = [os.path.basename(os.path.normpath(folder))[:14] for folder in options.folders]
    print(f"{'':26}" + "".join(f"{name:>16}" for name in names))
    for key in columns[0]:
        print(f"{key:26}" + "".join(f"{column[key]:>16}" for column in columns))
    if options.sheet:
        rows = []
        for folder in options.folders:
            tiles = [picture(*frame) for frame in load(folder, 12)]
            for start in range(0, len(tiles), 4):
                rows.append(tiles[start : start + 4])
        sheet = Image.new("RGB", (4 * WIDTH, 240 * len(rows)))
        for y, row in enumerate(rows):
            for x, tile in enumerate(row):
                sheet.paste(tile, (x * WIDTH, y * 240))
        sheet.save(options.sheet)
        print(f"contact sheet: {options.sheet}")


if __name__ == "__main__":
    main()
