#!/usr/bin/env python3
"""handseg and PyTorch on the same networks, in turn, in one run: see scripts/bench_peers.sh."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCHES = {"handseg": 8, "handseg_sum": 8, "handseg_half": 8}  # of the others: 2
# What each side reads to use no better instruction set: handseg; oneDNN, ATen and MKL of PyTorch.
ISAS = {isa: {"HS_ISA": isa, "ONEDNN_MAX_CPU_ISA": onednn, "ATEN_CPU_CAPABILITY": isa, "MKL_ENABLE_INSTRUCTIONS": mkl}
        for isa, onednn, mkl in [("avx2", "AVX2", "AVX2"), ("avx512", "AVX512_CORE", "AVX512")]}
FIGURES = ("images_per_s", "latency_ms", "rss_gb", "gflops_per_s")
NEAR = 0.85  # of the best: may be the best in another round
VARIANTS = [("nchw", False), ("nhwc", False), ("nchw", True), ("nhwc", True)]


def bench(net, batch, args):
    command = [args.program, "bench", ROOT / f"configs/nets/{net}.ini", "--batch", batch, "--threads", args.threads,
               "--seconds", args.seconds, "--json"]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False,
                          env={**os.environ, **ISAS.get(args.isa, {})})
    if done.returncode != 0:
        sys.exit(f"bench_peers: handseg bench: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    got = json.loads(done.stdout)
    if args.isa and got["isa"] != args.isa:
        sys.exit(f"bench_peers: handseg bench: got kernels of {got['isa']}, expected {args.isa}")
    return got


class Ours:
    name, left_out = "handseg", False

    def __init__(self, net, batch, args):
        self.given, self.turns = (net, batch, args), []

    def measure(self):
        got = bench(*self.given)
        return {"images_per_s": got["train_images_per_second"], "latency_ms": got["latency_ms"],
                "rss_gb": got["peak_resident_bytes"] / 1e9, "isa": got["isa"], "parameters": got["parameters"],
                "gflops_per_s": got["training_step"]["gflops_per_second"], "peak": got["peak_gflops_per_second"]}

    def end(self):
        pass


class Peer:
    """PyTorch in one of its configurations: a process that lives through the rounds, so that it compiles once."""

    def __init__(self, net, batch, layout, compiled, args):
        self.name, self.turns, self.left_out = layout + (" compiled" if compiled else ""), [], False
        command = [sys.executable, ROOT / "scripts/torch_twin.py", ROOT / f"configs/nets/{net}.ini", "--batch", batch,
                   "--layout", layout, "--threads", args.threads, "--seconds", args.seconds, "--turns"]
        self.command = [str(c) for c in command] + (["--compile"] if compiled else [])
        self.env = {**os.environ, **ISAS.get(args.isa, {})}
        self.process = None

    def measure(self):
        if self.process is None:
            self.errors = tempfile.TemporaryFile("w+")
            self.process = subprocess.Popen(self.command, env=self.env, stdin=subprocess.PIPE, text=True,
                                            stdout=subprocess.PIPE, stderr=self.errors)
        else:
            print(file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.errors.seek(0)
        print(f"  torch {self.name}: left out: {(self.errors.read().strip().splitlines() or ['no message'])[-1]}",
              file=sys.stderr)
        return None

    def end(self):
        self.left_out = True
        if self.process is not None:
            self.process.communicate()


def take_turn(side):
    got = side.measure()
    if got is None:
        side.end()
        return
    side.turns.append(got)
    print(f"  {side.name}: {got['images_per_s']:.3g} images/s, {got['latency_ms']:.4g} ms", file=sys.stderr)


def leave_out_slow(peers):
    rate = max(t["images_per_s"] for p in peers for t in p.turns)
    latency = min(t["latency_ms"] for p in peers for t in p.turns)
    for p in peers:
        if not any(t["images_per_s"] > NEAR * rate or t["latency_ms"] * NEAR < latency for t in p.turns):
            p.end()


def figures_of(side):
    """Of each figure the median of the turns; the rest as in the first."""
    return {"turns": [{k: t[k] for k in ("images_per_s", "latency_ms")} for t in side.turns],
            **{k: statistics.median(t[k] for t in side.turns) if k in FIGURES else v
               for k, v in side.turns[0].items()}}


def run_rounds(net, batch, args):
    """Ours and PyTorch's configurations in turn, round after round; of PyTorch's, those that may be the best."""
    ours, peers = Ours(net, batch, args), [Peer(net, batch, *v, args) for v in VARIANTS]
    for turn in range(args.rounds):
        print(f"{net}, batch {batch}, round {turn + 1}", file=sys.stderr)
        for side in [ours, *peers]:
            if side.left_out:
                continue
            take_turn(side)
            if side in peers:
                leave_out_slow([p for p in peers if p.turns])
        if not any(p.turns for p in peers):
            sys.exit("bench_peers: PyTorch ran in none of its configurations")
    left = [p for p in peers if not p.left_out]
    for p in left:
        p.end()
    peak = max(t["peak"] for t in ours.turns)
    return peak, figures_of(ours), {p.name: figures_of(p) for p in left}


def compare(net, args):
    batch = BATCHES.get(net, 2)
    peak, ours, peers = run_rounds(net, batch, args)
    train = max(peers, key=lambda v: peers[v]["images_per_s"])
    frame = min(peers, key=lambda v: peers[v]["latency_ms"])
    peer = {k: peers[train][k] for k in ("images_per_s", "rss_gb", "peer", "parameters", "isa", "turns")}
    peer.update(train_as=train, latency_ms=peers[frame]["latency_ms"], frame_as=frame)
    if peer["parameters"] != ours["parameters"]:
        sys.exit(f"bench_peers: {net}: got {peer['parameters']} parameters, expected {ours['parameters']}")
    return {"batch": batch, "threads": args.threads, "rounds": args.rounds, "precision": "fp32", "layout": "nhwc",
            "peak_gflops_per_s": peak, "ours": ours, "peer": peer,
            "train_ratio": ours["images_per_s"] / peer["images_per_s"],
            "latency_ratio": ours["latency_ms"] / peer["latency_ms"], "rss_ratio": ours["rss_gb"] / peer["rss_gb"]}


def print_table(results, peak):
    first = results[next(iter(results))]
    print(f"fp32, 320x240, {first['threads']} threads; instruction sets: handseg {first['ours']['isa']}, PyTorch "
          f"{first['peer']['isa']}; ceiling measured {peak:.0f} GFLOP/s")
    print()
    print("| network, batch | training images/s: handseg | PyTorch | ratio | share of ceiling | one frame: handseg "
          "| PyTorch | ratio | memory: handseg | PyTorch |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for net, r in results.items():
        o, p = r["ours"], r["peer"]
        print(f"| {net}, {r['batch']} | {o['images_per_s']:.2f} | {p['images_per_s']:.2f} ({p['train_as']}) "
              f"| {r['train_ratio']:.2f} | {100 * o['share_of_ceiling']:.0f} % | {o['latency_ms']:.1f} ms "
              f"| {p['latency_ms']:.1f} ms ({p['frame_as']}) | {r['latency_ratio']:.2f} | {o['rss_gb']:.2f} GB "
              f"| {p['rss_gb']:.2f} GB |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=ROOT / "build/release/handseg")
    parser.add_argument("--nets", default="handseg,segnet,fcn32s", help="any of configs/nets, by commas")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5, help="of both in turn; each figure is their median")
    parser.add_argument("--isa", choices=list(ISAS), help="instruction set of both; without it the best of each")
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    nets = args.nets.split(",")
    for net in nets:
        if not (ROOT / f"configs/nets/{net}.ini").is_file():
            sys.exit(f"bench_peers: --nets: got '{net}', expected a network of configs/nets")
    results = {net: compare(net, args) for net in nets}
    # A busy neighbour lowers a measured ceiling: the highest of the run is the machine's, and all shares are of it.
    peak = max(r["peak_gflops_per_s"] for r in results.values())
    for r in results.values():
        r["ours"]["share_of_ceiling"] = r["ours"]["gflops_per_s"] / peak
    print_table(results, peak)
    if args.json:
        answer = {"isa": args.isa, "peak_gflops_per_s": peak, "nets": results}
        args.json.write_text(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    main()
