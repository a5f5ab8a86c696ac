#!/usr/bin/env python3
"""The paper's Table 2 on any data set: see scripts/compare_nets.sh."""
import argparse
import csv
import pathlib
import sys

from PIL import Image, ImageDraw

from experiments import (BEGINS_WITH, CLASSES, CONFIGS, NETS, SCORE_HEADER, SIZES, Training, announce_all, bench,
                         check_folder, common_arguments, data_set, duration, evaluate, fail, first_checkpoint,
                         frame_name, percent, processor, read_ini, run_main, score_cells, scores, threads,
                         write_tables)

CHOICES = [*NETS, "fcn32s_pad100"]  # of the last only who names it: FCN32s with eight times the work at 128x96
FEW_FRAMES, CELL, CAPTION = 6, (160, 120), 20  # of the picture; pixels
GAP = 4  # between the halves of an overlay, and the panels of the picture
# Table 2 of the paper: what it prints as mIoU, and hand mIoU by the definition, from its precision and recall.
PAPER = {"fcn32s": (78.1, 57.1), "forest": (84.5, 84.0), "segnet": (87.7, 75.9), "handseg": (97.2, 94.5)}


class Entry:
    """One line of the table: a network to train, a forest to grow, or a rule that needs neither."""

    def __init__(self, name, args):
        self.name, self.args = name, args
        self.net = CONFIGS / f"nets/{name}.ini"
        sections = set(read_ini(self.net).sections())
        self.kind = "forest" if "forest" in sections else "rule" if {"reach", "nearest", "skin"} & sections else "net"
        data = [f"data.file={args.data}"]
        self.run = Training(args, CONFIGS / "train/forest.ini", data, args.out / name) if (
            self.kind == "forest") else Training(args, args.config, self.settings() + data, args.out / name)
        self.model = self.net if self.kind == "rule" else self.run.model
        self.pictures = self.run.folder / "pictures"

    def settings(self):
        """Of a network's training: the one budget, its own size and beginning, then what --set says."""
        first = first_checkpoint(self.name, self.args.out, self.args.nets)
        return [f"net.file={self.net}",
                *([f"train.steps={self.args.steps}", f"schedule.total={self.args.steps}"] if self.args.steps else []),
                *(f"net.{k}={v}" for k, v in zip(("height", "width"), SIZES.get(self.name, ()))),
                *([f"train.init={first}"] if first else []), *self.args.set]

    def plan(self, splits):
        if self.kind == "rule":
            return "no training", 0, 0
        text, seconds, room = self.run.plan(splits)
        begins = self.run.value("train.init", "")
        if self.name in BEGINS_WITH and not self.run.trained:
            text += f", from {begins}" if begins else f", from random parameters: no {BEGINS_WITH[self.name]}/best.h5"
        return text, seconds, room

    def config(self):
        """What the run did, or what the rule's file says."""
        return read_ini(self.net if self.kind == "rule" else self.run.folder / "config.ini")

    def begins_with(self):
        """The network whose parameters the run began with, another file, or None."""
        init = self.config().get("train", "init", fallback="")
        return (pathlib.Path(init).parent.name if init.startswith(f"{self.args.out}/") else init) or None

    def row(self, frames):
        self.pictures.mkdir(parents=True, exist_ok=True)
        rows = evaluate(self.args.program, self.model, self.args.data, self.run.folder / "evaluation", "--overlays",
                        self.pictures, "--frames", ",".join(frames))
        speed = self.run.bench() if self.kind == "net" else bench(self.args.program, self.model, self.args.seconds)
        size, done = self.config()["input"], {} if self.kind == "rule" else self.run.metrics
        return {"net": self.name, "parameters": speed.get("parameters"), "input": f"{size['width']}x{size['height']}",
                "steps": done.get("steps"), "train_seconds": done.get("seconds"), "begins_with": self.begins_with(),
                "frame_ms": speed["latency_ms"], **scores(rows),
                "paper_miou": PAPER.get(self.name, (None, None))[1],
                "paper_miou_binary_mean": PAPER.get(self.name, (None, None))[0]}

    def panels(self, frame):
        """Depth, truth and prediction."""
        both = Image.open(self.pictures / f"{frame}.png")
        width = (both.width - GAP) // 2
        return [Image.open(self.pictures / f"{frame}.depth.png"), both.crop((0, 0, width, both.height)),
                both.crop((both.width - width, 0, both.width, both.height))]


