#!/usr/bin/env python3
"""Writes tests/golden/image.inc: what OpenCV makes of small masks, polygons and all colours, as C initialisers.

    python3 tests/golden/image.py >tests/golden/image.inc

Needs numpy and OpenCV (4.14 made the file in the repository); the test that reads the file does not.
scripts/compare_opencv.py compares with OpenCV itself, on much more.
"""
import zlib

import cv2
import numpy as np

HEIGHT, WIDTH = 23, 37
POLYGONS = [1, 2, 2, 2, 2, 3, 3, 5, 9, 15, 40, 100]  # points whose hull they are


def picture(mask, marks=".#"):
    return "\n".join('     "' + "".join(marks[v] for v in row) + '"' for row in mask)


def checksum():
    """Of hue, saturation and value of all colours, the last channel fastest; a red at a time."""
    blue, green = np.meshgrid(np.arange(256), np.arange(256))
    crc = 0
    for red in range(256):
        rgb = np.stack([np.full_like(blue, red), green, blue], 2).astype(np.uint8)
        crc = zlib.crc32(np.moveaxis(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), 2, 0).tobytes(), crc)
    return crc


def masks(rng):
    """Full, one corner, blobs that touch the border and each other by a corner, and lines."""
    yield np.ones((HEIGHT, WIDTH), np.uint8)
    corner = np.zeros((HEIGHT, WIDTH), np.uint8)
    corner[:3, -4:] = 1
    yield corner
    for level in (0.35, 0.5, 0.65):
        coarse = rng.random((HEIGHT // 4 + 2, WIDTH // 4 + 2)).astype(np.float32)
        noise = rng.random((HEIGHT, WIDTH)) < 0.04
        yield (cv2.resize(coarse, (WIDTH, HEIGHT)) > level).astype(np.uint8) ^ noise
    lines = np.zeros((HEIGHT, WIDTH), np.uint8)
    for _ in range(4):
        ends = rng.integers(0, (WIDTH, HEIGHT), (2, 2))
        cv2.line(lines, ends[0].tolist(), ends[1].tolist(), 1)
    yield lines


def in_reading_order(labels):
    """Labels numbered by their first pixel."""
    first = {}
    for label in labels.ravel():
        if label:
            first.setdefault(label, len(first) + 1)
    return np.vectorize(lambda label: first.get(label, 0))(labels)


def print_masks(rng):
    print(f"enum {{ GOLDEN_HEIGHT = {HEIGHT}, GOLDEN_WIDTH = {WIDTH} }};")
    print("/* The mask; opened with a circle of 5; 8-connected components in the order of reading; its filled hull. */")
    print("static const struct golden_mask {\n    const char *mask, *opened, *components, *hull;\n} golden_masks[] = {")
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    for mask in masks(rng):
        mask = mask.astype(np.uint8)
        labels = in_reading_order(cv2.connectedComponents(mask, connectivity=8)[1])
        hull = cv2.fillConvexPoly(np.zeros_like(mask), cv2.convexHull(cv2.findNonZero(mask)), 1)
        print("    {" + ",\n".join([picture(mask), picture(cv2.morphologyEx(mask, cv2.MORPH_OPEN, element)),
                                    picture(labels, ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
                                    picture(hull)]).lstrip() + "},")
    print("};")


def print_polygons(rng):
    most, height, width = 24, 97, 211
    print(f"enum {{ GOLDEN_CORNERS = {most}, GOLDEN_ROWS = {height} }};")
    print(f"/* Convex corners in a width of {width}, and the first and last pixel filled in each row. */")
    print("static const struct golden_polygon {\n    int32_t n;\n    hs_point corners[GOLDEN_CORNERS];\n"
          "    hs_span rows[GOLDEN_ROWS];\n} golden_polygons[] = {")
    shapes = [np.array([[100, height - 1], [101, 0]])]  # a line where its own rounding shows
    shapes += [rng.integers(0, (width, height), (count, 2)) for count in POLYGONS]
    for points in shapes:
        points = points.astype(np.int32)
        corners = cv2.convexHull(points)[:, 0]
        filled = cv2.fillConvexPoly(np.zeros((height, width), np.uint8), corners, 1)
        spans = [np.flatnonzero(row)[[0, -1]].tolist() if row.any() else [1, 0] for row in filled]
        print(f"    {{{len(corners)},\n     {{" + ", ".join(f"{{{x}, {y}}}" for x, y in corners.tolist()) + "},\n     {"
              + ", ".join(f"{{{first}, {last}}}" for first, last in spans) + "}},")
    print("};")


def main():
    rng = np.random.default_rng(1)
    print(f"/* Made by tests/golden/image.py with OpenCV {cv2.__version__}. */")
    print("/* CRC-32 of hue, saturation and value of all colours: for each red the three planes [green][blue]. */")
    print(f"static const uint32_t golden_hsv = {checksum():#010x};")
    print_masks(rng)
    print_polygons(rng)


main()
