"""The same estimator and objective in NumPy, or PyTorch with autograd where it is there: one thread. Prints JSON: ms each."""

import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

rows, width, group, rounds = (int(x) for x in sys.argv[1:5])
rng = np.random.default_rng(1)
rewards = rng.integers(0, 2, rows).astype(np.float64)
old = -rng.random((rows, width)) * 2
logprobs = old + 0.1 * rng.standard_normal((rows, width))
mask = np.ones((rows, width))


def numpy_step():
    r = rewards.reshape(-1, group)
    a = ((r - r.mean(1, keepdims=True)) / (r.std(1, ddof=1, keepdims=True) + 1e-6)).reshape(-1, 1)
    d = logprobs - old
    cut = np.clip(d, -20, 20)
    ratio = np.exp(cut)
    free = -a * ratio
    held = -a * np.clip(ratio, 0.8, 1.28)
    weight = mask / mask.sum()
    loss = (np.maximum(free, held) * weight).sum()
    gradient = np.where((free >= held) & (cut == d), free, 0) * weight
    return loss, gradient


def timed(step):
    step()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[len(times) // 2]


out = {"numpy": timed(numpy_step)}
try:
    import torch

    torch.set_num_threads(1)
    t_rewards, t_old, t_mask = (torch.from_numpy(x) for x in (rewards, old, mask))
    t_logprobs = torch.from_numpy(logprobs).requires_grad_()

    def torch_step():
        t_logprobs.grad = None
        r = t_rewards.view(-1, group)
        a = ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + 1e-6)).view(-1, 1)
        ratio = torch.exp(torch.clamp(t_logprobs - t_old, -20, 20))
        losses = torch.maximum(-a * ratio, -a * torch.clamp(ratio, 0.8, 1.28))
        loss = (losses * t_mask).sum() / t_mask.sum()
        loss.backward()
        return loss

    out["pytorch"] = timed(torch_step)
except ImportError:
    pass
print(json.dumps(out))
