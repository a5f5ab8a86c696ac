#!/usr/bin/env python3
"""The paper's Table 2 on any data set: see scripts/compare_nets.sh."""
import argparse
import csv
import pathlib
import sys

from PIL import Image, ImageDraw

from experiments import (CONFIGS, ROOT, SCORE_HEADER, Training, announce, answer_of, check_folder, checkpoint_bytes,
                         duration, evaluate, fail, percent, processor, read_ini, score_cells, scores, threads,
                         write_tables)

# In the order of training: one that begins with another's parameters comes after it.
NETS = ["reach", "nearest", "forest", "handseg", "handseg_half", "handseg_sum", "segnet", "fcn32s", "fcn16s", "fcn8s",
        "deconvnet"]
BEGINS_WITH = {"fcn16s": "fcn32s", "fcn8s": "fcn16s"}
SIZES = {"deconvnet": (224, 224)}  # the size it is defined for; smaller ones leave nothing for its first full layer
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
        settings = []
        if self.kind == "net":
            settings = [f"net.file={self.net}"]
            if args.steps:
                settings += [f"train.steps={args.steps}", f"schedule.total={args.steps}"]
            settings += [f"net.{k}={v}" for k, v in zip(("height", "width"), SIZES.get(name, ()))]
            first = BEGINS_WITH.get(name)
            if first in args.nets:
                settings.append(f"train.init={args.out / first / 'best.h5'}")
        self.run = Training(args.program, CONFIGS / "train/forest.ini" if self.kind == "forest" else args.config,
                            [*settings, f"data.file={args.data}", *args.set], args.out / name)
        self.model = self.net if self.kind == "rule" else self.run.model
        self.begins = any(s.startswith("train.init") for s in settings)
        self.pictures = self.run.folder / "pictures"
        self.bench, self.frames, self.expected, self.room = None, 0, 0, 0

    def plan(self, frames):
        """What it will do with so many training frames; of a network after measuring a step."""
        self.frames = frames
        if self.kind == "rule":
            return "no training"
        if self.kind == "net":
            self.bench = self.run.bench()
        if self.run.trained:
            return "trained already"
        if self.kind == "forest":
            return "some minutes"
        self.expected = self.bench["training_step"]["ms"] / 1e3 * self.run.steps(frames)
        self.room = checkpoint_bytes(self.bench["parameters"])
        return f"{self.run.steps(frames)} steps, about {duration(self.expected)}" + (
            f", begins with {BEGINS_WITH[self.name]}" if self.begins else "")

    def size(self):
        """Of the input, as the run or the file says."""
        ini = read_ini(self.net if self.kind == "rule" else self.run.folder / "config.ini")
        return f"{ini['input']['width']}x{ini['input']['height']}"

    def evaluate(self, *options):
        return evaluate(self.args.program, self.model, self.args.data, self.run.folder / "evaluation", *options)

    def row(self, frames):
        self.pictures.mkdir(parents=True, exist_ok=True)
        rows = self.evaluate("--overlays", self.pictures, "--frames", ",".join(frames))
        bench = self.bench or answer_of([self.args.program, "bench", self.model, "--seconds", 2, "--json"])
        return {"net": self.name, "parameters": bench.get("parameters"), "input": self.size(),
                "steps": self.run.steps(self.frames) if self.kind == "net" else None,
                "train_seconds": None if self.kind == "rule" else self.run.seconds,
                "begins_with": BEGINS_WITH[self.name] if self.begins else None,
                "frame_ms": bench["latency_ms"],
                **scores(rows, self.args.data),
                "paper_miou": PAPER.get(self.name, (None, None))[1],
                "paper_miou_binary_mean": PAPER.get(self.name, (None, None))[0]}


    def panels(self, frame):
        """Depth, truth and prediction."""
        both = Image.open(self.pictures / f"{frame}.png")
        width = (both.width - GAP) // 2
        return [Image.open(self.pictures / f"{frame}.depth.png"), both.crop((0, 0, width, both.height)),
                both.crop((both.width - width, 0, both.width, both.height))]


def chosen_frames(args, first):
    """--frames, or a few evenly spread over the test split, which the first model is evaluated on to see."""
    if args.frames:
        return [pathlib.Path(name).stem if name.endswith(".png") else name for name in args.frames.split(",")]
    first.evaluate()
    with open(first.run.folder / "evaluation/frames.csv", newline="", encoding="utf-8") as file:
        names = [row["frame"] for row in csv.DictReader(file)]
    few = min(FEW_FRAMES, len(names))
    return [names[(2 * i + 1) * len(names) // (2 * few)] for i in range(few)]


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
    sheet.save(out / "figure8.new.png")
    (out / "figure8.new.png").replace(out / "figure8.png")


def cells_of(row):
    paper = "-" if row["paper_miou"] is None else f"{row['paper_miou_binary_mean']} / {row['paper_miou']}"
    return [row["net"], row["input"], percent(row["miou"]), percent(row["miou_binary_mean"]), paper,
            duration(row["train_seconds"]), f"{row['frame_ms']:.1f} ms", *score_cells(row)]


HEADER = ["net", "input", "mIoU", "binary mean", "paper", "train", "frame", *SCORE_HEADER]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="compare_nets.sh", description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="data set, as handseg pack writes it")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the tables and the runs")
    parser.add_argument("--nets", default=",".join(NETS), help="of configs/nets; " + ",".join(NETS))
    parser.add_argument("--steps", type=int, default=2000, help="updates of every network: 2000; 0: as --config says")
    parser.add_argument("--config", type=pathlib.Path, default=CONFIGS / "train/compare.ini", help="of the training")
    parser.add_argument("--frames", default="", help="of the picture; the first few of the test split")
    parser.add_argument("--set", action="append", default=[], metavar="S.K=V", help="of the training, for all")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    args = parser.parse_args()
    args.nets = args.nets.split(",")
    for name in args.nets:
        if name not in NETS:
            fail(f"--nets: got '{name}', expected some of {', '.join(NETS)}")
    args.nets.sort(key=NETS.index)
    if args.steps < 0:
        fail(f"--steps: got {args.steps}, expected 0 or more")
    if not args.config.is_file():
        fail(f"{args.config}: no such file")
    args.data, args.out = args.data.resolve(), args.out.resolve()
    return args


def main():
    args = parse_arguments()
    train = answer_of([args.program, "info", args.data, "--json"])["splits"]["train"]
    check_folder(args.out)
    entries = [Entry(name, args) for name in args.nets]
    print(f"measuring {len(entries)} models", file=sys.stderr)
    for e in entries:
        print(f"  {e.name:13} {e.plan(train)}", file=sys.stderr)
    announce(sum(e.expected for e in entries), sum(e.room for e in entries), args.out)
    rows, frames = [], []
    trained = f"for {args.steps} steps each" if args.steps else f"as {args.config.name} says"
    about = (f"{args.data.name}, test split; networks trained {trained}; one frame, median, on "
             f"{threads()} threads of {processor()}.\nmIoU over left and right: by the definition; binary mean: what "
             f"the paper prints. paper: what it prints / by the definition.")
    for e in entries:
        print(f"\n== {e.name}", file=sys.stderr)
        if e.kind != "rule":
            e.run.train()
        frames = frames or chosen_frames(args, e)
        rows.append(e.row(frames))
        text = write_tables(args.out, "table2", about, HEADER, [cells_of(r) for r in rows], rows, "nets")
    draw_side_by_side(args.out, entries, frames)
    print(text, end="")


if __name__ == "__main__":
    main()
