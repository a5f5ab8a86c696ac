#!/usr/bin/env python3
"""Holds handseg's random forest against one written here in plain numpy, on the same split of the same frames.

    scripts/compare_forest.py PROGRAM DATA.h5 OUT     (scripts/compare_forest.sh renders the frames first)

Both grow trees of the features f(p; u, v) = d(p + u / d(p)) - d(p + v / d(p)), with the same numbers of trees,
candidates, thresholds and pixels, and offsets drawn from the same distribution. Everything else is each one's own:
random numbers, double precision here and whole counts there, thresholds (here the f of random pixels, there evenly
between two of them), recursion here and levels there. One forest is a point better or worse than the next by its random
numbers alone, so each side grows a few, which takes Python minutes. Ends with 1 where their mean mIoU of the hands
differs by more than a point."""
import json
import pathlib
import statistics
import subprocess
import sys
import time

import h5py
import numpy

HEIGHT, WIDTH = 60, 80
TREES, DEPTH, CANDIDATES, THRESHOLDS, PIXELS = 5, 11, 60, 15, 600
OFFSET, OWN, FAR, LEAST = 64.0, 0.5, 65535, 4
SEEDS = 4  # forests of each
MOST = 1.0  # points between the means of the two


def sample_rows(have, want):
    """The nearest source sample of each, the lower of two equally near."""
    return numpy.ceil((numpy.arange(want) + 0.5) * have / want - 1).astype(int).clip(0, have - 1)


