"""What the scripts of the paper's experiments share: trainings that go on where they were, plans told before anything
begins, early checks, tables for people and programs."""
import configparser
import csv
import functools
import json
import math
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"
CLASSES = ["left", "right", "background"]
# Of configs/nets, in the order of training: one that begins with another's parameters comes after it.
NETS = ["reach", "nearest", "forest", "handseg", "handseg_half", "handseg_sum", "segnet", "fcn32s", "fcn16s", "fcn8s",
        "deconvnet"]
BEGINS_WITH = {"fcn16s": "fcn32s", "fcn8s": "fcn16s"}
SIZES = {"deconvnet": (224, 224)}  # height, width it is defined for: smaller leaves nothing for its first full layer
# Of the forest of configs/nets: processor time of growing one tree, a frame, as measured; seconds.
FOREST_FRAME = 0.04
SCORE_HEADER = ["IoU l r bg", "precision l r bg", "recall l r bg"]


def fail(text):
    sys.exit(f"{pathlib.Path(sys.argv[0]).stem}: {text}")


def run_main(main):
    """Of a script that goes on where it was."""
    try:
        main()
    except KeyboardInterrupt:
        fail("interrupted; the same command goes on where it was")


def run_to_its_end(command, **how):
    """subprocess.run of what has work to save: of an interrupt it is told, and then waited for."""
    with subprocess.Popen([str(c) for c in command], **how) as child:
        kept = {s: signal.signal(s, lambda number, frame: child.send_signal(number))
                for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            stdout, stderr = child.communicate()
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)
    return subprocess.CompletedProcess(command, child.returncode, stdout, stderr)


def answer_of(command, progress=False):
    """The JSON that a command of handseg prints; with `progress` people see what it says besides."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          stderr=None if progress else subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        fail(last_words(done.stderr or "") or f"{command[1]}: ended with {done.returncode}")
    return json.loads(done.stdout)


def last_words(stderr):
    """The error of a command of handseg, which is a line and another for its hint."""
    return " ".join(line.strip() for line in stderr.strip().splitlines()[-2:])


def read_ini(path):
    ini = configparser.ConfigParser(inline_comment_prefixes=(";",), strict=False, interpolation=None)
    try:
        ini.read_string(pathlib.Path(path).read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path}: cannot read: {error}")
    except configparser.Error as error:
        fail(f"{path}: got no INI file: {error.message.splitlines()[0]}")
    return ini


@functools.cache
def bench(program, model, seconds, settings=()):
    """Of a model or a network's configuration, on random data."""
    return answer_of([program, "bench", model, "--seconds", seconds, "--json", *options_of(settings)])


def options_of(settings):
    return [part for s in settings for part in ("--set", s)]


