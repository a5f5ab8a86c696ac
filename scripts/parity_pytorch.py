#!/usr/bin/env python3
"""Holds the training of handseg against PyTorch's: same weights, same frames, same numbers.

    scripts/parity_pytorch.py [--net handseg] [--size 320x240] [--batch 2] [--steps 20] [--double]

Renders frames, trains the network on them for a few updates with `handseg train`, and gives that checkpoint
and the frames to both sides. Compared are logits (with batch and with running statistics), the gradient of
every parameter, and every parameter and running statistic after STEPS updates of Adam. Ends with 1 where a
bound is missed. --double does the same in double precision, without vector kernels, where only a difference
of arithmetic can miss a bound.

The checkpoint is --start, or comes from a few updates at --start-rate, large enough for biases to leave the
zero they begin at. Where they have not, the 20 updates are all there is of them, and Adam's first updates are
as large as the learning rate however small a gradient is: rounding decides the sign of those near zero, and
the network of the first updates amplifies it. PyTorch in single precision then misses the bound against itself
in double precision by as much, which the last column shows. Networks that unpool are worse: rounding decides
between nearly equal values of a pool, and the unpooled value lands elsewhere. Where PyTorch is further from itself
than the bound, twice its own difference is the bound.

SegNet and DeconvNet: HS_ISA=ref. Minimal filtering of the vector kernels rounds a little more than direct sums do,
and so decides otherwise somewhat oftener (kernels/plain/pool.h).

Needs torch, numpy and h5py. The networks in PyTorch are those of scripts/torch_nets.py.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBVER = ("v110", "v110")  # of HDF5: what the library reads, with little bookkeeping
ADAM = {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999}
DOUBLE_BOUND = 1e-10  # of everything


def import_or_exit(name):
    try:
        return __import__(name)
    except ImportError as error:
        sys.exit(f"parity: Python package '{name}': {error}; install it with: pip install torch numpy h5py")


np, h5py, torch, twins = (import_or_exit(name) for name in ("numpy", "h5py", "torch", "torch_nets"))


# ---- PyTorch's side --------------------------------------------------------------------------------------


def tensors_of(net):
    """(LAYER/TENSOR, PyTorch tensor) of all parameters and running statistics."""
    names = {torch_name: name for name, torch_name in twins.TENSORS.items()}
    for key, value in net.state_dict(keep_vars=True).items():
        layer, _, rest = key.partition(".")
        if rest in names:  # not the count of batches
            yield f"{layer}/{names[rest]}", value


def load(net, case):
    """Gives the twin the parameters of a case; both must have the same ones."""
    ours = {f"{layer}/{name}" for layer in case["params"] for name in case["params"][layer]}
    theirs = dict(tensors_of(net))
    if ours != set(theirs):
        sys.exit(f"parity: the twin has other tensors: {sorted(ours ^ set(theirs))}")
    with torch.no_grad():
        for name, tensor in theirs.items():
            tensor.copy_(torch.from_numpy(case[f"params/{name}"][()]))


def trace(net, case, dtype, out):
    """Writes what support/trace.h says comes out of a case, computed by PyTorch, to a file or a dictionary."""
    settings = case.attrs
    batch, steps = int(settings["batch"]), int(settings["steps"])
    images = torch.from_numpy(case["input"][()]).to(dtype)
    labels = torch.from_numpy(case["labels"][()]).long()[:, 0]
    weights = torch.from_numpy(case["class_weights"][()]).to(dtype)
    net = net.to(dtype)
    for module in net.modules():  # two programs cannot draw the same masks
        if isinstance(module, torch.nn.Dropout2d):
            module.p = 0
    load(net, case)
    adam = torch.optim.Adam(net.parameters(), float(settings["lr"]), (settings["beta1"], settings["beta2"]))
    losses = []
    with torch.no_grad():
        out["inference"] = net.eval()(images[:batch]).numpy()
    net.train()
    for step in range(steps):
        at = step * batch % len(images)
        logits = net(images[at : at + batch])
        loss = torch.nn.functional.cross_entropy(logits, labels[at : at + batch], weights)
        adam.zero_grad()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            out["logits"] = logits.detach().numpy()
            for name, tensor in tensors_of(net):
                if tensor.requires_grad:
                    out[f"gradients/{name}"] = tensor.grad.numpy().copy()
        adam.step()
    for name, tensor in tensors_of(net):
        out[f"after/{name}"] = tensor.detach().numpy().copy()
    out["loss"] = np.array(losses)


# ---- comparison ------------------------------------------------------------------------------------------


def rms(x):
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))


def share(error, size):
    """Of an array that is all zero, as a gradient behind dead units, any difference is infinite."""
    return error / size if size else 0.0 if error == 0 else float("inf")


def differences(name, got, expected):
    """(measure, value, bound) of one array."""
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    error = got - expected
    if name in ("inference", "logits"):
        yield "max", share(np.abs(error).max(), np.abs(expected).max()), 1e-4
        yield "RMS", share(rms(error), rms(expected)), 1e-4
    else:
        yield "RMS", share(rms(error), rms(expected)), 1e-3


KINDS = {"gradients": "gradients", "bn_mean": "running statistics", "bn_var": "running statistics"}


def kind_of(name):
    """What an array is counted among in the summary."""
    parts = name.split("/")
    return KINDS.get(parts[0]) or KINDS.get(parts[-1]) or ("parameters" if parts[0] == "after" else name)


def names_of(file):
    """Paths of everything in an HDF5 file."""
    found = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return found


def compare(got, expected, bound, reference=None):
    """Prints a row for each array of three HDF5 files; returns the number of bounds missed. `reference`: PyTorch in
    double precision, against which PyTorch's own single precision is shown in the last column."""
    missed, worst = 0, {}
    print(f"{'array':32}{'measure':>8}{'handseg':>12}{'bound':>9}   PyTorch float32 against float64")
    for name in sorted(names_of(expected)):
        theirs = list(differences(name, expected[name][()], reference[name][()])) if reference else None
        for i, (measure, value, limit) in enumerate(differences(name, got[name][()], expected[name][()])):
            own = theirs[i][1] if theirs else float("nan")
            limit = bound or limit
            bad = not value <= max(limit, 2 * own if theirs else 0)
            missed += bad
            kind = f"{kind_of(name)} {measure}"
            if not value <= worst.get(kind, ("", -1))[1]:
                worst[kind] = (name, value, own)
            shown = f"   {own:.2e}" if theirs else ""
            print(f"{name:32}{measure:>8}{value:12.2e}{limit:9.0e}{shown}{'   MISSED' if bad else ''}")
    print("\nworst of each kind, and PyTorch's own difference there")
    for kind, (name, value, own) in sorted(worst.items()):
        print(f"  {kind:24}{value:.2e}  {own:.2e}  {name}")
    return missed


