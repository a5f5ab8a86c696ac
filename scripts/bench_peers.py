#!/usr/bin/env python3
"""handseg and PyTorch on the same networks, in turn, in one run: see scripts/bench_peers.sh."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCHES = {"handseg": 8, "handseg_sum": 8, "handseg_half": 8}  # of the others: 2
# What each side reads to use no better instruction set: handseg; oneDNN, ATen and MKL of PyTorch.
ISAS = {isa: {"HS_ISA": isa, "ONEDNN_MAX_CPU_ISA": onednn, "ATEN_CPU_CAPABILITY": isa, "MKL_ENABLE_INSTRUCTIONS": mkl}
        for isa, onednn, mkl in [("avx2", "AVX2", "AVX2"), ("avx512", "AVX512_CORE", "AVX512")]}
FIGURES = ("images_per_s", "latency_ms", "rss_gb", "gflops_per_s", "peak")
NEAR = 0.85  # of the best: may be the best in another round
VARIANTS = [("nchw", False), ("nhwc", False), ("nchw", True), ("nhwc", True)]


def answer_of(command, isa):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False,
                          env={**os.environ, **ISAS.get(isa, {})})
    if done.returncode != 0:
        return None, done.stderr.strip().splitlines()[-1:] or ["no message"]
    return json.loads(done.stdout.strip().splitlines()[-1] if command[0] == sys.executable else done.stdout), None


def ours_of(net, batch, args):
    got, error = answer_of([args.program, "bench", ROOT / f"configs/nets/{net}.ini", "--batch", batch, "--threads",
                            args.threads, "--seconds", args.seconds, "--json"], args.isa)
    if error:
        sys.exit(f"bench_peers: handseg bench: {error[0]}")
    if args.isa and got["isa"] != args.isa:
        sys.exit(f"bench_peers: handseg bench: got kernels of {got['isa']}, expected {args.isa}")
    print(f"  handseg: {got['train_images_per_second']:.3g} images/s, {got['latency_ms']:.4g} ms", file=sys.stderr)
    return {"images_per_s": got["train_images_per_second"], "latency_ms": got["latency_ms"],
            "rss_gb": got["peak_resident_bytes"] / 1e9, "isa": got["isa"], "parameters": got["parameters"],
            "gflops_per_s": got["training_step"]["gflops_per_second"], "peak": got["peak_gflops_per_second"]}


def peer_of(net, batch, layout, compiled, args):
    """PyTorch in one of its configurations; None where that does not run."""
    name = layout + (" compiled" if compiled else "")
    got, error = answer_of([sys.executable, ROOT / "scripts/torch_twin.py", ROOT / f"configs/nets/{net}.ini",
                            "--batch", batch, "--layout", layout, "--threads", args.threads, "--seconds",
                            args.seconds] + (["--compile"] if compiled else []), args.isa)
    if error:
        print(f"  torch {name}: left out: {error[0]}", file=sys.stderr)
        return None
    print(f"  torch {name}: {got['images_per_s']:.3g} images/s, {got['latency_ms']:.4g} ms", file=sys.stderr)
    return got


def median_of(runs):
    """Of each figure the median of the rounds; what is no figure as in the first."""
    return {k: statistics.median(r[k] for r in runs) if k in FIGURES else v for k, v in runs[0].items()}


def run_rounds(net, batch, args):
    """Ours and PyTorch's configurations, round after round; after the first only those that may be its best."""
    ours, peers, left = [], {}, VARIANTS
    for turn in range(args.rounds):
        print(f"{net}, batch {batch}, round {turn + 1} of {args.rounds}", file=sys.stderr)
        ours.append(ours_of(net, batch, args))
        for variant in left:
            got = peer_of(net, batch, *variant, args)
            if got:
                peers.setdefault(variant, []).append(got)
        if not peers:
            sys.exit("bench_peers: PyTorch ran in none of its configurations")
        if turn == 0:
            rate = max(p[0]["images_per_s"] for p in peers.values())
            latency = min(p[0]["latency_ms"] for p in peers.values())
            left = [v for v, p in peers.items() if p[0]["images_per_s"] > NEAR * rate or
                    p[0]["latency_ms"] * NEAR < latency]
    return median_of(ours), {v: median_of(peers[v]) for v in left}


def compare(net, args):
    batch = BATCHES.get(net, 2)
    ours, peers = run_rounds(net, batch, args)
    names = {v: v[0] + (" compiled" if v[1] else "") for v in peers}
    train = max(peers, key=lambda v: peers[v]["images_per_s"])
    frame = min(peers, key=lambda v: peers[v]["latency_ms"])
    peer = {k: peers[train][k] for k in ("images_per_s", "rss_gb", "peer", "parameters", "isa")}
    peer.update(train_as=names[train], latency_ms=peers[frame]["latency_ms"], frame_as=names[frame])
    if peer["parameters"] != ours["parameters"]:
        sys.exit(f"bench_peers: {net}: got {peer['parameters']} parameters, expected {ours['parameters']}")
    return {"batch": batch, "threads": args.threads, "rounds": args.rounds, "precision": "fp32", "layout": "nhwc",
            "ours": ours, "peer": peer, "train_ratio": ours["images_per_s"] / peer["images_per_s"],
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
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3, help="of both in turn; each figure is their median")
    parser.add_argument("--isa", choices=list(ISAS), help="instruction set of both; without it the best of each")
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    nets = args.nets.split(",")
    for net in nets:
        if not (ROOT / f"configs/nets/{net}.ini").is_file():
            sys.exit(f"bench_peers: --nets: got '{net}', expected a network of configs/nets")
    results = {net: compare(net, args) for net in nets}
    # A busy neighbour lowers a measured ceiling: the highest of the run is the machine's, and all shares are of it.
    peak = max(r["ours"].pop("peak") for r in results.values())
    for r in results.values():
        r["ours"]["share_of_ceiling"] = r["ours"]["gflops_per_s"] / peak
    print_table(results, peak)
    if args.json:
        answer = {"isa": args.isa, "peak_gflops_per_s": peak, "nets": results}
        args.json.write_text(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    main()
