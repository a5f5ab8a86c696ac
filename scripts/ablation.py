#!/usr/bin/env python3
"""Accuracy against the size of the training set: see scripts/ablation.sh."""
import argparse
import math
import pathlib
import subprocess
import sys

from experiments import (CLASSES, SCORE_HEADER, Training, announce_all, check_folder, check_settings, common_arguments,
                         data_set, duration, evaluate, fail, percent, processor, run_main, score_cells, scores,
                         threads, write_tables, write_whole)

# Table 3 of the paper: frames, what it prints as mIoU, hand mIoU by the definition, from its precision and recall.
PAPER = [(5000, 87.2, 74.8), (10000, 90.2, 80.8), (20000, 93.4, 87.1), (40000, 95.3, 90.7), (80000, 95.5, 91.1),
         (160000, 97.2, 94.5)]
HEADER = ["frames", "mIoU", "binary mean", "steps", "train", *SCORE_HEADER]
PLOT = """set terminal {terminal}
set output '{output}'
set logscale x 2
set xlabel 'training frames'
set ylabel 'hand mIoU, %'
set key above
set grid
set title '{title}' noenhanced
set xtics ({tics})
set xrange [{low}:{high}]
plot {a} + {b} * log(x) / log(2) with lines lw 2 lc rgb '#b0b0b0' title '{fit}', \\
    '-' with linespoints pt 7 ps 1 lw 2 lc rgb '#2f7d3b' title 'measured'
{points}
e
"""


def size_of(text):
    """5k is 5000."""
    digits = text[:-1] if text.endswith("k") else text
    if not digits.isdigit() or int(digits) == 0:
        fail(f"--sizes: got '{text}', expected numbers of frames such as 500,1k,2k")
    return int(digits) * (1000 if text.endswith("k") else 1)


def fit(rows):
    """a and b of mIoU = a + b log2(frames), in percent, by least squares."""
    x, y = [math.log2(r["frames"]) for r in rows], [100 * r["miou"] for r in rows]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    b = sum((u - mx) * (v - my) for u, v in zip(x, y)) / sum((u - mx) ** 2 for u in x)
    return my - b * mx, b


def plot(rows, data, out):
    a, b = fit(rows)
    frames = [r["frames"] for r in rows]
    points = "\n".join(f"{r['frames']} {100 * r['miou']}" for r in rows)
    for suffix, terminal in (("svg", "svg size 720,440 dynamic font 'sans,13'"),
                             ("png", "pngcairo size 720,440 font 'sans,11'")):
        script = PLOT.format(terminal=terminal, output=out / f"figure6.{suffix}", title=data.name, a=a, b=b,
                             tics=", ".join(f"'{n}' {n}" for n in frames), low=frames[0] / 1.2, high=frames[-1] * 1.2,
                             fit=f"{b:+.1f} points a doubling", points=points)
        done = subprocess.run(["gnuplot"], input=script, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            fail(f"gnuplot: {done.stderr.strip().splitlines()[-1:]}")
    return a, b


def row_of(frames, run, args):
    rows = evaluate(args.program, run.model, args.data, run.folder / "evaluation")
    done = run.metrics
    return {"frames": frames, "steps": done.get("steps"), "train_seconds": done["seconds"], **scores(rows)}


def cells_of(row):
    return [str(row["frames"]), percent(row["miou"]), percent(row["miou_binary_mean"]), str(row["steps"] or "-"),
            duration(row["train_seconds"]), *score_cells(row)]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="ablation.sh", description=__doc__)
    parser.add_argument("config", type=pathlib.Path, help="of the training")
    parser.add_argument("data", type=pathlib.Path, help="data set, as handseg pack writes it")
    parser.add_argument("--sizes", required=True, help="numbers of training frames, by commas; 5k is 5000")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the table, the plot, the runs")
    parser.add_argument("--seed", type=int, default=1, help="of the draw: 1")
    parser.add_argument("--set", action="append", default=[], metavar="S.K=V", help="of the training, for all")
    common_arguments(parser)
    args = parser.parse_args()
    args.sizes = sorted({size_of(s) for s in args.sizes.split(",")})
    if len(args.sizes) < 2:
        fail(f"--sizes: got {len(args.sizes)} size, expected two or more to compare")
    check_settings(args.set, {"data.subset": "--sizes", "data.subset_seed": "--seed"})
    if not args.config.is_file():
        fail(f"{args.config}: no such file")
    args.data, args.out = args.data.resolve(), args.out.resolve()
    return args


def plan(args):
    """The runs, after saying what they are and what they take."""
    splits = data_set(args.program, args.data, CLASSES)["splits"]
    if args.sizes[-1] > splits["train"]:
        fail(f"--sizes: got {args.sizes[-1]}, expected at most the {splits['train']} training frames of "
             f"{args.data.name}")
    check_folder(args.out)
    runs = [Training(args, args.config,
                     [f"data.file={args.data}", *args.set, f"data.subset={n}", f"data.subset_seed={args.seed}"],
                     args.out / f"frames_{n}") for n in args.sizes]
    announce_all(((f"{n:7} frames", run.plan(splits)) for n, run in zip(args.sizes, runs)), args)
    return runs


def main():
    args = parse_arguments()
    runs = plan(args)
    about = (f"{args.data.name}, test split; {args.config.name} on random parts of the training split (seed "
             f"{args.seed}, each\nholds the smaller ones); {threads()} threads of {processor()}.\n"
             f"mIoU over left and right: by the definition; binary mean: what the paper prints. The paper, of 5k to\n"
             "160k frames: " + ", ".join(f"{printed} / {true}" for _, printed, true in PAPER) +
             "\n(binary mean / definition).")
    rows = []
    for n, run in zip(args.sizes, runs):
        print(f"\n== {n} frames", file=sys.stderr)
        run.train()
        rows.append(row_of(n, run, args))
        text = write_tables(args.out, "table3", about, HEADER, [cells_of(r) for r in rows], rows, "sizes")
    a, b = plot(rows, args.data, args.out)
    write_whole(args.out / "fit.txt", f"mIoU = {a:.2f} + {b:.2f} log2(frames), in percent\n")
    print(f"{text}\nmIoU = {a:.1f} + {b:.2f} log2(frames); {args.out / 'figure6.png'}")


if __name__ == "__main__":
    run_main(main)