class Frames:
    """Depth in metres, FAR where there is none, with labels; of one split."""

    def __init__(self, path, split):
        with h5py.File(path) as data:
            unit = float(data.attrs["depth_unit"])
            splits = [name.decode() for name in data["/split"].attrs["names"]]
            chosen = numpy.flatnonzero(data["/split"][:] == splits.index(split))
            depth, mask = data["/depth"], data["/mask"]
            rows, columns = sample_rows(depth.shape[1], HEIGHT), sample_rows(depth.shape[2], WIDTH)
            raw = numpy.stack([depth[i][rows][:, columns] for i in chosen])
            self.mask = numpy.stack([mask[i][rows][:, columns] for i in chosen])
            self.classes = len(data.attrs["labels"])
        self.measured = raw > 0
        self.depth = numpy.where(self.measured, raw, FAR) * unit
        self.far = FAR * unit

    def features(self, at, u, v):
        """f of the pixels at (frame, row, column)."""
        frame, row, column = at
        here = self.depth[frame, row, column]

        def probe(offset):
            x = numpy.floor(column + 0.5 + offset[0] / here).astype(int)
            y = numpy.floor(row + 0.5 + offset[1] / here).astype(int)
            inside = (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
            return numpy.where(inside, self.depth[frame, y.clip(0, HEIGHT - 1), x.clip(0, WIDTH - 1)], self.far)

        return probe(u) - probe(v)


def draw_pixels(frames, random):
    """Of each frame the same number of measured pixels of each class, or all there are."""
    classes, found = frames.classes, []
    for i in range(len(frames.mask)):
        for label in range(classes):
            places = numpy.flatnonzero((frames.mask[i] == label) & frames.measured[i])
            places = random.permutation(places)[:PIXELS // classes]
            found.append(numpy.stack([numpy.full(len(places), i), places // WIDTH, places % WIDTH]))
    return numpy.concatenate(found, axis=1)


def draw_offset(random):
    return random.uniform(-OFFSET, OFFSET, 2) * random.uniform()


def entropy(counts):
    """Of the last axis, in bits."""
    total = counts.sum(-1, keepdims=True)
    share = counts / numpy.maximum(total, 1)
    return -(share * numpy.log2(numpy.where(share > 0, share, 1))).sum(-1)


def best_split(frames, at, labels, classes, random):
    best = (1e-5, None)
    one_hot = numpy.eye(classes)[labels]
    before, n = entropy(one_hot.sum(0)), len(labels)
    for _ in range(CANDIDATES):
        u = draw_offset(random)
        v = numpy.zeros(2) if random.uniform() < OWN else draw_offset(random)
        f = frames.features(at, u, v)
        thresholds = numpy.sort(f[random.integers(0, n, THRESHOLDS)])
        bins = numpy.searchsorted(thresholds, f, side="right")
        counts = numpy.zeros((THRESHOLDS + 1, classes))
        numpy.add.at(counts, (bins, labels), 1)
        left = counts.cumsum(0)[:-1]  # bins up to k: f < thresholds[k]
        right = left[-1] + counts[-1] - left
        sizes = left.sum(1), right.sum(1)
        gain = before - (sizes[0] * entropy(left) + sizes[1] * entropy(right)) / n
        gain[(sizes[0] < LEAST) | (sizes[1] < LEAST)] = -1
        k = int(gain.argmax())
        if gain[k] > best[0]:
            best = (gain[k], (u, v, thresholds[k]))
    return best[1]


def grow(frames, at, classes, depth, random):
    """A tree as nested tuples (u, v, threshold, left, right); a leaf is an empty list, to be filled."""
    labels = frames.mask[tuple(at)]
    split = None
    if depth < DEPTH and len(labels) >= 2 * LEAST and len(numpy.unique(labels)) > 1:
        split = best_split(frames, at, labels, classes, random)
    if split is None:
        return []
    right = frames.features(at, split[0], split[1]) >= split[2]
    return (*split, grow(frames, at[:, ~right], classes, depth + 1, random),
            grow(frames, at[:, right], classes, depth + 1, random))


def visit_leaves(tree, frames, at, visit):
    """Sends pixels down; `visit` gets each leaf and the numbers of the pixels that came to it."""
    todo = [(tree, numpy.arange(at.shape[1]))]
    while todo:
        node, pixels = todo.pop()
        if isinstance(node, list):
            visit(node, pixels)
            continue
        u, v, threshold, left, right = node
        goes = frames.features(at[:, pixels], u, v) >= threshold
        todo += [(left, pixels[~goes]), (right, pixels[goes])]


def measured_pixels(frames):
    return numpy.stack(numpy.nonzero(frames.measured))


def count_leaves(tree, frames, classes):
    """Every measured pixel of the frames, in the leaf it ends in."""
    at = measured_pixels(frames)
    labels = frames.mask[tuple(at)]

    def visit(leaf, pixels):
        leaf[:] = numpy.bincount(labels[pixels], minlength=classes)

    visit_leaves(tree, frames, at, visit)


def predict(trees, frames, classes):
    at = measured_pixels(frames)
    shares = numpy.zeros((at.shape[1], classes))

    def visit(leaf, pixels):
        counts = numpy.array(leaf, float)
        shares[pixels] += counts / max(counts.sum(), 1)

    for tree in trees:
        visit_leaves(tree, frames, at, visit)
    labels = numpy.zeros(frames.mask.shape, int)
    labels[tuple(at)] = shares.argmax(1)
    return labels


def hand_miou(truth, labels, classes):
    ious = []
    for c in range(1, classes):
        both, either = ((truth == c) & (labels == c)).sum(), ((truth == c) | (labels == c)).sum()
        ious.append(both / either)
    return 100 * float(numpy.mean(ious))


def score_python(data, seed):
    train, test = Frames(data, "train"), Frames(data, "test")
    classes, trees = train.classes, []
    for i in range(TREES):
        random = numpy.random.default_rng([seed, i])
        trees.append(grow(train, draw_pixels(train, random), classes, 0, random))
        count_leaves(trees[-1], train, classes)
    return hand_miou(test.mask, predict(trees, test, classes), classes)


CONFIG = f"""[input]
height = {HEIGHT}
width = {WIDTH}
[forest]
trees = {TREES}
depth = {DEPTH}
candidates = {CANDIDATES}
thresholds = {THRESHOLDS}
pixels = {PIXELS}
offset = {OFFSET}
own = {OWN}
least = {LEAST}
leaves = frames
[data]
file = data.h5
validate = none
[augment]
flip = no
translate = 0
scale = 0
[train]
out = run
"""


def score_handseg(program, data, out, seed):
    out.mkdir(parents=True, exist_ok=True)
    (out / "forest.ini").write_text(CONFIG)
    run = out / "run"
    for old in run.glob("*") if run.is_dir() else []:
        old.unlink()
    subprocess.run([program, "train", out / "forest.ini", "--quiet", "--set", f"data.file={data}",
                    "--set", f"train.out={run}", "--set", f"train.seed={seed}"], check=True)
    text = subprocess.run([program, "evaluate", run / "best.h5", "--data", data, "--format", "json", "--quiet"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return next(100 * row["iou"] for row in json.loads(text)["classes"] if row["class"] == "mean of hands")


def main():
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM DATA.h5 OUT")
    program, data, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    scores, means = {}, {}
    sides = {"handseg": lambda seed: score_handseg(program, data, out, seed),
             "Python": lambda seed: score_python(data, seed)}
    for name, score in sides.items():
        start, scores[name] = time.monotonic(), []
        for seed in range(1, SEEDS + 1):
            scores[name].append(score(seed))
            print(f"{name:8} forest {seed} of {SEEDS}, hand mIoU {scores[name][-1]:.2f} %", flush=True)
        means[name] = statistics.mean(scores[name])
        print(f"{name:8} mean {means[name]:.2f} %, standard deviation {statistics.stdev(scores[name]):.2f}, "
              f"{time.monotonic() - start:.0f} s", flush=True)
    apart = abs(means["handseg"] - means["Python"])
    (out / "forests.json").write_text(json.dumps({**scores, "apart": apart}) + "\n")
    print(f"{apart:.2f} points apart, {'at' if apart <= MOST else 'more than the'} most {MOST:g} allowed")
    sys.exit(apart > MOST)


main()
