#!/usr/bin/env python3
"""Train on each data set, test on all: see scripts/cross_dataset.sh."""
import argparse
import pathlib
import sys

from experiments import (Training, announce_all, check_folder, check_settings, common_arguments, data_set, evaluate,
                         fail, percent, run_main, write_tables)
from pictures import chosen_frames, draw_sheet, overlays, panels

FEW_FRAMES = 2  # of each set, in the picture
# Table 4 of the paper: train, then test.
NAMES = ["nyu", "handseg", "handnet", "freiburg"]
PAPER = {train: dict(zip(NAMES, row)) for train, row in zip(NAMES, [
    (91.6, 69.8, 44.8, 67.8), (77.0, 97.2, 47.0, 48.2), (50.0, 53.8, 66.9, 48.5), (80.3, 52.0, 45.5, 81.2)])}


class Set:
    """A data set, and the run that trains on it."""

    def __init__(self, text, args):
        self.name, equals, path = text.partition("=")
        if not equals or not self.name or "/" in self.name:
            fail(f"got '{text}', expected NAME=DATA.h5")
        self.path = pathlib.Path(path).resolve()
        info = data_set(args.program, self.path)
        self.hands, self.splits, self.aspect = info["hands"], info["splits"], info["width"] / info["height"]
        self.run = Training(args, args.config, [f"data.file={self.path}", *args.set], args.out / self.name)
        self.frames = []

    def choose_frames(self, args):
        self.frames = chosen_frames(args.program, self.path, args.out / f"frames/{self.name}", FEW_FRAMES)

    def evaluation_of(self, trained):
        """Folder of what another's model makes of this test split."""
        return trained.run.folder / f"on_{self.name}"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="cross_dataset.sh", description=__doc__)
    parser.add_argument("config", type=pathlib.Path, help="of the training")
    parser.add_argument("sets", nargs="+", metavar="NAME=DATA.h5", help="two data sets or more")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the table and the runs")
    parser.add_argument("--set", action="append", default=[], metavar="S.K=V", help="of the training, for all")
    common_arguments(parser)
    args = parser.parse_args()
    check_settings(args.set, {})
    if not args.config.is_file():
        fail(f"{args.config}: no such file")
    args.out = args.out.resolve()
    args.sets = [Set(s, args) for s in args.sets]
    names = [s.name for s in args.sets]
    if len(names) < 2 or len(set(names)) < len(names):
        fail(f"got the sets {', '.join(names)}, expected two or more, each with a name of its own")
    return args


def row_of(trained, args):
    """Hand mIoU of one model on every set."""
    row = {"train": trained.name}
    for test in args.sets:
        merged = not trained.hands == test.hands == "both"
        folder = test.evaluation_of(trained)
        rows = evaluate(args.program, trained.run.model, test.path, folder,
                        *overlays(folder / "pictures", test.frames), *(["--merge-hands"] if merged else []))
        mean = rows["mean of hands"]
        row.update({test.name: mean["iou"], f"{test.name}_binary_mean": mean["iou_binary_mean"],
                    f"{test.name}_merged": merged, f"{test.name}_paper": PAPER.get(trained.name, {}).get(test.name)})
    return row


def cell_of(row, name):
    paper = row[f"{name}_paper"]
    return percent(row[name]) + ("*" if row[f"{name}_merged"] else "") + (f" ({paper})" if paper else "")


def pictures_of(test, frame, sets):
    """Depth, truth as the set itself labels it, and what each model makes of a frame."""
    of = {s.name: panels(test.evaluation_of(s) / "pictures", frame) for s in sets}
    return of[test.name][:2] + [prediction for _, _, prediction in of.values()]


def main():
    args = parse_arguments()
    check_folder(args.out)
    announce_all(((f"{s.name:12} {s.hands} hands, {s.splits['train']} training frames", s.run.plan(s.splits))
                  for s in args.sets), args)
    for s in args.sets:
        s.choose_frames(args)
    names = [s.name for s in args.sets]
    about = (f"Hand mIoU in percent of {args.config.name}, trained on the set of the row, on the test split of that of "
             f"the column.\n*: left and right as one class, because one of the two sets labels one hand. In brackets: "
             f"the paper's Table 4,\nwhich prints the binary mean. Frames of any shape are stretched to the network's "
             f"input.")
    rows = []
    for s in args.sets:
        print(f"\n== {s.name}", file=sys.stderr)
        s.run.train()
        rows.append(row_of(s, args))
        cells = [[r["train"]] + [cell_of(r, n) for n in names] for r in rows]
        text = write_tables(args.out, "table4", about, ["trained on", *names], cells, rows, "sets")
    draw_sheet(args.out / "table4.png", ["depth", "truth", *(f"trained on {n}" for n in names)],
               {f"{t.name}, test split": (t.aspect, [pictures_of(t, f, args.sets) for f in t.frames])
                for t in args.sets})
    print(text, end="")


if __name__ == "__main__":
    run_main(main)
