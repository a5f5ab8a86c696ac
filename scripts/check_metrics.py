#!/usr/bin/env python3
"""handseg's metrics against scikit-learn's: see scripts/check_metrics.sh."""
import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, jaccard_score, precision_score, recall_score

from experiments import ROOT, answer_of, frame_name


def nearest(size, wanted):
    """Which samples a smaller image takes: the nearest, the lower of two equally near."""
    return np.ceil((np.arange(wanted) + 0.5) * size / wanted - 1).astype(int)


def predictions(program, model, data, folder):
    """(truth, prediction) of every pixel: the highest of the network's outputs, read and chosen here."""
    subprocess.run([program, "segment", model, data, "--out", folder / "out", "--logits", folder / "logits.h5",
                    "--no-overlays"], check=True)
    with h5py.File(folder / "logits.h5") as file:
        logits, names = file["logits"][:], [n.decode() for n in file["name"][:]]
    with h5py.File(data) as file:
        at = {frame_name(s.decode()) if s else f"user-{subject}.{number:08d}": i
              for i, (s, subject, number) in enumerate(zip(file["source"][:], file["subject"][:], file["frame"][:]))}
        masks, labels = file["mask"][:], [label.decode() for label in file.attrs["labels"]]
    rows, columns = nearest(masks.shape[1], logits.shape[2]), nearest(masks.shape[2], logits.shape[3])
    order = [at[n] for n in names]
    return masks[order][:, rows][:, :, columns].ravel(), logits.argmax(1).ravel(), labels


def rest_iou(matrix, c):
    """IoU of all that is not class `c`; None where all is, and is found."""
    both, total = int(matrix[c, c]), int(matrix.sum())
    neither = total - int(matrix[c].sum()) - int(matrix[:, c].sum()) + both
    return neither / (total - both) if total > both else None


def mean(values):
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def scores_of(truth, prediction, labels, matrix):
    """{(row, figure): value} as handseg's table has them; None where there is nothing to divide by."""
    classes = range(len(labels))
    found, there = matrix.sum(0), matrix.sum(1)
    parts = {"iou": (jaccard_score, found + there), "precision": (precision_score, found),
             "recall": (recall_score, there)}
    table = {}
    for key, (score, whole) in parts.items():
        values = score(truth, prediction, labels=classes, average=None, zero_division=0)
        table[key] = [float(v) if n else None for v, n in zip(values, whole)]
    table["iou_binary_mean"] = [iou if rest is None else None if iou is None else (iou + rest) / 2
                                for iou, rest in zip(table["iou"], (rest_iou(matrix, c) for c in classes))]
    hands = [c for c in classes if labels[c] != "background"]
    return {**{(label, key): values[c] for key, values in table.items() for c, label in enumerate(labels)},
            **{("mean of hands", key): mean(values[c] for c in hands) for key, values in table.items()},
            **{("mean of all", key): mean(values) for key, values in table.items()},
            ("all", "accuracy"): float(accuracy_score(truth, prediction))}


def main():
    parser = argparse.ArgumentParser(prog="check_metrics.sh", description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        truth, prediction, labels = predictions(args.program, args.model, args.data, folder)
        # One frame at a time, as segment does: sums of a larger batch may be ordered otherwise, and a pixel with them.
        table = answer_of([args.program, "evaluate", args.model, "--data", args.data, "--split", "all", "--batch", "1",
                           "--out", folder, "--format", "json"], progress=True)
        if any(c["class"] == "hand" for c in table["classes"]):  # the set labels one hand: left and right are one class
            truth, prediction, labels = (truth > 0).astype(int), (prediction > 0).astype(int), ["background", "hand"]
        with open(folder / "confusion.csv", newline="", encoding="utf-8") as file:
            rows = {row["truth"]: row for row in csv.DictReader(file)}
    ours = {(c["class"], key): c[key] for c in table["classes"]
            for key in ("iou", "iou_binary_mean", "precision", "recall")}
    ours["all", "accuracy"] = table["models"][0]["accuracy"]
    matrix = confusion_matrix(truth, prediction, labels=range(len(labels)))
    wrong = [f"confusion {t}, {p}: {rows[t][p]}, scikit-learn {matrix[i, k]}" for i, t in enumerate(labels)
             for k, p in enumerate(labels) if int(rows[t][p]) != matrix[i, k]]
    for (row, key), value in scores_of(truth, prediction, labels, matrix).items():
        print(f"{row:14} {key:16} {ours[row, key]!r:22} {value!r}")
        if ours[row, key] != value:
            wrong.append(f"{row}: {key}: {ours[row, key]!r}, scikit-learn {value!r}")
    print(f"{len(truth)} pixels")
    if wrong:
        sys.exit("check_metrics: they differ:\n  " + "\n  ".join(wrong))
    print("equal to the last digit")


if __name__ == "__main__":
    main()
