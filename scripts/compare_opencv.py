#!/usr/bin/env python3
"""Holds the image algorithms against OpenCV, bit for bit.

    scripts/compare_opencv.py [--rounds 200] [--seed 1] [IMAGE...]

Compared are the conversion of all 16,777,216 colours to HSV, boxes of colours with and without a hue that wraps,
erosion, dilation and opening with ellipses, the partition into 8-connected components, convex hulls as sets of
corners, filled convex polygons, the median, and the joining of components against the distance of every pair of
pixels (OpenCV has no such function). The masks are noise, blobs, lines, empty and full ones of odd sizes, and those
that thresholds of the colour images given make. Ends with 1 where a bit differs.

Needs numpy and OpenCV (python3-opencv, or opencv-python-headless from PyPI).
"""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

try:
    import cv2
    import numpy as np
except ImportError as error:
    sys.exit(f"compare_opencv: {error}; install it with: pip install numpy opencv-python-headless")


class Tool:
    """tests/image/tool_image.c, which answers requests until its input ends."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, op, shape, data, kind, count, *arguments):
        numbers = [*shape, *arguments] + [0] * (6 - len(arguments))
        self.process.stdin.write(f"{op} {' '.join(str(int(x)) for x in numbers)}\n".encode())
        self.process.stdin.write(np.ascontiguousarray(data).tobytes())
        self.process.stdin.flush()
        return self.read(kind, count)

    def read(self, kind, count):
        size = count * np.dtype(kind).itemsize
        answer = self.process.stdout.read(size)
        if len(answer) != size:
            sys.exit(f"compare_opencv: {self.process.args[0]} ended early")
        return np.frombuffer(answer, kind)

    def mask(self, op, mask, *arguments):
        return self.ask(op, mask.shape, mask, np.uint8, mask.size, *arguments).reshape(mask.shape)

    def labels(self, op, mask, *arguments):
        return self.ask(op, mask.shape, mask, np.int32, mask.size, *arguments).reshape(mask.shape)

    def hull(self, mask):
        count = self.ask("hull", mask.shape, mask, np.int32, 1)[0]
        return self.read(np.int32, 2 * count).reshape(-1, 2)

    def fill(self, shape, corners):
        corners = np.asarray(corners, np.int32)
        return self.ask("fill", shape, corners, np.uint8, shape[0] * shape[1], len(corners)).reshape(shape)

    def hsv(self, rgb):
        planes = self.ask("hsv", rgb.shape[:2], rgb, np.uint8, rgb.size)
        return np.moveaxis(planes.reshape(3, *rgb.shape[:2]), 0, 2)


class Tally:
    """What was compared, and how many pixels, corners or colours differed."""

    def __init__(self):
        self.rows = {}

    def add(self, name, ours, theirs):
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        wrong = int((ours != theirs).sum()) if ours.shape == theirs.shape else max(ours.size, theirs.size)
        cases, values, differ = self.rows.get(name, (0, 0, 0))
        self.rows[name] = cases + 1, values + theirs.size, differ + wrong

    def show(self):
        print(f"{'compared':22}{'cases':>8}{'values':>14}{'different':>11}")
        for name, (cases, values, differ) in self.rows.items():
            print(f"{name:22}{cases:8}{values:14}{differ:11}")
        return sum(differ for _, _, differ in self.rows.values())


# ---- what to compare on ----------------------------------------------------------------------------------


def random_mask(rng):
    """A mask of 0 and 1 of an odd, often small size."""
    height, width = (int(x) for x in np.exp(rng.uniform(0, np.log(160), 2)))
    kind = rng.integers(7)
    if kind < 2:  # empty, full
        return np.full((height, width), kind, np.uint8)
    if kind < 4:  # noise
        return (rng.random((height, width)) < rng.random()).astype(np.uint8)
    if kind == 4:  # lines
        mask = np.zeros((height, width), np.uint8)
        for _ in range(rng.integers(1, 6)):
            ends = rng.integers(0, (width, height), (2, 2))
            cv2.line(mask, ends[0].tolist(), ends[1].tolist(), 1, int(rng.integers(1, 4)))
        return mask
    coarse = rng.random((height // 8 + 2, width // 8 + 2)).astype(np.float32)  # blobs
    return (cv2.resize(coarse, (width, height)) > rng.uniform(0.3, 0.9)).astype(np.uint8)


def masks_of(path):
    """Those that boxes of a colour image make."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        sys.exit(f"compare_opencv: {path}: not an image")
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    for low, high in [((28, 35, 100), (70, 200, 255)), ((3, 160, 100), (15, 255, 255)), ((0, 100, 60), (10, 255, 255))]:
        yield cv2.inRange(hsv, low, high) // 255


# ---- comparisons -----------------------------------------------------------------------------------------


def compare_colours(tool, tally):
    blue, green = np.meshgrid(np.arange(256), np.arange(256))
    for red in range(256):
        rgb = np.stack([np.full_like(blue, red), green, blue], 2).astype(np.uint8)
        tally.add("HSV, all colours", tool.hsv(rgb), cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV))


