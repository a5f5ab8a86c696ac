#!/usr/bin/env python3
"""Checks train.init at full size: VGG16 with random numbers, written by PyTorch and Keras, against checkpoints.

    scripts/check_pretrained.py                          # torch, safetensors, keras, h5py; 4 GB of disk, 6 GB of memory
    scripts/check_pretrained.py --formats vgg16,keras3   # some of the formats
    scripts/check_pretrained.py --nets segnet

Each network begins with each file and takes one step at a learning rate of 0; what last.h5 then holds has to be what
the file held: layer by layer, bit by bit, first filters summed over colours, matrices as kernels, kernels turned. The
running statistics of batch norms move with a step; init.csv has to say that they were taken.
"""
import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/golden"))
import pretrained as golden

golden.BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
golden.FC, golden.CLASSES = 4096, 1000
golden.PARTS = 4096  # activations and gradients stay finite

# Written by: the function of tests/golden/pretrained.py and the file it makes.
FORMATS = {
    "vgg16": lambda arrays, folder: golden.write_torch(arrays, folder, ["vgg16.safetensors"]),
    "vgg16_bn": lambda arrays, folder: golden.write_torch(arrays, folder, ["vgg16_bn.safetensors"]),
    "half": lambda arrays, folder: golden.write_torch(arrays, folder, ["half.safetensors"]),
    "keras1": golden.write_keras1,
    "keras3_model": lambda arrays, folder: golden.write_keras3(arrays, folder, ["keras3_model.h5"]),
    "keras3.weights": lambda arrays, folder: golden.write_keras3(arrays, folder, ["keras3.weights.h5"]),
}


def call(*command):
    command = [str(word) for word in command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"check: {' '.join(command)}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stderr


def train(args, folder, file, net):
    """Begins a run with the file: its folder, and what it said of the file."""
    run = folder / "run"
    side = 224 if net == "deconvnet" else 64  # its fc6 does not pad
    settings = [f"net.file=../nets/{net}.ini", f"net.width={side}", f"net.height={side}",
                f"data.file={folder / 'frames.h5'}", "data.validate=none", f"train.out={run}", "train.epochs=1", "train.batch=2", "optimizer.method=sgd",
                "optimizer.momentum=0", "optimizer.lr=0", "schedule.method=constant", f"train.init={file}"]
    said = call(args.program, "train", "configs/train/handseg.ini",
                *(word for setting in settings for word in ("--set", setting)))
    return run, said[said.index("init:"):said.index("\ntraining")]


def compare(run, arrays, norms):
    """Every tensor of the net that the file has, and what init.csv says of it: number of them compared."""
    expected = {f"{layer}/{tensor}": value for layer, tensor, value in golden.ours(arrays)}
    compared = 0
    with h5py.File(run / "last.h5") as checkpoint, open(run / "init.csv", newline="") as table:
        for row in csv.DictReader(table):
            name = f"{row['layer']}/{row['tensor']}"
            inside = name in checkpoint["params"]
            should = inside and name in expected and (norms or not row["tensor"].startswith("bn_"))
            fate = "taken" if should else "fresh" if inside else "left"
            if row["fate"] != fate:
                sys.exit(f"check: {name}: got {row['fate']}, expected {fate}")
            if should and row["tensor"] not in ("bn_mean", "bn_var"):
                if not np.array_equal(checkpoint["params"][name][()], expected[name]):
                    sys.exit(f"check: {name}: got other numbers than the file's")
                compared += 1
    return compared


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--formats", default=",".join(FORMATS), help="of " + ", ".join(FORMATS))
    parser.add_argument("--nets", default="fcn32s,segnet,deconvnet", help="of configs/nets")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    parser.add_argument("--show", action="store_true", help="print what the program says of each file")
    args = parser.parse_args()
    arrays = golden.draw()
    with tempfile.TemporaryDirectory(prefix="handseg-pretrained-") as name:
        folder = pathlib.Path(name)
        call(args.program, "synth", "--frames", 2, "--subjects", 1, "--seed", 1, "--out", folder / "frames")
        call(args.program, "pack", folder / "frames", "--out", folder / "frames.h5", "--split", "frame", "--ratio",
             "1:0:0")
        for which in args.formats.split(","):
            vgg = folder / "vgg"
            vgg.mkdir()
            FORMATS[which](arrays, vgg)
            file, = vgg.iterdir()
            for net in args.nets.split(","):
                began = time.time()
                run, said = train(args, folder, file, net)
                compared = compare(run, arrays, which == "vgg16_bn")
                print(f"{net} from {file.name} of {file.stat().st_size / 1e6:.0f} MB: {compared} tensors the same, "
                      f"{time.time() - began:.0f} s in all", flush=True)
                if args.show:
                    print(said)
                for made in run.iterdir():
                    made.unlink()
            file.unlink()
            vgg.rmdir()


main()