# ---- the case --------------------------------------------------------------------------------------------


def write_array(file, name, value):
    """Compressed where that is worth its bookkeeping, and its time."""
    packed = {"compression": "gzip", "compression_opts": 9, "shuffle": True, "chunks": value.shape}
    packed = packed if 200 < value.size < 1 << 20 else {}
    file.create_dataset(name, data=value, **packed)


def write_case(path, config, params, images, labels, class_weights, batch, steps, real, rate=ADAM["lr"]):
    """Writes a case in the layout of tests/support/trace.h; params: {LAYER/TENSOR: array}."""
    with h5py.File(path, "w", libver=LIBVER) as file:
        write_array(file, "input", images.astype(real))
        write_array(file, "labels", labels.astype(np.uint8))
        file["class_weights"] = np.asarray(class_weights, np.float64)
        for name, value in params.items():
            write_array(file, f"params/{name}", value.astype(real))
        file.attrs.update({"config": config, "batch": batch, "steps": steps, **ADAM, "lr": rate})


def call(*command, **variables):
    command = [str(word) for word in command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **variables})
    if done.returncode != 0:
        sys.exit(f"parity: {' '.join(command)}: ended with {done.returncode}\n{done.stdout}{done.stderr}")


def make_data(args, folder, program):
    """Rendered frames, packed."""
    frames, data = folder / "frames", folder / "frames.h5"
    call(program, "synth", "--profile", "handseg", "--frames", 4 * args.batch, "--subjects", "1", "--seed",
         args.seed, "--out", frames)
    call(program, "pack", frames, "--out", data, "--split", "frame", "--ratio", "1:0:0")
    return data


