"""Estimators and losses of verl on random batches. pip install torch; pip install --no-deps verl

Only verl's algorithm file and its tensor helpers are loaded; the packages that they name and do not use are replaced.
"""

import importlib.util
import random
import sys
import types
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from common import write

root = Path(distribution("verl").locate_file("verl"))


class Config(dict):
    def __getattr__(self, name):
        return self.get(name)


def stub(name, **members):
    module = types.ModuleType(name)
    module.__path__ = []
    for key, value in members.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def same(*_args, **_kwargs):
    return lambda f: f


for name in ("verl", "verl.utils", "verl.trainer", "verl.workers", "transformers", "tensordict"):
    stub(name)
sys.modules["tensordict"].TensorDict = dict
sys.modules["transformers"].PreTrainedTokenizer = object
stub("omegaconf", DictConfig=Config)
stub("verl.trainer.config", AlgoConfig=SimpleNamespace)
stub("verl.workers.config", ActorConfig=Config)
stub("verl.utils.import_utils", deprecated=same)
stub("verl.utils.device", get_device_name=lambda: "cpu", get_torch_device=lambda: torch.cpu, get_device_id=lambda: 0)
sys.modules["verl.utils"].as_torch_index = None
sys.modules["verl.utils"].group_mean_std = None
functional = load("verl.utils.torch_functional", root / "utils" / "torch_functional.py")
sys.modules["verl.utils"].torch_functional = functional
core = load("verl_core_algos", root / "trainer" / "ppo" / "core_algos.py")

torch.set_default_dtype(torch.float64)
MODES = {
    "token": "token-mean",
    "sequence": "seq-mean-token-mean",
    "sequenceSum": "seq-mean-token-sum",
    "constant": "seq-mean-token-sum-norm",
}


def batch(seed):
    rng = random.Random(seed)
    groups = [rng.choice([1, 2, 3, 4]) for _ in range(4)]
    index = np.array([g for g, n in enumerate(groups) for _ in range(n)])
    rows, width = len(index), 6
    lengths = [rng.randint(1, width) for _ in range(rows)]
    normal = torch.Generator().manual_seed(seed)
    draw = lambda: torch.randn(rows, width, generator=normal)  # noqa: E731
    mask = torch.zeros(rows, width)
    for i, n in enumerate(lengths):
        mask[i, :n] = 1
    rewards = [round(rng.choice([0.0, 1.0, 0.5, -1.0]), 3) for _ in range(rows)]
    token_rewards = torch.zeros(rows, width)
    for i, n in enumerate(lengths):
        token_rewards[i, n - 1] = rewards[i]
    old = -draw().abs()
    return SimpleNamespace(
        groups=groups, index=index, lengths=lengths, mask=mask, rewards=rewards, token_rewards=token_rewards,
        old=old, logprobs=old + 0.4 * draw(), reference=old + 0.4 * draw(), advantages=draw(), values=draw(),
        old_values=draw(), returns=draw(), width=width,
    )


def ragged(matrix, lengths):
    return [round(x, 12) for row, n in zip(matrix.tolist(), lengths) for x in row[:n]]


credit, losses = [], []
for seed in range(6):
    b = batch(seed)
    token = lambda pair: ragged(pair[0], b.lengths)  # noqa: B023, E731
    algo = SimpleNamespace(gamma=0.9)
    gae = core.compute_gae_advantage_return(b.token_rewards, b.values, b.mask, 0.95, 0.9)
    credit.append({
        "groups": b.groups, "lengths": b.lengths, "rewards": b.rewards, "values": ragged(b.values, b.lengths),
        "advantages": {
            "grpo": token(core.compute_grpo_outcome_advantage(b.token_rewards.clone(), b.mask, b.index)),
            "drGrpo": token(core.compute_grpo_outcome_advantage(b.token_rewards.clone(), b.mask, b.index, norm_adv_by_std_in_grpo=False)),
            "rloo": token(core.compute_rloo_outcome_advantage(b.token_rewards.clone(), b.mask, b.index)),
            "reinforcePlusPlus": token(core.compute_reinforce_plus_plus_outcome_advantage(b.token_rewards.clone(), b.mask, config=algo)),
            "reinforcePlusPlusBaseline": token(core.compute_reinforce_plus_plus_baseline_outcome_advantage(b.token_rewards.clone(), b.mask, b.index)),
            "gae": token(gae),
        },
        "returns": ragged(gae[1], b.lengths),
    })
    results = []
    for mode, theirs in MODES.items():
        info = {"global_batch_info": {}, "clip_ratio": 0.2, "clip_ratio_low": 0.2, "clip_ratio_high": 0.28, "clip_ratio_c": 3.0}
        for form, run in [
            ("clip", core.compute_policy_loss_vanilla), ("cispo", core.compute_policy_loss_cispo), ("gspo", core.compute_policy_loss_gspo),
        ]:
            if form == "gspo" and mode != "sequence":
                continue
            x = b.logprobs.clone().requires_grad_()
            loss, _ = run(old_log_prob=b.old, log_prob=x, advantages=b.advantages, response_mask=b.mask, loss_agg_mode=theirs, config=Config(info))
            loss.backward()
            results.append({"form": form, "aggregate": mode, "loss": loss.item(), "gradient": ragged(x.grad, b.lengths)})
        for kind in ("k2", "k3", "abs", "k1+", "k3+"):
            x = b.logprobs.clone().requires_grad_()
            loss = core.agg_loss(core.kl_penalty(x, b.reference, kind), b.mask, theirs)
            loss.backward()
            results.append({"form": kind, "aggregate": mode, "loss": loss.item(), "gradient": ragged(x.grad, b.lengths)})
    x = b.values.clone().requires_grad_()
    loss, _ = core.compute_value_loss(x, b.returns, b.old_values, b.mask, 0.3)
    loss.backward()
    results.append({"form": "value", "aggregate": "token", "loss": loss.item(), "gradient": ragged(x.grad, b.lengths)})
    arrays = ("old", "logprobs", "reference", "advantages", "values", "old_values", "returns")
    losses.append({
        "groups": b.groups, "lengths": b.lengths, "width": b.width,
        "arrays": {name: ragged(getattr(b, name), b.lengths) for name in arrays},
        "results": results,
    })

write("src/credit/fixtures/verl.json", ["verl", "torch"], __file__, credit)
write("src/objective/fixtures/verl.json", ["verl", "torch"], __file__, losses)