class Training:
    """One run folder: trained by a configuration with settings over it, at once or in parts."""

    # What --resume lets a run change, because it says when to stop.
    LIMITS = ("train.steps", "train.minutes", "train.patience")

    def __init__(self, args, config, settings, folder):
        self.program, self.seconds, self.config, self.folder = args.program, args.seconds, config, folder
        self.settings = [*settings, f"train.out={folder}"]
        self.model = self.folder / "best.h5"

    @property
    def trained(self):
        return (self.folder / "metrics.json").is_file()

    @property
    def metrics(self):
        """What was done: seconds, train_frames, and steps of a network."""
        return json.loads((self.folder / "metrics.json").read_text(encoding="utf-8"))

    def value(self, key, standard):
        """Of a key of the configuration, as text: the last setting's, the file's, or the program's own."""
        given = [s.split("=", 1)[1] for s in self.settings if s.startswith(key + "=")]
        section, name = key.split(".")
        return given[-1] if given else read_ini(self.config).get(section, name, fallback=standard)

    def number(self, key, standard):
        text = self.value(key, standard)
        try:
            return float(text)
        except ValueError:
            fail(f"{self.config}: {key}: got '{text}', expected a number")

    def model_file(self):
        """The file of the network or forest: another one where the configuration names it."""
        return self.config.parent / self.value("net.file", self.config.name)

    @property
    def is_forest(self):
        return "forest" in read_ini(self.model_file()).sections()

    def bench(self):
        """Of the network; one measurement for all that differ in nothing that it sees."""
        settings = tuple(s for s in self.settings if not s.startswith(("data.", "train.out", "train.init")))
        return bench(self.program, self.config, self.seconds, settings)

    def plan(self, splits):
        """What training will do with so many frames of each split, seconds and bytes that it adds; fails where the
        folder holds a finished run of something else."""
        if self.trained:
            self.check_same()
            return "trained already", 0, 0
        frames = self.training_frames(splits["train"])
        if self.is_forest:
            forest = read_ini(self.model_file())["forest"]
            seconds = frames * float(forest["bag"]) * int(forest["trees"]) * FOREST_FRAME / threads()
            return f"a forest, about {duration(seconds)}", seconds, self.room(1e6)
        steps, epoch = self.steps(frames)
        measured = self.bench()
        seconds = steps * measured["training_step"]["ms"] / 1e3
        if self.value("data.validate", "val") != "none":
            most = self.number("data.validate_frames", "0") or splits["val"]
            seconds += math.ceil(steps / epoch) * min(most, splits["val"]) * measured["latency_ms"] / 1e3
        return f"{steps} steps, about {duration(seconds)}", seconds, self.room(measured["parameters"])

    def room(self, parameters):
        """Bytes of best.h5 and last.h5, each with Adam's moments, that are not there yet."""
        held = sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())
        return max(0, 2.1 * 12 * parameters - held)

    def training_frames(self, all_of_them):
        """After data.subset, a number of frames or, below 1, a share."""
        part = self.number("data.subset", "0")
        return min(all_of_them, math.ceil(part * all_of_them if part < 1 else part)) if part else all_of_them

    def steps(self, frames):
        """Updates that training on so many frames takes, in all and an epoch."""
        batches = math.ceil(frames / max(1, self.number("train.batch", "16")))
        epoch = math.ceil(batches / max(1, self.number("train.accumulate", "1")))
        most = int(self.number("train.steps", "0"))
        all_of_them = int(self.number("train.epochs", "50") * epoch)
        return min(most, all_of_them) if most else all_of_them, epoch

    def check_same(self):
        """Fails where the finished run was trained in another way, or on other data, than is asked for now."""
        hint = "choose another --out, or remove that folder to train anew"
        if not self.model.is_file() and not self.is_forest:  # a forest's is made again
            fail(f"{self.folder}: got metrics.json without best.h5, the model; {hint}")
        if not (self.folder / "last.h5").is_file():
            fail(f"{self.folder}: got metrics.json without last.h5, which says what was trained; {hint}")
        then = read_ini(self.folder / "config.ini")
        for key in self.LIMITS:
            got, expected = self.value(key, "0"), then.get(*key.split("."), fallback="0")
            if self.number(key, "0") != float(expected):
                fail(f"{self.folder}: {key}: got {got}, expected {expected}, with which it was trained; {hint}")
        done = self.handseg_train("--resume", "--quiet", stderr=subprocess.PIPE, text=True)  # nothing is left to train
        if done.returncode != 0:
            fail(f"{self.folder} was trained otherwise: {last_words(done.stderr)}; {hint}")

    def handseg_train(self, *more, **how):
        return run_to_its_end([self.program, "train", self.config, *options_of(self.settings), *more], **how)

    def train(self):
        """plan() has seen that a finished run is the right one."""
        if self.trained:
            return
        done = self.handseg_train(*(["--resume"] if (self.folder / "last.h5").is_file() else []))
        if done.returncode == 2:
            fail(f"{self.folder.name}: handseg train refused, see above")
        if done.returncode != 0:
            fail(f"{self.folder.name}: training ended with {done.returncode}; the same command goes on from there")


