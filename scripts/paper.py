#!/usr/bin/env python3
"""The paper's experiments, one after the other: see scripts/paper.sh."""
import argparse
import html
import json
import pathlib
import subprocess
import sys
import time

from experiments import (CONFIGS, ROOT, announce, answer_of, check_folder, duration, fail, run_main, run_to_its_end,
                         write_tables, write_whole)

# Table 1 of the paper: frames, subjects, hands, sensor, size, annotation.
SETS = {"handseg": (265000, 14, "both", "SR300", "640x480", "automatic"),
        "freiburg": (43986, 20, "both", "synthetic", "320x320", "synthetic"),
        "nyu": (6736, 2, "left", "Kinect v1", "640x480", "-"),
        "handnet": (212928, 10, "left", "SR300", "320x240", "heuristic")}
# What is rendered: frames, people, options. Small, and as different from each other as the originals.
RENDERED = {"handseg": (3200, 80, ["--size", "320x240"]), "freiburg": (1000, 25, []),
            "nyu": (1000, 25, ["--size", "320x240"]), "handnet": (1000, 25, [])}


class Scale:
    """How much of everything: steps of the networks of Table 2 and of the other tables (0: as the configuration says),
    sizes of Table 3, a share of the rendered frames, seconds (None: known once the sets are there) and bytes in all,
    seconds of each measurement of speed."""

    def __init__(self, nets, net_steps, steps, sizes, share, seconds, room, config="compare", measure=2):
        self.nets, self.net_steps, self.sizes, self.share = nets, net_steps, sizes, share
        self.seconds, self.room, self.config, self.measure = seconds, room, CONFIGS / f"train/{config}.ini", measure
        self.steps = steps

    @property
    def set(self):
        """Of the training of Tables 3 and 4."""
        return ["--set", f"train.steps={self.steps}", "--set", f"schedule.total={self.steps}"] if self.steps else []


SCALES = {
    "tiny": Scale("reach,nearest,handseg,handseg_half", 20, 20, "20,40", 0.025, 4 * 60, 1.5e9,
                  measure=0.2),
    # Without FCN32s: so few steps teach it nothing, and to the last one all is background.
    "small": Scale("reach,nearest,forest,handseg,handseg_half,handseg_sum,segnet", 700, 1200, "15,30,60,120,240", 1,
                   45 * 60, 3e9),
    "full": Scale("reach,nearest,forest,handseg,segnet,fcn32s", 0, 0, "5k,10k,20k,40k,80k", 1, None, 60e9, "handseg"),
}


def run(*command, **how):
    done = run_to_its_end(command, **how)
    if done.returncode != 0:
        name = pathlib.Path(next(c for c in command if c != sys.executable)).name
        fail(f"{name}: ended with {done.returncode}, see above; once that is mended, the "
             f"same command goes on from there")
    return done


def make_set(name, scale, args):
    """OUT/sets/NAME.h5: rendered, or packed from DIR/NAME."""
    packed = args.out / f"sets/{name}.h5"
    if packed.is_file():
        return packed
    if args.data:
        run(args.program, "pack", args.data / name, "--layout", name, "--out", packed)
        return packed
    frames, people, options = RENDERED[name]
    frames, people = int(frames * scale.share), max(8, int(people * scale.share))
    folder = args.out / f"sets/{name}"
    run(args.program, "synth", "--profile", name, "--frames", frames, "--subjects", people, "--seed", 1, *options,
        "--out", folder)
    run(args.program, "pack", folder, "--out", packed)
    return packed


