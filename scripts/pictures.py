"""Side by side: frames of a test split, and what models make of them."""
import csv

from PIL import Image, ImageDraw

from experiments import CONFIGS, evaluate, fail, frame_name

HEIGHT, WIDTH = 120, 160  # of a cell; a frame of another shape is as high
GAP, LINE = 4, 20  # between cells, and between the halves of an overlay; of a line of text


def chosen_frames(program, data, out, few, names=""):
    """Those of --frames, or a few evenly spread over the test split; fails where one is not there. The frames are those
    that a rule of no training is evaluated on, which takes a moment."""
    evaluate(program, CONFIGS / "nets/reach.ini", data, out, "--quiet")
    with open(out / "frames.csv", newline="", encoding="utf-8") as file:
        there = [row["frame"] for row in csv.DictReader(file)]
    if not names:
        few = min(few, len(there))
        return [there[(2 * i + 1) * len(there) // (2 * few)] for i in range(few)]
    chosen = [frame_name(name) for name in names.split(",")]
    for name in chosen:
        if name not in there:
            fail(f"--frames: got '{name}', expected frames of the test split, such as {there[0]}")
    return chosen


def overlays(folder, frames):
    """Options of evaluate() that write what panels() reads."""
    folder.mkdir(parents=True, exist_ok=True)
    return "--overlays", folder, "--frames", ",".join(frames)


def panels(folder, frame):
    """Depth, truth and prediction."""
    both = Image.open(folder / f"{frame}.png")
    width = (both.width - GAP) // 2
    return [Image.open(folder / f"{frame}.depth.png"), both.crop((0, 0, width, both.height)),
            both.crop((both.width - width, 0, both.width, both.height))]


def draw_sheet(path, columns, groups):
    """Captions above, below them a row of pictures a frame; groups: {line of text above its rows, or "": (width over
    height of its frames, rows)}."""
    rows = sum(len(rows) for _, rows in groups.values())
    lines = 1 + sum(1 for title in groups if title)
    sheet = Image.new("RGB", (len(columns) * (WIDTH + GAP), lines * LINE + rows * (HEIGHT + GAP)), "white")
    pen, y = ImageDraw.Draw(sheet), LINE
    for i, column in enumerate(columns):
        pen.text((i * (WIDTH + GAP) + 4, 4), column, fill="black")
    for title, (aspect, pictures) in groups.items():
        pen.text((4, y + 4), title, fill="black")
        y += LINE if title else 0
        for row in pictures:
            for i, picture in enumerate(row):
                sheet.paste(picture.resize((round(HEIGHT * aspect), HEIGHT)), (i * (WIDTH + GAP), y))
            y += HEIGHT + GAP
    new = path.with_suffix(".new.png")
    sheet.quantize(256).save(new, optimize=True)  # greys and a few colours: a third of the bytes
    new.replace(path)
