#!/usr/bin/env python3
"""The paper's Table 2 on any data set: see scripts/compare_nets.sh."""
import argparse
import pathlib
import sys

from experiments import (BEGINS_WITH, CLASSES, CONFIGS, NETS, SCORE_HEADER, SIZES, Training, announce_all, bench,
                         check_folder, check_settings, common_arguments, data_set, duration, evaluate, fail,
                         first_checkpoint, percent, processor, read_ini, run_main, score_cells, scores, threads,
                         write_tables)
from pictures import chosen_frames, draw_sheet, overlays, panels

CHOICES = [*NETS, "fcn32s_pad100"]  # of the last only who names it: FCN32s with eight times the work at 128x96
FEW_FRAMES = 6  # of the picture
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
        rows = evaluate(self.args.program, self.model, self.args.data, self.run.folder / "evaluation",
                        *overlays(self.pictures, frames))
        speed = self.run.bench() if self.kind == "net" else bench(self.args.program, self.model, self.args.seconds)
        size, done = self.config()["input"], {} if self.kind == "rule" else self.run.metrics
        return {"net": self.name, "parameters": speed.get("parameters"), "input": f"{size['width']}x{size['height']}",
                "steps": done.get("steps"), "train_seconds": done.get("seconds"), "begins_with": self.begins_with(),
                "frame_ms": speed["latency_ms"], **scores(rows),
                "paper_miou": PAPER.get(self.name, (None, None))[1],
                "paper_miou_binary_mean": PAPER.get(self.name, (None, None))[0]}


def draw_figure8(out, entries, frames, aspect):
    """The paper's figure 8: a row a frame; depth, truth, then every model."""
    models = [[panels(e.pictures, frame) for e in entries] for frame in frames]
    draw_sheet(out / "figure8.png", ["depth", "truth"] + [e.name for e in entries],
               {"": (aspect, [row[0][:2] + [prediction for _, _, prediction in row] for row in models])})


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
    check_settings(args.set, {"net.file": "--nets", "train.init": "", "train.steps": "--steps", "schedule.total": "--steps"})
    if not args.config.is_file():
        fail(f"{args.config}: no such file")
    args.data, args.out = args.data.resolve(), args.out.resolve()
    return args


def main():
    args = parse_arguments()
    info = data_set(args.program, args.data, CLASSES)
    check_folder(args.out)
    frames = chosen_frames(args.program, args.data, args.out / "frames", FEW_FRAMES, args.frames)
    entries = [Entry(name, args) for name in args.nets]
    print(f"measuring {len(entries)} models", file=sys.stderr)
    announce_all(((e.name, e.plan(info["splits"])) for e in entries), args)
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
    draw_figure8(args.out, entries, frames, info["width"] / info["height"])
    print(text, end="")


if __name__ == "__main__":
    run_main(main)