def chosen_frames(args):
    """--frames, or a few evenly spread over the test split; fails where one is not there. The frames are those that
    a rule of no training is evaluated on, which takes a moment."""
    evaluate(args.program, CONFIGS / "nets/reach.ini", args.data, args.out / "frames", "--quiet")
    with open(args.out / "frames/frames.csv", newline="", encoding="utf-8") as file:
        names = [row["frame"] for row in csv.DictReader(file)]
    if not args.frames:
        few = min(FEW_FRAMES, len(names))
        return [names[(2 * i + 1) * len(names) // (2 * few)] for i in range(few)]
    chosen = [frame_name(name) for name in args.frames.split(",")]
    for name in chosen:
        if name not in names:
            fail(f"--frames: got '{name}', expected frames of the test split, such as {names[0]}")
    return chosen


def draw_side_by_side(out, entries, frames):
    """The paper's figure 8: a row a frame; depth, truth, then every model."""
    columns = ["depth", "truth"] + [e.name for e in entries]
    sheet = Image.new("RGB", (len(columns) * (CELL[0] + GAP), CAPTION + len(frames) * (CELL[1] + GAP)), "white")
    pen = ImageDraw.Draw(sheet)
    for i, column in enumerate(columns):
        pen.text((i * (CELL[0] + GAP) + 4, 4), column, fill="black")
    for row, frame in enumerate(frames):
        panels = [e.panels(frame) for e in entries]
        pictures = panels[0][:2] + [p[2] for p in panels]
        for i, picture in enumerate(pictures):
            sheet.paste(picture.resize(CELL), (i * (CELL[0] + GAP), CAPTION + row * (CELL[1] + GAP)))
    sheet.quantize(256).save(out / "figure8.new.png", optimize=True)  # greys and a few colours: a third of the bytes
    (out / "figure8.new.png").replace(out / "figure8.png")


def cells_of(row):
    paper = "-" if row["paper_miou"] is None else f"{row['paper_miou_binary_mean']} / {row['paper_miou']}"
    first = row["begins_with"] or ("random parameters" if row["net"] in BEGINS_WITH else None)
    return [row["net"] + (f", from {first}" if first else ""), row["input"], percent(row["miou"]),
            percent(row["miou_binary_mean"]), paper, duration(row["train_seconds"]), f"{row['frame_ms']:.1f} ms",
            *score_cells(row)]


HEADER = ["net", "input", "mIoU", "binary mean", "paper", "train", "frame", *SCORE_HEADER]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="compare_nets.sh", description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="data set, as handseg pack writes it")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the tables and the runs")
    parser.add_argument("--nets", default=",".join(NETS),
                        help=f"of configs/nets, by commas: {','.join(CHOICES)}; all but the last")
    parser.add_argument("--steps", type=int, default=2000,
                        help="updates of every network, beside those of one it begins with: 2000; 0: as --config says")
    parser.add_argument("--config", type=pathlib.Path, default=CONFIGS / "train/compare.ini",
                        help="of the networks' training")
    parser.add_argument("--frames", default="", help="of the picture; a few evenly spread over the test split")
    parser.add_argument("--set", action="append", default=[], metavar="S.K=V",
                        help="of the training, for all networks; not for the forest")
    common_arguments(parser)
    args = parser.parse_args()
    args.nets = args.nets.split(",")
    for name in args.nets:
        if name not in CHOICES:
            fail(f"--nets: got '{name}', expected some of {', '.join(CHOICES)}")
    args.nets = sorted(set(args.nets), key=CHOICES.index)
    if args.steps < 0:
        fail(f"--steps: got {args.steps}, expected 0 or more")
    if not args.config.is_file():
        fail(f"{args.config}: no such file")
    args.data, args.out = args.data.resolve(), args.out.resolve()
    return args


def main():
    args = parse_arguments()
    splits = data_set(args.program, args.data, CLASSES)["splits"]
    check_folder(args.out)
    frames = chosen_frames(args)
    entries = [Entry(name, args) for name in args.nets]
    print(f"measuring {len(entries)} models", file=sys.stderr)
    announce_all(((e.name, e.plan(splits)) for e in entries), args)
    rows, trained = [], f"for {args.steps} steps each" if args.steps else f"as {args.config.name} says"
    about = (f"{args.data.name}, test split; networks trained {trained}; \"from\": begun with the parameters of "
             f"another, whose\nsteps come on top. Each row is scored at its own input size, the truth resampled to it. "
             f"One frame, median, on\n{threads()} threads of {processor()}. mIoU over left and right: by the "
             f"definition; binary mean: what the\npaper prints. paper: what it prints / by the definition.")
    for e in entries:
        print(f"\n== {e.name}", file=sys.stderr)
        if e.kind != "rule":
            e.run.train()
        rows.append(e.row(frames))
        text = write_tables(args.out, "table2", about, HEADER, [cells_of(r) for r in rows], rows, "nets")
    draw_side_by_side(args.out, entries, frames)
    print(text, end="")


if __name__ == "__main__":
    run_main(main)