def table1(sets, args):
    """What `handseg info` says of every set, beside the paper."""
    rows, cells = [], []
    for name, path in sets.items():
        i = answer_of([args.program, "info", path, "--json"])
        rows.append({"set": name, **{k: i[k] for k in ("frames", "subjects", "hands", "sensor", "width", "height",
                                                       "annotation")}, "train": i["splits"]["train"],
                     "val": i["splits"]["val"], "test": i["splits"]["test"]})
        frames, people, hands, sensor, size, annotation = SETS[name]
        cells.append([name, str(i["frames"]), str(i["subjects"] or "unknown"), i["hands"], i["sensor"] or "-",
                      f"{i['width']}x{i['height']}", i["annotation"] or "-",
                      f"{frames}, {people}, {hands}, {sensor}, {size}, {annotation}"])
    header = ["set", "frames", "subjects", "hands", "sensor", "size", "annotation", "the paper's"]
    about = ("The data sets." if args.data else
             "Rendered stand-ins for the paper's data sets, and in the last column those.")
    return write_tables(args.out, "table1", about, header, cells, rows, "sets")


def index(texts, sets, args):
    """OUT/index.html: every table and figure, and where the rest lies."""
    parts = [("Table 1: data sets", "table1", None), ("Table 2: networks", "table2/table2", None),
             ("Figure 8: depth, truth and every network", None, "table2/figure8.png"),
             ("Table 3: size of the training set", "table3/table3", None),
             ("Figure 6: accuracy against size", None, "table3/figure6.svg"),
             ("Table 4: across data sets", "table4/table4", None),
             ("Frames of each test split, wrong pixels magenta", None, "table4/table4.png")]
    body = []
    for title, table, picture in parts:
        body.append(f"<h2>{title}</h2>")
        if table:
            text = (args.out / f"{table}.txt").read_text(encoding="utf-8")
            body.append(f"<pre>{html.escape(text)}</pre><p>as <a href='{table}.csv'>csv</a>, "
                        f"<a href='{table}.json'>json</a>, <a href='{table}.md'>markdown</a></p>")
        else:
            body.append(f"<p><img src='{picture}' alt='{title}'></p>")
    links = "".join(f"<li><a href='{page}'>{html.escape(text)}</a></li>" for page, text in texts)
    what = f"On the data sets of {html.escape(str(args.data))}." if args.data else (
        "On rendered stand-ins at a small scale: the order of things, not the paper's figures.")
    write_whole(args.out / "index.html", f"""<!doctype html><html lang="en"><meta charset="utf-8">
<title>handseg: the paper's experiments</title>
<style>body{{font:15px/1.5 sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#222}}
pre{{overflow-x:auto;background:#f6f6f4;padding:1rem;font-size:13px}}img{{max-width:100%}}h2{{margin-top:2.5rem}}</style>
<h1>The paper's experiments</h1><p>{what} {len(sets)} data sets.</p><ul>{links}</ul>{''.join(body)}</html>
""")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="paper.sh", description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, help="folder of the data sets; without it they are rendered")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("report"), help="folder to write: report")
    parser.add_argument("--scale", choices=["tiny", "small"],
                        help="of what is rendered: small, within an hour; tiny, minutes, to see that all of it works")
    parser.add_argument("--steps", type=int, help="updates of every network; with --data as the configuration says, "
                        "which is the paper's 50 epochs")
    parser.add_argument("--sizes", help="of Table 3, as 5k,10k,20k")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    args = parser.parse_args()
    if args.data:
        if args.scale:
            fail("--scale: is of what is rendered; with --data, --steps and --sizes make it smaller")
        missing = [name for name in SETS if not (args.data / name).is_dir() or not any((args.data / name).iterdir())]
        if missing:
            fail(f"--data: {args.data}: got no folder {', '.join(missing)} with files, expected {', '.join(SETS)}")
        args.data = args.data.resolve()
    if args.steps is not None and args.steps < 1:
        fail(f"--steps: got {args.steps}, expected 1 or more")
    args.scale = "full" if args.data else args.scale or "small"
    args.out = args.out.resolve()
    return args


def scale_of(args):
    scale = SCALES[args.scale]
    scale.net_steps, scale.steps = args.steps or scale.net_steps, args.steps or scale.steps
    scale.sizes = args.sizes or scale.sizes
    return scale


