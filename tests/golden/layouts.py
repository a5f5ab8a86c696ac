#!/usr/bin/env python3
"""Small folders in the layouts of Freiburg, NYU and HandNet, for tests/data/test_layouts.c.

    python3 tests/golden/layouts.py       writes tests/golden/layouts; needs numpy, Pillow and scipy

Images are written as the data sets' own tools do: PNG by an image library, MATLAB files (5, compressed, as MATLAB's
`save` has made them since version 7) by scipy, with fields the program does not read beside those it does.
"""
import pathlib
import shutil
import struct

import numpy as np
import scipy.io
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent / "layouts"
WIDTH, HEIGHT = 16, 12
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH]


def depth_of(frame):
    """Also in the test: raw depth, with a pixel without measurement."""
    depth = 400 + 100 * frame + 37 * Y + 5 * X
    depth[0, 0] = 0
    return depth


def save_png(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array.astype(np.uint8)).save(path, optimize=True)


def freiburg():
    for part, frames, first in (("training", range(3), 0), ("evaluation", range(2), 3)):
        for f in frames:
            raw = 50 * depth_of(first + f)
            save_png(ROOT / f"freiburg/{part}/depth/{f:05d}.png", np.dstack([raw >> 8, raw & 255, 0 * raw]))
            save_png(ROOT / f"freiburg/{part}/mask/{f:05d}.png", (X + Y * WIDTH + first + f) % 34)  # all labels
            save_png(ROOT / f"freiburg/{part}/color/{f:05d}.png", np.dstack([raw & 255] * 3))


def nyu():
    for f in range(1, 4):
        mm = depth_of(f)
        mm[2, 3] = 2001  # far
        hand = (X > 4) & (Y > f)
        save_png(ROOT / f"nyu/depth_1_{f:07d}.png", np.dstack([hand, mm >> 8, mm & 255]))
        save_png(ROOT / f"nyu/rgb_1_{f:07d}.png", np.dstack([mm & 255] * 3))


def utf16_text(name, text):
    """A variable as MATLAB itself stores a text: in 16 bits a character, where scipy has 8."""
    def element(kind, data):
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    return element(14, element(6, struct.pack("<II", 4, 0)) + element(5, struct.pack("<ii", 1, len(text))) +
                   element(1, name.encode()) + element(4, text.encode("utf-16-le")))


def handnet_sessions():
    """Every way to name a session, or not to: its frames are those of one subject where texts are equal."""
    whole = {"depth": depth_of(0).astype(np.uint16), "lbl": (X % 8).astype(np.uint8)}
    named = [{"session": "Zo\u00eb 2"}, {"session": "Ann 2"}, {"session": 3.0}, {}]
    for folder, fields in (("handnet_sessions", named), ("handnet_nobody", [{}, {"session": ""}])):
        (ROOT / folder).mkdir()
        for f, session in enumerate(fields):
            scipy.io.savemat(ROOT / f"{folder}/Data_{f:07d}.mat", {**whole, **session}, do_compression=True)
    with open(ROOT / "handnet_sessions/Data_0000003.mat", "ab") as file:
        file.write(utf16_text("session", "Zo\u00eb 2"))


def handnet():
    sessions = ["Ann 1", "Ann 2", "Ben 1"]  # each in two of the parts, as the set was shuffled before it was split
    types = {"TrainData": np.uint16, "ValidationData": np.float32, "TestData": np.float64}
    for k, (part, kind) in enumerate(types.items()):
        (ROOT / f"handnet/{part}").mkdir(parents=True)
        for f in range(2):
            depth = depth_of(2 * k + f).astype(kind)
            if kind != np.uint16:
                depth[0, 0] = np.nan
            fields = {"depth": depth, "lbl": ((X + f) % 8).astype(np.uint8), "session": sessions[(k + f) % 3],
                      "idx": 7.0 + f, "gidx": 70.0 + f, "handPos": np.zeros((1, 3)), "bbox": np.array([[1.0, 2, 3, 4]])}
            scipy.io.savemat(ROOT / f"handnet/{part}/Data_{f:07d}.mat", fields, do_compression=True)
    scipy.io.savemat(ROOT / "handnet/TrainData/Indices.mat", {"train": np.zeros(2)})
    whole = {"depth": depth_of(0).astype(np.uint16), "lbl": (X % 8).astype(np.uint8), "session": 3.0}
    faults = {"wrong_label": {"lbl": np.full_like(whole["lbl"], 8)}, "no_label": {"lbl": None},
              "other_size": {"lbl": whole["lbl"][:, 1:]}, "text": {"depth": "far"},
              "far": {"depth": np.full((HEIGHT, WIDTH), 70000.0)}, "session": {"session": -1.0},
              "sessions": {"session": np.array([3.0, 4.0])}}
    for name, fault in faults.items():
        fields = {k: v for k, v in {**whole, **fault}.items() if v is not None}
        scipy.io.savemat(ROOT / f"handnet_{name}.mat", fields, do_compression=True)


if __name__ == "__main__":
    shutil.rmtree(ROOT, ignore_errors=True)
    freiburg()
    nyu()
    handnet()
    handnet_sessions()
