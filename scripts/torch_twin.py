#!/usr/bin/env python3
"""A PyTorch module from a network file, layer by layer, and its speed.

    scripts/torch_twin.py NET.ini [--batch 8] [--layout nchw|nhwc] [--compile] [--threads 2] [--seconds 5] [--turns]

Times one frame without gradients and a whole step of Adam on random data in single precision, medians after
warm-up, and prints JSON; with --turns again for every line it reads. scripts/bench_peers.sh runs it in turn with
`handseg bench`.
"""
import argparse
import configparser
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def pair(text):
    values = [int(v) for v in str(text).split(",")]
    return tuple(values * 2 if len(values) == 1 else values)


def yes(text):
    return text.strip() in ("yes", "true", "1", "on")


class Layer(nn.Module):
    """One section of the file: its operation, then norm and act where it has them."""

    def __init__(self, kind, keys, channels):
        super().__init__()
        self.kind, self.keys, self.op = kind, keys, None
        get = keys.get
        if kind in ("conv", "conv_transpose"):
            options = dict(kernel_size=pair(keys["kernel"]), stride=pair(get("stride", 1)),
                           padding=pair(get("pad", 0)), dilation=pair(get("dilation", 1)),
                           bias=yes(get("bias", "no" if get("norm") == "batch" else "yes")))
            if kind == "conv":
                self.op = nn.Conv2d(channels[0], int(keys["filters"]), **options)
            else:
                self.op = nn.ConvTranspose2d(channels[0], int(keys["filters"]),
                                             output_padding=pair(get("output_pad", 0)), **options)
            self.channels = int(keys["filters"])
        else:
            self.channels = sum(channels) if kind == "concat" else channels[0]
        if kind == "dropout":
            p = float(get("p", 0.5))
            self.op = nn.Dropout2d(p) if yes(get("channels", "no")) else nn.Dropout(p)
        self.bn = nn.BatchNorm2d(self.channels) if get("norm") == "batch" or kind == "batch_norm" else None
        self.act = {"relu": "relu", "leaky_relu": "leaky"}.get(kind, get("act", "none"))
        self.slope = float(get("slope", 0.2))

    def compute(self, x, pool):
        """Output, and for a pool what its unpooling needs."""
        first, get = x[0], self.keys.get
        if self.op is not None:
            return self.op(first), None
        if self.kind == "concat":
            return torch.cat(x, 1), None
        if self.kind == "add":
            return sum(x[1:], first), None
        if self.kind == "max_pool":
            kernel = pair(get("kernel", 2))
            y, places = F.max_pool2d(first, kernel, pair(get("stride", get("kernel", 2))), pair(get("pad", 0)),
                                     ceil_mode=yes(get("ceil_mode", "no")), return_indices=True)
            return y, (places, kernel, first.shape[2:])
        if self.kind == "max_unpool":
            places, kernel, size = pool
            return F.max_unpool2d(first.contiguous(), places.contiguous(), kernel, kernel, output_size=size), None
        if self.kind == "upsample_bilinear":
            given = {"size": pair(get("size"))} if get("size") else {"scale_factor": float(get("factor"))}
            return F.interpolate(first, **given, mode="bilinear", align_corners=False), None
        if self.kind == "pad":
            return F.pad(first, [int(get(side, 0)) for side in ("left", "right", "top", "bottom")]), None
        if self.kind == "crop":
            top, left = pair(get("offset", 0))
            height, width = x[1].shape[2:] if len(x) > 1 else pair(get("size"))
            return first[:, :, top:top + height, left:left + width], None
        if self.kind in ("relu", "leaky_relu", "batch_norm"):
            return first, None
        raise SystemExit(f"torch_twin: [{self.kind}]: no twin of this layer")

    def forward(self, x, pool):
        y, places = self.compute(x, pool)
        if self.bn is not None:
            y = self.bn(y)
        if self.act == "relu":
            y = F.relu(y)
        elif self.act == "leaky":
            y = F.leaky_relu(y, self.slope)
        return y, places


class Net(nn.Module):
    def __init__(self, path):
        super().__init__()
        ini = configparser.ConfigParser(inline_comment_prefixes=(";",))
        with open(path, encoding="utf-8") as file:
            ini.read_file(file)
        given = ini["input"] if "input" in ini else {}
        self.size = int(given.get("height", 240)), int(given.get("width", 320))
        channels, last = {"input": int(given.get("channels", 1))}, "input"
        self.order = []
        for section in ini.sections():
            kind, _, name = section.partition(" ")
            if kind in ("input", "init"):
                continue
            keys = dict(ini[section])
            inputs = [v.strip() for v in keys.get("inputs", last).split(",")]
            layer = Layer(kind, keys, [channels[v] for v in inputs])
            self.add_module(name, layer)
            self.order.append((name, inputs))
            channels[name], last = layer.channels, name

    def forward(self, x):
        values, places = {"input": x}, {}
        for name, inputs in self.order:
            layer = getattr(self, name)
            taken = inputs[:1] if layer.kind == "max_unpool" else inputs
            values[name], places[name] = layer([values[v] for v in taken], places.get(inputs[-1]))
        return values[self.order[-1][0]]


def median(step, seconds):
    times, began = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    times = sorted(times[2:])
    return times[len(times) // 2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--layout", choices=["nchw", "nhwc"], default="nchw")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--turns", action="store_true", help="measure again for every line of standard input")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    net = Net(args.net)
    one, x = torch.randn(1, 1, *net.size), torch.randn(args.batch, 1, *net.size)
    y, weight = torch.randint(0, 3, (args.batch, *net.size)), torch.tensor([0.1, 1.0, 1.0])
    if args.layout == "nhwc":
        net, one, x = (t.to(memory_format=torch.channels_last) for t in (net, one, x))
    run = torch.compile(net) if args.compile else net

    def infer():
        with torch.no_grad():
            run(one)

    def train():
        adam.zero_grad(set_to_none=True)
        F.cross_entropy(run(x), y, weight).backward()
        adam.step()

    adam = torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999))
    still = True
    while still:
        net.eval()
        latency = median(infer, args.seconds)
        net.train()
        step = median(train, args.seconds)
        print(json.dumps({"peer": "torch " + torch.__version__, "precision": "fp32", "layout": args.layout,
                          "compiled": args.compile, "isa": torch.backends.cpu.get_cpu_capability().lower(),
                          "threads": args.threads, "batch": args.batch,
                          "parameters": sum(p.numel() for p in net.parameters()),
                          "latency_ms": 1e3 * latency, "images_per_s": args.batch / step,
                          "rss_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}), flush=True)
        still = args.turns and bool(sys.stdin.readline())


if __name__ == "__main__":
    main()
