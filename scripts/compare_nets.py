#!/usr/bin/env python3
"""The paper's Table 2 on any data set: see scripts/compare_nets.sh."""
import argparse
import configparser
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"
# In the order of training: one that begins with another's parameters comes after it.
NETS = ["reach", "nearest", "forest", "handseg", "handseg_half", "handseg_sum", "segnet", "fcn32s", "fcn16s", "fcn8s",
        "deconvnet"]
BEGINS_WITH = {"fcn16s": "fcn32s", "fcn8s": "fcn16s"}
SIZES = {"deconvnet": (224, 224)}  # the size it is defined for; smaller ones leave nothing for its first full layer
# Table 2 of the paper: what it prints as mIoU, and hand mIoU by the definition, from its precision and recall.
PAPER = {"fcn32s": (78.1, 57.1), "forest": (84.5, 84.0), "segnet": (87.7, 75.9), "handseg": (97.2, 94.5)}
CLASSES = ["left", "right", "background"]


def fail(text):
    sys.exit(f"compare_nets: {text}")


def answer_of(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(" ".join(done.stderr.strip().splitlines()[-2:]) or f"{command[1]}: ended with {done.returncode}")
    return json.loads(done.stdout)


class Entry:
    """One line of the table: a network to train, a forest to grow, or a rule that needs neither."""

    def __init__(self, name, args):
        self.name, self.args = name, args
        self.net = CONFIGS / f"nets/{name}.ini"
        ini = configparser.ConfigParser(inline_comment_prefixes=(";",), strict=False)
        ini.read_string(self.net.read_text(encoding="utf-8"))
        rules = {"reach", "nearest", "skin"} & set(ini.sections())
        self.kind = "forest" if "forest" in ini else "rule" if rules else "net"
        self.folder = args.out / name
        self.settings = []
        if self.kind == "net":
            self.settings = [f"net.file={self.net}", f"train.steps={args.steps}", f"schedule.total={args.steps}"]
            self.settings += [f"net.{k}={v}" for k, v in zip(("height", "width"), SIZES.get(name, ()))]
            first = BEGINS_WITH.get(name)
            if first in args.nets:
                self.settings.append(f"train.init={args.out / first / 'best.h5'}")
        if self.kind != "rule":
            self.settings += [f"data.file={args.data}", f"train.out={self.folder}"] + args.set
        self.config = CONFIGS / ("train/forest.ini" if self.kind == "forest" else "train/compare.ini")
        self.model = self.net if self.kind == "rule" else self.folder / "best.h5"
        self.trained = self.kind == "rule" or (self.folder / "metrics.json").is_file()

    def set_options(self):
        return [part for s in self.settings for part in ("--set", s)]

    def measure(self):
        """One frame, and how long training may take, before it begins."""
        if self.kind != "net":
            return
        settings = [s for s in self.settings if not s.startswith("train.init")]
        bench = answer_of([self.args.program, "bench", self.config, "--seconds", 2, "--json"] +
                          [part for s in settings for part in ("--set", s)])
        self.bench = bench
        self.expected = 0 if self.trained else bench["training_step"]["ms"] / 1e3 * self.args.steps
        self.room = 0 if self.trained else 2.2 * 12 * bench["parameters"]  # two checkpoints, and one being written

    def train(self):
        if self.trained:
            return
        resume = ["--resume"] if (self.folder / "last.h5").is_file() or (self.folder / "growing.h5").is_file() else []
        done = subprocess.run([self.args.program, "train", self.config, *self.set_options(), *resume], check=False)
        if done.returncode != 0:
            fail(f"{self.name}: training ended with {done.returncode}; the same command goes on from there")

    def evaluate(self):
        out = self.folder / "evaluation"
        self.folder.mkdir(parents=True, exist_ok=True)
        table = answer_of([self.args.program, "evaluate", self.model, "--data", self.args.data, "--split", "test",
                           "--out", out, "--format", "json", "--quiet"])
        rows = {c["class"]: c for c in table["classes"]}
        if any(c not in rows for c in CLASSES):
            fail(f"{self.args.data}: got the classes {', '.join(rows)}, expected {', '.join(CLASSES)}")
        bench = self.bench if self.kind == "net" else answer_of(
            [self.args.program, "bench", self.model, "--seconds", 2, "--json"])
        seconds = None
        if self.kind != "rule":
            seconds = json.loads((self.folder / "metrics.json").read_text())["seconds"]
        return {"net": self.name, "parameters": bench.get("parameters"), "input": self.size(),
                "steps": self.args.steps if self.kind == "net" else None, "train_seconds": seconds,
                "begins_with": BEGINS_WITH[self.name] if self.begins() else None,
                "frame_ms": bench["latency_ms"],
                "miou": rows["mean of hands"]["iou"], "miou_binary_mean": rows["mean of hands"]["iou_binary_mean"],
                **{f"{key}_{c}": rows[c][key] for key in ("iou", "precision", "recall") for c in CLASSES},
                "paper_miou": PAPER.get(self.name, (None, None))[1],
                "paper_miou_binary_mean": PAPER.get(self.name, (None, None))[0]}

    def begins(self):
        return any(s.startswith("train.init") for s in self.settings)

    def size(self):
        """Of the input, as the run or the file says."""
        path = self.net if self.kind == "rule" else self.folder / "config.ini"
        ini = configparser.ConfigParser(inline_comment_prefixes=(";",), strict=False)
        ini.read_string(path.read_text(encoding="utf-8"))
        return f"{ini['input']['width']}x{ini['input']['height']}"


def duration(seconds):
    if seconds is None:
        return "-"
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds > 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def percent(value):
    return "-" if value is None or value != value else f"{100 * value:.1f}"


def cells_of(row):
    paper = "-" if row["paper_miou"] is None else f"{row['paper_miou_binary_mean']} / {row['paper_miou']}"
    return [row["net"], row["input"], percent(row["miou"]), percent(row["miou_binary_mean"]), paper,
            duration(row["train_seconds"]), f"{row['frame_ms']:.1f} ms"] + \
        [" ".join(percent(row[f"{key}_{c}"]) for c in CLASSES) for key in ("iou", "precision", "recall")]


HEADER = ["net", "input", "mIoU", "binary mean", "paper", "train", "frame", "IoU l r bg", "precision l r bg",
          "recall l r bg"]


def write_tables(rows, about, out):
    cells = [cells_of(r) for r in rows]
    widths = [max(len(c[i]) for c in [HEADER] + cells) for i in range(len(HEADER))]
    lines = ["  ".join(t.ljust(w) for t, w in zip(c, widths)).rstrip() for c in [HEADER] + cells]
    lines.insert(1, "-" * max(map(len, lines)))
    text = about + "\n\n" + "\n".join(lines) + "\n"
    marks = ["| " + " | ".join(c) + " |" for c in [HEADER, ["---"] * len(HEADER)] + cells]
    files = {"txt": text, "md": about + "\n\n" + "\n".join(marks) + "\n",
             "json": json.dumps({"about": about, "nets": rows}, indent=2) + "\n"}
    for suffix, content in files.items():
        new = out / f"table2.{suffix}.new"
        new.write_text(content, encoding="utf-8")
        os.replace(new, out / f"table2.{suffix}")
    with open(out / "table2.csv.new", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.replace(out / "table2.csv.new", out / "table2.csv")
    return text


def processor():
    names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
             if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="compare_nets.sh", description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="data set, as handseg pack writes it")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the tables and the runs")
    parser.add_argument("--nets", default=",".join(NETS), help="of configs/nets; " + ",".join(NETS))
    parser.add_argument("--steps", type=int, default=2000, help="updates of every network: 2000")
    parser.add_argument("--set", action="append", default=[], metavar="S.K=V", help="of the training, for all")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    args = parser.parse_args()
    args.nets = args.nets.split(",")
    for name in args.nets:
        if name not in NETS:
            fail(f"--nets: got '{name}', expected some of {', '.join(NETS)}")
    args.nets.sort(key=NETS.index)
    if args.steps < 1:
        fail(f"--steps: got {args.steps}, expected at least 1")
    args.data, args.out = args.data.resolve(), args.out.resolve()
    return args


def check_early(args):
    """What can fail later fails now: the data set, the folder, room on the disk."""
    info = answer_of([args.program, "info", args.data, "--json"])
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / ".new").write_text("")
        (args.out / ".new").unlink()
    except OSError as error:
        fail(f"--out: {error}")
    return info