def check_plan(args):
    """OUT holds the work of one data folder or one scale; fails where that is another one than now. Of other steps
    and sizes the scripts of the tables know."""
    now = {"data": str(args.data)} if args.data else {"rendered": args.scale}
    path = args.out / "plan.json"
    if path.is_file():
        then = json.loads(path.read_text(encoding="utf-8"))
        if then != now:
            fail(f"{args.out}: got {in_words(now)}, expected {in_words(then)}, as it was begun; choose another --out")
    elif any((args.out / "sets").glob("*.h5")):
        fail(f"{args.out}: got sets/ without plan.json, which says what they were made for; choose another --out")
    write_whole(path, json.dumps(now, indent=2) + "\n")


def in_words(plan):
    return f"--data {plan['data']}" if "data" in plan else f"sets rendered at --scale {plan['rendered']}"


def experiments(scale, sets, args):
    """Of Tables 2 to 4: what people call them, and the commands."""
    scripts, more = ROOT / "scripts", ["--seconds", scale.measure, "--program", args.program]
    return [
        ("networks, Table 2 and figure 8",
         [sys.executable, scripts / "compare_nets.py", "--data", sets["handseg"], "--out", args.out / "table2",
          "--nets", scale.nets, "--steps", scale.net_steps, "--config", scale.config, *more]),
        ("sizes of the training set, Table 3 and figure 6",
         [sys.executable, scripts / "ablation.py", scale.config, sets["handseg"], "--sizes", scale.sizes, "--out",
          args.out / "table3", *scale.set, *more]),
        ("across data sets, Table 4",
         [sys.executable, scripts / "cross_dataset.py", scale.config, *(f"{n}={p}" for n, p in sets.items()), "--out",
          args.out / "table4", *scale.set, *more])]


def plan(parts, args):
    """Asks every part what it takes, so that all are refused before the first one trains."""
    seconds, room = 0, 0
    for name, command in parts:
        print(f"{name}:", file=sys.stderr)
        said = json.loads(run(*command, "--plan", stdout=subprocess.PIPE, text=True).stdout)
        seconds, room = seconds + said["seconds"], room + said["room"]
    print("all of them: ", end="", file=sys.stderr)
    announce(seconds, room, args.out)


def report(scale, args):
    """OUT/runs.html of the models of Table 2, whatever their kind."""
    models = [CONFIGS / f"nets/{n}.ini" if n in ("reach", "nearest") else args.out / f"table2/{n}"
              for n in scale.nets.split(",")]
    run(args.program, "report", *models, "--data", args.out / "sets/handseg.h5", "--out", args.out / "runs.html")


def begin(part, what):
    print(f"\npart {part} of 6: {what}", file=sys.stderr)


def main():
    args = parse_arguments()
    scale, began = scale_of(args), time.monotonic()
    check_folder(args.out)
    check_plan(args)
    (args.out / "sets").mkdir(exist_ok=True)
    held = sum(file.stat().st_size for file in args.out.rglob("*") if file.is_file() and file.suffix != ".tmp")
    announce(scale.seconds, max(0, scale.room - held), args.out)
    if scale.seconds is None:
        print("how long it takes is told in part 2, once the sets are there", file=sys.stderr)
    begin(1, f"data sets of {args.data}, Table 1" if args.data else "data sets, rendered, Table 1")
    made = {name: make_set(name, scale, args) for name in sorted(SETS, key=lambda name: SETS[name][0])}
    sets = {name: made[name] for name in SETS}  # the smallest came first: what is wrong with it is said soon
    print(table1(sets, args), file=sys.stderr)
    parts = experiments(scale, sets, args)
    begin(2, "what the others take")
    plan(parts, args)
    for i, (name, command) in enumerate(parts):
        begin(3 + i, name)
        run(*command)
    begin(6, "report")
    report(scale, args)
    index([("runs.html", "curves, intervals, calibration and worst frames of the models of Table 2")], sets, args)
    print(f"done in {duration(time.monotonic() - began)}: {args.out / 'index.html'}")


if __name__ == "__main__":
    run_main(main)
