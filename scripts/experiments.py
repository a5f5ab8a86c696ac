"""What the scripts of the paper's experiments share: trainings that go on where they were, plans told before anything
begins, early checks, tables for people and programs."""
import configparser
import csv
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"
CLASSES = ["left", "right", "background"]
SCORE_HEADER = ["IoU l r bg", "precision l r bg", "recall l r bg"]


def fail(text):
    sys.exit(f"{pathlib.Path(sys.argv[0]).stem}: {text}")


def answer_of(command):
    """The JSON that a command of handseg prints."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(" ".join(done.stderr.strip().splitlines()[-2:]) or f"{command[1]}: ended with {done.returncode}")
    return json.loads(done.stdout)


def read_ini(path):
    ini = configparser.ConfigParser(inline_comment_prefixes=(";",), strict=False)
    ini.read_string(pathlib.Path(path).read_text(encoding="utf-8"))
    return ini


class Training:
    """One run folder: trained by a configuration with settings over it, at once or in parts."""

    def __init__(self, program, config, settings, folder):
        self.program, self.config, self.folder = program, pathlib.Path(config), pathlib.Path(folder)
        self.settings = [*settings, f"train.out={folder}"]
        self.model = self.folder / "best.h5"

    @property
    def trained(self):
        return (self.folder / "metrics.json").is_file()

    @property
    def seconds(self):
        return json.loads((self.folder / "metrics.json").read_text())["seconds"]

    def options(self):
        return [part for s in self.settings for part in ("--set", s)]

    def value(self, key, standard):
        """Of a key of the configuration, as text: the last setting's, the file's, or the program's own."""
        given = [s.split("=", 1)[1] for s in self.settings if s.startswith(key + "=")]
        section, name = key.split(".")
        return given[-1] if given else read_ini(self.config).get(section, name, fallback=standard)

    def steps(self, frames):
        """Updates that training on so many frames takes."""
        batch = int(self.value("train.batch", "16"))
        epoch = math.ceil(math.ceil(frames / batch) / int(self.value("train.accumulate", "1")))
        most = int(self.value("train.steps", "0"))
        all_of_them = int(self.value("train.epochs", "50")) * epoch
        return min(most, all_of_them) if most else all_of_them

    def bench(self):
        settings = [s for s in self.settings if not s.startswith("train.init")]
        return answer_of([self.program, "bench", self.config, "--seconds", 2, "--json"] +
                         [part for s in settings for part in ("--set", s)])

    def train(self):
        if self.trained:
            return
        resume = ["--resume"] if any((self.folder / f).is_file() for f in ("last.h5", "growing.h5")) else []
        done = subprocess.run([str(self.program), "train", str(self.config), *map(str, self.options()), *resume],
                              check=False)
        if done.returncode != 0:
            fail(f"{self.folder.name}: training ended with {done.returncode}; the same command goes on from there")


def evaluate(program, model, data, out, *options):
    """Metrics of each class and of the means, by their names; what `handseg evaluate` writes goes to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    table = answer_of([program, "evaluate", model, "--data", data, "--split", "test", "--out", out, "--format", "json",
                       "--quiet", *options])
    return {c["class"]: c for c in table["classes"]}


def scores(rows, data):
    """Of the classes of HandSeg and of the mean of hands, for a row of a table; fails where they are others."""
    if any(c not in rows for c in CLASSES):
        fail(f"{data}: got the classes {', '.join(rows)}, expected {', '.join(CLASSES)}")
    return {"miou": rows["mean of hands"]["iou"], "miou_binary_mean": rows["mean of hands"]["iou_binary_mean"],
            **{f"{key}_{c}": rows[c][key] for key in ("iou", "precision", "recall") for c in CLASSES}}


def score_cells(row):
    """IoU, precision and recall of the classes, under SCORE_HEADER."""
    return [" ".join(percent(row[f"{key}_{c}"]) for c in CLASSES) for key in ("iou", "precision", "recall")]


# ---- before anything begins


def check_folder(out):
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / ".new").write_text("")
        (out / ".new").unlink()
    except OSError as error:
        fail(f"--out: {error}")


def checkpoint_bytes(parameters):
    return 2.2 * 12 * parameters  # two with Adam's moments, and one being written


def announce(seconds, room, out):
    """How long all of it takes and what it writes; fails where the disk has not enough."""
    free = shutil.disk_usage(out).free
    print(f"about {duration(seconds)} and {room / 1e9:.1f} GB in all, into {out}", file=sys.stderr)
    if room > free:
        fail(f"--out: got {free / 1e9:.1f} GB free, expected {room / 1e9:.1f} GB; free some or ask for less")


def processor():
    names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
             if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def threads():
    return os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))


# ---- results


def duration(seconds):
    if seconds is None:
        return "-"
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds > 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def percent(value):
    return "-" if value is None or value != value else f"{100 * value:.1f}"


def write_whole(path, content):
    new = path.with_name(path.name + ".new")
    new.write_text(content, encoding="utf-8")
    os.replace(new, path)


def write_tables(out, stem, about, header, cells, rows, key):
    """out/stem.{txt,md,json,csv} of the same rows: cells as people read them, rows as programs do; returns the text."""
    widths = [max(len(c[i]) for c in [header] + cells) for i in range(len(header))]
    lines = ["  ".join(t.ljust(w) for t, w in zip(c, widths)).rstrip() for c in [header] + cells]
    lines.insert(1, "-" * max(map(len, lines)))
    text = about + "\n\n" + "\n".join(lines) + "\n"
    marks = ["| " + " | ".join(c) + " |" for c in [header, ["---"] * len(header)] + cells]
    write_whole(out / f"{stem}.txt", text)
    write_whole(out / f"{stem}.md", about + "\n\n" + "\n".join(marks) + "\n")
    write_whole(out / f"{stem}.json", json.dumps({"about": about, key: rows}, indent=2) + "\n")
    with open(out / f"{stem}.csv.new", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.replace(out / f"{stem}.csv.new", out / f"{stem}.csv")
    return text