def evaluate(program, model, data, out, *options):
    """Metrics of each class and of the means, by their names; what `handseg evaluate` writes goes to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    table = answer_of([program, "evaluate", model, "--data", data, "--split", "test", "--out", out, "--format", "json",
                       *options], progress=True)
    return {c["class"]: c for c in table["classes"]}


def scores(rows):
    """Of the classes of HandSeg and of the mean of hands, for a row of a table; None of a hand where the set labels one
    and left and right count as one class."""
    return {"miou": rows["mean of hands"]["iou"], "miou_binary_mean": rows["mean of hands"]["iou_binary_mean"],
            **{f"{key}_{c}": rows.get(c, {}).get(key) for key in ("iou", "precision", "recall") for c in CLASSES}}


def score_cells(row):
    """IoU, precision and recall of the classes, under SCORE_HEADER."""
    return [" ".join(percent(row[f"{key}_{c}"]) for c in CLASSES) for key in ("iou", "precision", "recall")]


# ---- before anything begins


def frame_name(source):
    """What the program calls the frame of a source: src/eval/frame_name.c."""
    cut = source.removeprefix("images/").removesuffix(".png").encode()
    return re.sub(rb"^\.|[^A-Za-z0-9._+-]", b"_", cut).decode()


def first_checkpoint(name, out, others=()):
    """Where the parameters lie that a network begins with, once those of `others` are trained as well; or None."""
    first = BEGINS_WITH.get(name)
    model = out / f"{first}/best.h5"
    return model if first in others or model.is_file() else None


def check_folder(out):
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / ".new").write_text("")
        (out / ".new").unlink()
    except OSError as error:
        fail(f"--out: {error}")


def data_set(program, path, labels=None):
    """What `handseg info` says of it; fails where it is none, a split is empty, or the labels are others."""
    info = answer_of([program, "info", path, "--json"])
    if info.get("kind") != "dataset":
        fail(f"{path}: got no data set, expected one as handseg pack writes it")
    for split in ("train", "val", "test"):
        if info["splits"][split] == 0:
            fail(f"{path}: split {split}: got no frames, expected some; pack it with another --split or --ratio")
    got = [c["label"] for c in info["classes"]]
    if labels and sorted(got) != sorted(labels):
        fail(f"{path}: got the classes {', '.join(got)}, expected {', '.join(labels)}")
    return info


def announce(seconds, room, out):
    """How long all of it takes, None where that is not known yet, and what it writes; fails where the disk has not
    enough."""
    free = shutil.disk_usage(out).free
    print(f"{f'about {duration(seconds)} and' if seconds is not None else 'at most'} {room / 1e9:.1f} GB in all, into "
          f"{out}", file=sys.stderr)
    if room > free:
        fail(f"--out: got {free / 1e9:.1f} GB free, expected {room / 1e9:.1f} GB; free some or ask for less")


def announce_all(plans, args):
    """The same of parts, each a name and what Training.plan says of it; that is all there is to do with --plan."""
    seconds, room, largest = 0, 0, 0
    for name, (text, more_seconds, more_room) in plans:
        print(f"  {name}: {text}", file=sys.stderr)
        seconds, room, largest = seconds + more_seconds, room + more_room, max(largest, more_room)
    room += largest / 2  # of a checkpoint being written
    announce(seconds, room, args.out)
    if args.plan:
        print(json.dumps({"seconds": seconds, "room": room}))
        sys.exit()


def check_settings(settings, own):
    """Fails where --set says what the script itself does; own: {key: the option that chooses it, or ""}."""
    own = {"data.file": "", "train.out": "", **own}
    for setting in settings:
        key = setting.partition("=")[0]
        if key in own:
            fail(f"--set: got {key}, which this script sets for each run" +
                 (f"; {own[key]} chooses it" if own[key] else ""))


def common_arguments(parser):
    parser.add_argument("--plan", action="store_true",
                        help="only say what would be done and what it takes; seconds and bytes as JSON on stdout")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement of speed: 2")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg", help="handseg")


def processor():
    names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
             if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def threads():
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() else os.cpu_count()


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
