#!/usr/bin/env python3
"""How good automatic labels are, against the true masks of rendered recordings.

    score_annotation.py RECORDINGS LABELLED OUT

RECORDINGS is what `handseg synth --recording` wrote, LABELLED what `handseg annotate` made of it. Prints tables,
and writes OUT/score.json and OUT/frames.csv (a row for each labelled frame). Pixels without depth do not count.
A frame is wrong where the mask of any hand has an IoU below .90; it is caught where it is rejected or among the
fifth of the labelled frames with the lowest scores.
"""
import csv
import json
import pathlib
import sys

import numpy as np
from PIL import Image

WRONG, WORST = 0.90, 0.20
HANDS = {1: "right", 2: "left"}


def read_episodes(recordings):
    """What each frame shows, by (recording, number); empty where the recordings do not say."""
    episodes = {}
    for path in recordings.glob("*/episodes.csv"):
        for row in csv.DictReader(path.open()):
            episodes[path.parent.name, int(row["frame"])] = row["episode"]
    return episodes


def compare(mask, truth, depth):
    """Per hand: true positives, false positives, false negatives among pixels with depth."""
    valid = depth > 0
    counts = {}
    for label in HANDS:
        got, expected = (mask == label) & valid, (truth == label) & valid
        counts[label] = tuple(int(x.sum()) for x in (got & expected, got & ~expected, expected & ~got))
    return counts


def iou(counts):
    """NaN where the hand is neither labelled nor there."""
    union = sum(counts)
    return counts[0] / union if union else float("nan")


def read_frames(recordings, labelled):
    episodes, frames = read_episodes(recordings), []
    for row in csv.DictReader((labelled / "quality.csv").open()):
        number = int(row["number"])
        frame = {"frame": row["frame"], "verdict": row["verdict"], "reasons": row["reasons"],
                 "episode": episodes.get((row["recording"], number), "")}
        frames.append(frame)
        if row["verdict"] == "unlabelled":
            continue
        name = f"{number:08d}.png"
        truth = np.array(Image.open(recordings / row["recording"] / "truth" / name))
        depth = np.array(Image.open(recordings / row["recording"] / "depth" / name))
        mask = np.array(Image.open(labelled / "masks" / (row["frame"] + ".png")))
        frame["counts"] = compare(mask, truth, depth)
        frame["iou"] = {label: iou(frame["counts"][label]) for label in HANDS}
        frame["score"] = float(row["score"])
        frame["wrong"] = any(value < WRONG for value in frame["iou"].values())
        frame["measures"] = {key: float(value) for key, value in list(row.items())[7:]}
    return frames


def mark_caught(labelled):
    order = sorted(labelled, key=lambda f: (f["score"], f["frame"]))
    worst = {f["frame"] for f in order[: round(WORST * len(order))]}
    for f in labelled:
        f["caught"] = f["verdict"] == "reject" or f["frame"] in worst


def mean_iou(frames):
    values = [value for f in frames for value in f["iou"].values()]
    return float(np.nanmean(values)) if values else float("nan")


def precision(frames):
    """Of all pixels labelled as a hand."""
    true = sum(f["counts"][label][0] for f in frames for label in HANDS)
    false = sum(f["counts"][label][1] for f in frames for label in HANDS)
    return true / (true + false) if true + false else float("nan")


def show_group(name, frames):
    labelled = [f for f in frames if "score" in f]
    kept = [f for f in labelled if f["verdict"] == "keep"]
    wrong = [f for f in labelled if f["wrong"]]
    print(f"{name:20} {len(frames):6} {len(frames) - len(labelled):10} {len(labelled) - len(kept):8} {len(wrong):6}"
          f" {sum(f['caught'] for f in wrong):7} {mean_iou(labelled):8.4f} {mean_iou(kept):9.4f}"
          f" {precision(kept):10.4f}")


def show(frames):
    print(f"{'frames of':20} {'all':>6} {'unlabelled':>10} {'rejected':>8} {'wrong':>6} {'caught':>7} {'IoU':>8}"
          f" {'IoU kept':>9} {'precision':>10}")
    for episode in sorted({f["episode"] for f in frames}):
        show_group(episode or "-", [f for f in frames if f["episode"] == episode])
    show_group("all", frames)


def write_frames(path, labelled):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["frame", "episode", "verdict", "score", "wrong", "caught", "iou_right", "iou_left", "reasons"]
                        + list(labelled[0]["measures"] if labelled else []))
        for f in sorted(labelled, key=lambda f: f["score"]):
            writer.writerow([f["frame"], f["episode"], f["verdict"], f["score"], int(f["wrong"]), int(f["caught"]),
                             *(f"{value:.4f}" for value in f["iou"].values()), f["reasons"], *f["measures"].values()])


def main():
    recordings, out_of, out = (pathlib.Path(a) for a in sys.argv[1:4])
    frames = read_frames(recordings, out_of)
    labelled = [f for f in frames if "score" in f]
    mark_caught(labelled)
    kept, wrong = [f for f in labelled if f["verdict"] == "keep"], [f for f in labelled if f["wrong"]]
    show(frames)
    score = {
        "mean_iou": mean_iou(kept),
        "precision": precision(kept),
        "rejected": (len(labelled) - len(kept)) / max(1, len(labelled)),
        "caught": sum(f["caught"] for f in wrong) / len(wrong) if wrong else 1.0,
        "frames": len(frames), "labelled": len(labelled), "kept": len(kept), "wrong": len(wrong),
        "mean_iou_all": mean_iou(labelled), "precision_all": precision(labelled),
    }
    (out / "score.json").write_text(json.dumps(score, indent=2) + "\n")
    write_frames(out / "frames.csv", labelled)
    print(f"\nkept masks: mean IoU {score['mean_iou']:.4f}, precision {score['precision']:.4f}; "
          f"{100 * score['rejected']:.1f} % of {len(labelled)} labelled frames rejected; "
          f"{len(wrong)} wrong, {100 * score['caught']:.1f} % of them caught")


main()
