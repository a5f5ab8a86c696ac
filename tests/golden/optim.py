#!/usr/bin/env python3
"""Writes tests/golden/optim.inc: steps and schedules of PyTorch's optimisers, as C initialisers.

    python3 tests/golden/optim.py >tests/golden/optim.inc

Needs PyTorch (2.13 made the file in the repository); the test that reads the file does not.
"""
import torch

N, STEPS = 11, 6
OPTIMIZERS = [  # method, lr, beta1, beta2, epsilon, momentum, weight decay, clip
    ("adam", 2e-4, 0.5, 0.999, 1e-8, 0.0, 0.0, 0.0),
    ("adam", 1e-2, 0.9, 0.99, 1e-3, 0.0, 0.1, 0.0),
    ("adam", 1e-3, 0.9, 0.999, 1e-8, 0.0, 0.0, 0.5),
    ("sgd", 1e-1, 0.5, 0.999, 1e-8, 0.0, 0.0, 0.0),
    ("sgd", 1e-2, 0.5, 0.999, 1e-8, 0.9, 5e-4, 0.0),
]
SCHEDULE_STEPS = 24


def numbers(values):
    return "{" + ", ".join(float(v).hex() for v in values) + "}"


def trace(method, lr, beta1, beta2, epsilon, momentum, decay, clip, start, gradients):
    w = torch.nn.Parameter(start.clone())
    if method == "adam":
        opt = torch.optim.Adam([w], lr, (beta1, beta2), epsilon, weight_decay=decay, foreach=False)
    else:
        opt = torch.optim.SGD([w], lr, momentum, weight_decay=decay, foreach=False)
    for g in gradients:
        w.grad = g.clone()
        if clip:
            torch.nn.utils.clip_grad_norm_([w], clip)
        opt.step()
    state = opt.state[w]
    slots = [state["exp_avg"], state["exp_avg_sq"]] if method == "adam" else \
        [state.get("momentum_buffer")]
    if slots[0] is None:  # PyTorch keeps no buffer without momentum: it would be the last gradient
        slots = [gradients[-1]]
    return [w.detach()] + slots + [torch.zeros(N)] * (2 - len(slots))


def schedule(make):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    scheduler, rates = make(opt), []
    for _ in range(SCHEDULE_STEPS):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return rates


def main():
    torch.manual_seed(1)
    start = torch.randn(N)
    gradients = torch.randn(STEPS, N) * 10.0 ** torch.randint(-6, 2, (N,))
    print(f"/* Made by tests/golden/optim.py with PyTorch {torch.__version__.split('+')[0]}. */")
    print(f"enum {{ GOLDEN_N = {N}, GOLDEN_STEPS = {STEPS}, GOLDEN_RATES = {SCHEDULE_STEPS} }};")
    print("static const float golden_start[GOLDEN_N] =", numbers(start) + ";")
    print("static const float golden_gradients[GOLDEN_STEPS][GOLDEN_N] = {")
    print(",\n".join(numbers(g) for g in gradients) + "};")
    print("/* method, lr, beta1, beta2, epsilon, momentum, decay, clip, w, slots after all steps */")
    print("static const struct golden_optimizer {\n    hs_optimizer settings;")
    print("    float w[GOLDEN_N], slots[2][GOLDEN_N];\n} golden_optimizers[] = {")
    for case in OPTIMIZERS:
        w, first, second = trace(*case, start, gradients)
        method, *values = case
        print(f"{{{{HS_OPTIMIZER_{method}, {', '.join(map(repr, values))}}},")
        print(f"{numbers(w)},\n{{{numbers(first)},\n{numbers(second)}}}}},")
    print("};")
    lrs = torch.optim.lr_scheduler
    for name, make in [
        ("step", lambda o: lrs.StepLR(o, 5, 0.5)),
        ("poly", lambda o: lrs.PolynomialLR(o, 20, 0.9)),
        ("cosine", lambda o: lrs.CosineAnnealingLR(o, 20, 0.01)),
    ]:
        rates = schedule(make)
        if name == "cosine":  # PyTorch's rises again past its end
            rates[20:] = [rates[20]] * (SCHEDULE_STEPS - 20)
        print(f"static const double golden_{name}[GOLDEN_RATES] =", numbers(rates) + ";")


main()