def compare_box(tool, tally, rng):
    rgb = rng.integers(0, 256, (rng.integers(1, 90), rng.integers(1, 90), 3)).astype(np.uint8)
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    low, high = np.sort(rng.integers(0, (180, 256, 256), (2, 3)), axis=0).tolist()
    theirs = cv2.inRange(hsv, np.array(low), np.array(high))
    if rng.integers(2):  # a hue that wraps: two boxes
        low[0], high[0] = high[0], low[0]
        theirs = cv2.inRange(hsv, np.array(low), np.array([179, *high[1:]])) | \
            cv2.inRange(hsv, np.array([0, *low[1:]]), np.array(high))
    ours = tool.ask("box", rgb.shape[:2], rgb, np.uint8, rgb.size // 3, *low, *high)
    tally.add("colours in a box", ours.reshape(theirs.shape), theirs // 255)


def compare_shape(tool, tally, rng, mask, diameter):
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))
    tally.add("erosion", tool.mask("erode", mask, diameter), cv2.erode(mask, element))
    tally.add("dilation", tool.mask("dilate", mask, diameter), cv2.dilate(mask, element))
    tally.add("opening", tool.mask("open", mask, diameter), cv2.morphologyEx(mask, cv2.MORPH_OPEN, element))


def same_partition(ours, theirs):
    """0 for each pixel if labels of one side go with labels of the other one to one."""
    pairs = np.unique(np.stack([ours.ravel(), theirs.ravel()]), axis=1)
    one_to_one = len(set(pairs[0])) == len(set(pairs[1])) == pairs.shape[1]
    return np.full(ours.shape, not one_to_one)


def compare_components(tool, tally, mask):
    _, theirs = cv2.connectedComponents(mask, connectivity=8)
    ours = tool.labels("components", mask)
    tally.add("components", same_partition(ours, theirs), np.zeros(mask.shape, bool))


def join_by_pairs(mask, distance):
    """Components joined by the distance of every pair of pixels."""
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    points = [np.argwhere(labels == i) for i in range(count)]
    group = list(range(count))
    for a in range(1, count):
        for b in range(1, a):
            difference = points[a][:, None] - points[b][None]
            if group[a] != group[b] and (difference ** 2).sum(2).min() < distance ** 2:
                group = [group[b] if g == group[a] else g for g in group]
    return np.array(group)[labels]


def compare_join(tool, tally, rng):
    height, width = rng.integers(1, 90, 2)
    mask = (rng.random((height, width)) < rng.uniform(0.001, 0.02)).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones(rng.integers(1, 5, 2), np.uint8))
    distance = int(rng.integers(0, 30))
    tally.add("joining", same_partition(tool.labels("join", mask, distance), join_by_pairs(mask, distance)),
              np.zeros(mask.shape, bool))


def compare_hull(tool, tally, mask):
    points = cv2.findNonZero(mask)
    ours = tool.hull(mask)
    theirs = np.zeros((0, 2), np.int32) if points is None else cv2.convexHull(points)[:, 0]
    tally.add("hull, corners", *(np.array(sorted(map(tuple, side)), np.int32).reshape(-1, 2)
                                 for side in (ours, theirs)))
    if len(theirs):
        filled = cv2.fillConvexPoly(np.zeros_like(mask), theirs, 1)
        tally.add("hull, filled", tool.fill(mask.shape, ours), filled)
        tally.add("hull, filled", tool.fill(mask.shape, ours[::-1]), filled)


def compare_polygon(tool, tally, rng):
    height, width = rng.integers(1, 700, 2)
    points = rng.integers(0, (width, height), (rng.integers(1, 40), 2)).astype(np.int32)
    corners = cv2.convexHull(points)[:, 0]
    theirs = cv2.fillConvexPoly(np.zeros((height, width), np.uint8), corners, 1)
    tally.add("convex polygons", tool.fill((height, width), corners), theirs)


def compare_median(tool, tally, rng):
    values = rng.integers(0, rng.choice([2, 300, 65536]), (1, rng.integers(1, 3000))).astype(np.uint16)
    theirs = np.sort(values.ravel())[(values.size - 1) // 2]
    tally.add("median", tool.ask("median", values.shape, values, np.uint16, 1), [theirs])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="of random images, default 200")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tool", type=pathlib.Path, default=ROOT / "build/release/tests/image/tool_image")
    parser.add_argument("images", nargs="*", metavar="IMAGE", help="colour images")
    args = parser.parse_args()
    if args.tool.is_relative_to(ROOT):
        subprocess.run(["make", "-s", args.tool.relative_to(ROOT)], cwd=ROOT, check=True)
    tool, tally, rng = Tool(args.tool), Tally(), np.random.default_rng(args.seed)
    compare_colours(tool, tally)
    for image in args.images:
        rgb = cv2.cvtColor(cv2.imread(image), cv2.COLOR_BGR2RGB)
        tally.add("HSV, images", tool.hsv(rgb), cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV))
    masks = [mask for image in args.images for mask in masks_of(image)]
    for mask in masks + [random_mask(rng) for _ in range(args.rounds)]:
        compare_shape(tool, tally, rng, mask, int(rng.choice([1, 3, 5, 5, 7, 9, 15, 31])))
        compare_components(tool, tally, mask)
        compare_hull(tool, tally, mask)
    for _ in range(args.rounds):
        compare_box(tool, tally, rng)
        compare_join(tool, tally, rng)
        compare_polygon(tool, tally, rng)
        compare_median(tool, tally, rng)
    differ = tally.show()
    print(f"OpenCV {cv2.__version__}, numpy {np.__version__}: "
          f"{'equal in every bit' if not differ else f'{differ} values differ'}")
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
