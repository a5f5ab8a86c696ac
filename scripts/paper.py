#!/usr/bin/env python3
"""The paper's experiments, one after the other: see scripts/paper.sh."""
import argparse
import html
import pathlib
import subprocess
import sys
import time

from experiments import (CONFIGS, ROOT, announce, answer_of, check_folder, duration, fail, write_tables,
                         write_whole)

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
    sizes of Table 3, a share of the rendered frames, seconds and bytes in all."""

    def __init__(self, nets, net_steps, steps, sizes, share, seconds, room, config="compare"):
        self.nets, self.net_steps, self.sizes, self.share = nets, net_steps, sizes, share
        self.seconds, self.room, self.config = seconds, room, CONFIGS / f"train/{config}.ini"
        self.set = ["--set", f"train.steps={steps}", "--set", f"schedule.total={steps}"] if steps else []


SCALES = {
    "tiny": Scale("reach,nearest,handseg,handseg_half", 20, 20, "20,40", 0.025, 4 * 60, 1e9),
    "small": Scale("reach,nearest,forest,handseg,segnet,fcn32s", 700, 1200, "125,250,500,1000,2000", 1, 50 * 60, 4e9),
    "full": Scale("reach,nearest,forest,handseg,segnet,fcn32s", 0, 0, "5k,10k,20k,40k,80k", 1, None, 60e9, "handseg"),
}


def run(*command):
    done = subprocess.run([str(c) for c in command], check=False)
    if done.returncode != 0:
        fail(f"{pathlib.Path(str(command[0])).name}: ended with {done.returncode}; the same command goes on from there")


def make_set(name, scale, args):
    """OUT/sets/NAME.h5: rendered, or packed from DIR/NAME."""
    packed = args.out / f"sets/{name}.h5"
    if packed.is_file():
        return packed
    if args.data:
        by_frame = name == "nyu" and not (args.data / "nyu/train").is_dir()  # it names nobody
        run(args.program, "pack", args.data / name, "--layout", name, "--out", packed,
            *(["--split", "frame"] if by_frame else []))
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
    about = "The data sets." if args.data else "Rendered stand-ins for the paper's data sets, and in the last column those."
    return write_tables(args.out, "table1", about, header, cells, rows, "sets")


def index(texts, sets, args):
    """OUT/index.html: every table and figure, and where the rest lies."""
    parts = [("Table 1: data sets", "table1", None), ("Table 2: networks", "table2/table2", None),
             ("Figure 8: depth, truth and every network", None, "table2/figure8.png"),
             ("Table 3: size of the training set", "table3/table3", None),
             ("Figure 6: accuracy against size", None, "table3/figure6.svg"),
             ("Table 4: across data sets", "table4/table4", None)]
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
    parser.add_argument("--scale", choices=["tiny", "small"], default="small",
                        help="of what is rendered: small, within an hour; tiny, minutes, to see that all of it works")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    args = parser.parse_args()
    if args.data:
        missing = [name for name in SETS if not (args.data / name).is_dir()]
        if missing:
            fail(f"--data: {args.data}: got no folder {', '.join(missing)}, expected {', '.join(SETS)}")
    args.out = args.out.resolve()
    return args


def main():
    args = parse_arguments()
    scale, began = SCALES["full" if args.data else args.scale], time.monotonic()
    check_folder(args.out)
    (args.out / "sets").mkdir(exist_ok=True)
    print(f"Tables 1 to 4 and figures 6 and 8 {'of ' + str(args.data) if args.data else 'on rendered frames'}: "
          f"data sets, networks ({scale.nets}), sizes ({scale.sizes}), across sets, report", file=sys.stderr)
    if scale.seconds:
        announce(scale.seconds, scale.room, args.out)
    else:
        print("days: every part says how long it takes before it begins", file=sys.stderr)
    sets = {name: make_set(name, scale, args) for name in SETS}
    print(table1(sets, args), file=sys.stderr)
    scripts = ROOT / "scripts"
    run(scripts / "compare_nets.sh", "--data", sets["handseg"], "--out", args.out / "table2", "--nets", scale.nets,
        "--steps", scale.net_steps, "--config", scale.config)
    run(scripts / "ablation.sh", scale.config, sets["handseg"], "--sizes", scale.sizes, "--out", args.out / "table3",
        *scale.set)
    run(scripts / "cross_dataset.sh", scale.config, *(f"{n}={p}" for n, p in sets.items()), "--out",
        args.out / "table4", *scale.set)
    runs = [args.out / f"table2/{name}" for name in scale.nets.split(",") if name not in ("reach", "nearest", "forest")]
    run(args.program, "report", *runs, "--out", args.out / "runs.html")
    index([("runs.html", "curves, intervals, calibration and worst frames of the networks of Table 2")], sets, args)
    print(f"done in {duration(time.monotonic() - began)}: {args.out / 'index.html'}")


if __name__ == "__main__":
    main()