def make_checkpoint(args, folder, program, data):
    width, height = args.size
    settings = [f"net.file=../nets/{args.net}.ini", f"net.width={width}", f"net.height={height}",
                f"data.file={data}", "data.validate=none", f"train.out={folder / 'run'}", "train.epochs=2",
                f"train.batch={args.batch}", f"train.seed={args.seed}", f"optimizer.lr={args.start_rate}"]
    call(program, "train", "configs/train/handseg.ini", "--quiet",
         *(word for setting in settings for word in ("--set", setting)))
    return folder / "run/last.h5"


def read_frames(args, data, config):
    """Input [M,1,H,W] and labels of the first frames of a data set."""
    width, height = args.size
    with h5py.File(data) as file:
        count = min(len(file["depth"]) // args.batch, 4) * args.batch
        depth, mask = file["depth"][:count], file["mask"][:count]
    if count == 0:
        sys.exit(f"parity: {data}: got fewer frames than --batch {args.batch}")
    rows = np.arange(height) * depth.shape[1] // height
    columns = np.arange(width) * depth.shape[2] // width
    depth = depth[:, rows[:, None], columns][:, None].astype(np.float64)
    if re.search(r"(?m)^normalize\s*=\s*mean", config):
        scale = np.array([frame[frame > 0].mean() for frame in depth])[:, None, None, None]
    else:
        scale = 10000.0
    return depth / scale, mask[:, rows[:, None], columns][:, None]


def make_case(args, folder, program, real):
    """Frames and a checkpoint, made by the program itself where none are given."""
    data = args.data or make_data(args, folder, program)
    with h5py.File(args.start or make_checkpoint(args, folder, program, data)) as file:
        config = file.attrs["config"]
        config = config.decode() if isinstance(config, bytes) else str(config)
        params = {f"{layer}/{name}": file[f"params/{layer}/{name}"][()]
                  for layer in file["params"] for name in file[f"params/{layer}"]}
    images, labels = read_frames(args, data, config)
    # Two programs cannot draw the same masks of dropout: it is off on both sides.
    config = re.sub(r"(?m)(^\[dropout [^\]]*\](?:\n[^\[].*)*?\np\s*=\s*)\S+", r"\g<1>0", config)
    frequency = np.bincount(labels.ravel(), minlength=3) / labels.size
    case = folder / "case.h5"
    write_case(case, config, params, images, labels, np.median(frequency) / frequency, args.batch, args.steps, real)
    return case


def size(text):
    width, height = text.split("x")
    return int(width), int(height)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="handseg", choices=twins.NETS, help="a network of configs/nets")
    parser.add_argument("--size", type=size, default=(320, 240), help="width x height, default 320x240")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=pathlib.Path, help="checkpoint to begin with, of the same network")
    parser.add_argument("--data", type=pathlib.Path, help="packed data set, in place of rendered frames")
    parser.add_argument("--start-rate", type=float, default=1e-2, help="learning rate that makes the checkpoint")
    parser.add_argument("--double", action="store_true", help="both sides in double precision")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/handseg")
    return parser.parse_args()


def main():
    args = parse_arguments()
    program = args.program.resolve()
    build = ROOT / "build/f64" if args.double else program.parent
    tool = build / "tests/net/tool_trace"
    if program.is_relative_to(ROOT):
        call("make", program.relative_to(ROOT), tool.relative_to(ROOT))
    dtype, real = (torch.float64, np.float64) if args.double else (torch.float32, np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        case_path = make_case(args, folder, program, real)
        call(tool, case_path, folder / "ours.h5")
        with h5py.File(case_path) as case, h5py.File(folder / "ours.h5") as ours, \
                h5py.File(folder / "theirs.h5", "w") as theirs, h5py.File(folder / "exact.h5", "w") as exact:
            trace(twins.NETS[args.net](), case, dtype, theirs)
            if not args.double:
                trace(twins.NETS[args.net](), case, torch.float64, exact)
            print(f"{args.net} at {args.size[0]}x{args.size[1]}, batch {args.batch}, {args.steps} updates at "
                  f"{ADAM['lr']:g}, {real.__name__}, from {args.start or f'a checkpoint made at {args.start_rate:g}'}, "
                  f"PyTorch {torch.__version__}; loss {ours['loss'][0]:.6f} to {ours['loss'][-1]:.6f}")
            missed = compare(ours, theirs, DOUBLE_BOUND if args.double else None, None if args.double else exact)
    print(f"\n{'MISSED ' + str(missed) + ' bounds' if missed else 'equal within all bounds'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