def main():
    args = parse_arguments()
    check_early(args)
    entries = [Entry(name, args) for name in args.nets]
    print(f"measuring {len(entries)} models", file=sys.stderr)
    for e in entries:
        e.measure()
        if e.kind == "rule":
            plan = "no training"
        elif e.trained:
            plan = "trained already"
        else:
            plan = f"{args.steps} steps, about {duration(e.expected)}" if e.kind == "net" else "some minutes"
        print(f"  {e.name:13} {plan}{', begins with ' + BEGINS_WITH[e.name] if e.begins() else ''}", file=sys.stderr)
    nets = [e for e in entries if e.kind == "net"]
    room, free = sum(e.room for e in nets), shutil.disk_usage(args.out).free
    print(f"about {duration(sum(e.expected for e in nets))} and {room / 1e9:.1f} GB in all", file=sys.stderr)
    if room > free:
        fail(f"--out: got {free / 1e9:.1f} GB free, expected {room / 1e9:.1f} GB; free some or take fewer --nets")
    rows = []
    threads = os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))
    about = (f"{args.data.name}, test split; networks trained for {args.steps} steps each; one frame, median, on "
             f"{threads} threads of {processor()}.\nmIoU over left and right: by the definition; binary mean: what "
             f"the paper prints. paper: what it prints / by the definition.")
    for e in entries:
        print(f"\n== {e.name}", file=sys.stderr)
        e.train()
        rows.append(e.evaluate())
        text = write_tables(rows, about, args.out)
    print(text, end="")


if __name__ == "__main__":
    main()
