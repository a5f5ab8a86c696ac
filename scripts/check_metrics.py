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

from experiments import ROOT, answer_of


def nearest(size, wanted):
    """Which samples a smaller image takes: the nearest, the lower of two equally near."""
    return np.ceil((np.arange(wanted) + 0.5) * size / wanted - 1).astype(int)


def predictions(program, model, data, folder):
    """(truth, prediction) of every pixel: the highest of the network's outputs, read and chosen here."""
    subprocess.run([program, "segment", model, data, "--out", folder / "out", "--logits", folder / "logits.h5",
                    "--no-overlays", "--quiet"], check=True)
    with h5py.File(folder / "logits.h5") as file:
        logits, names = file["logits"][:], [n.decode() for n in file["name"][:]]
    with h5py.File(data) as file:
        at = {pathlib.Path(s.decode()).stem: i for i, s in enumerate(file["source"][:])}
        masks, labels = file["mask"][:], [label.decode() for label in file.attrs["labels"]]
    rows, columns = nearest(masks.shape[1], logits.shape[2]), nearest(masks.shape[2], logits.shape[3])
    order = [at[n] for n in names]
    return masks[order][:, rows][:, :, columns].ravel(), logits.argmax(1).ravel(), labels


def main():
    parser = argparse.ArgumentParser(prog="check_metrics.sh", description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        truth, prediction, labels = predictions(args.program, args.model, args.data, folder)
        table = answer_of([args.program, "evaluate", args.model, "--data", args.data, "--split", "all", "--out", folder,
                           "--format", "json", "--quiet"])
        with open(folder / "confusion.csv", newline="", encoding="utf-8") as file:
            rows = {row["truth"]: row for row in csv.DictReader(file)}
    ours = {c["class"]: c for c in table["classes"]}
    matrix = confusion_matrix(truth, prediction, labels=range(len(labels)))
    wrong = [f"confusion {t}, {p}: {rows[t][p]}, scikit-learn {matrix[i, k]}" for i, t in enumerate(labels)
             for k, p in enumerate(labels) if int(rows[t][p]) != matrix[i, k]]
    scores = {"iou": jaccard_score, "precision": precision_score, "recall": recall_score}
    for key, score in scores.items():
        theirs = score(truth, prediction, labels=range(len(labels)), average=None)
        hands = float(np.mean([v for v, label in zip(theirs, labels) if label != "background"]))
        for label, value in [*zip(labels, map(float, theirs)), ("mean of hands", hands)]:
            print(f"{label:14} {key:10} {ours[label][key]!r:22} {value!r}")
            if ours[label][key] != value:
                wrong.append(f"{label}: {key}: {ours[label][key]!r}, scikit-learn {value!r}")
    accuracy = float(accuracy_score(truth, prediction))
    print(f"{len(truth)} pixels, accuracy {accuracy!r}")
    if wrong:
        sys.exit("check_metrics: they differ:\n  " + "\n  ".join(wrong))
    print("equal to the last digit")


if __name__ == "__main__":
    main()
