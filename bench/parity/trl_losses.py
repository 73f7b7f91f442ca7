"""The GRPO trainer's loss of TRL on random batches, with everything around it replaced. pip install trl torch"""

import random
from collections import defaultdict
from types import SimpleNamespace

import torch
from common import write
from trl.trainer.grpo_trainer import GRPOTrainer

torch.set_default_dtype(torch.float64)
SETTINGS = [
    {"loss_type": "dapo", "epsilon_high": 0.28},
    {"loss_type": "grpo", "epsilon_high": 0.2},
    {"loss_type": "bnpo", "epsilon_high": 0.2},
    {"loss_type": "dr_grpo", "epsilon_high": 0.2},
    {"loss_type": "dapo", "epsilon_high": 0.2, "delta": 1.5},
    {"loss_type": "cispo", "epsilon_high": 1.3},
    {"loss_type": "grpo", "epsilon_high": 0.2, "importance_sampling_level": "sequence"},
    {"loss_type": "dapo", "epsilon_high": 0.2, "beta": 0.1},
    {"loss_type": "dapo", "epsilon_high": 0.2, "beta": 0.1, "use_bias_correction_kl": True},
]


def trainer(setting, logprobs, width):
    get = lambda name, default=None: setting.get(name, default)  # noqa: E731
    accelerator = SimpleNamespace(
        num_processes=1, sync_gradients=True, gather=lambda x: x, gather_for_metrics=lambda x: x,
        reduce=lambda x, reduction: x,
    )
    return SimpleNamespace(
        aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None, use_vllm=False,
        importance_sampling_level=get("importance_sampling_level", "token"), beta=get("beta", 0.0),
        args=SimpleNamespace(
            use_bias_correction_kl=get("use_bias_correction_kl", False), delta=get("delta"), steps_per_generation=1
        ),
        loss_type=setting["loss_type"], epsilon_low=0.2, epsilon_high=setting["epsilon_high"],
        vllm_importance_sampling_correction=False, model=SimpleNamespace(training=True),
        current_gradient_accumulation_steps=1, max_completion_length=width, _entropy_bonus_enabled=False,
        accelerator=accelerator, _metrics=defaultdict(lambda: defaultdict(list)),
        _get_per_token_logps_and_entropies=lambda *a, **k: (logprobs, torch.zeros_like(logprobs), None),
    )


def ragged(matrix, lengths):
    return [round(x, 12) for row, n in zip(matrix.tolist(), lengths) for x in row[:n]]


cases = []
for seed in range(4):
    rng = random.Random(seed)
    normal = torch.Generator().manual_seed(seed)
    rows, width = 6, 5
    lengths = [rng.randint(1, width) for _ in range(rows)]
    mask = torch.tensor([[1 if t < n else 0 for t in range(width)] for n in lengths])
    old = -torch.randn(rows, width, generator=normal).abs()
    start = old + 0.4 * torch.randn(rows, width, generator=normal)
    reference = old + 0.4 * torch.randn(rows, width, generator=normal)
    advantages = torch.randn(rows, generator=normal)
    results = []
    for setting in SETTINGS:
        logprobs = start.clone().requires_grad_()
        inputs = {
            "prompt_ids": torch.zeros(rows, 1, dtype=torch.long), "prompt_mask": torch.ones(rows, 1, dtype=torch.long),
            "completion_ids": torch.zeros(rows, width, dtype=torch.long), "completion_mask": mask,
            "advantages": advantages, "old_per_token_logps": old, "ref_per_token_logps": reference,
            "num_items_in_batch": mask.sum(),
        }
        loss = GRPOTrainer._compute_loss(trainer(setting, logprobs, width), None, inputs)
        loss.backward()
        results.append({"setting": setting, "loss": loss.item(), "gradient": ragged(logprobs.grad, lengths)})
    cases.append({
        "lengths": lengths, "width": width, "advantages": advantages.tolist(), "old": ragged(old, lengths),
        "logprobs": ragged(start, lengths), "reference": ragged(reference, lengths), "results": results,
    })
write("src/objective/fixtures/trl.json", ["trl", "torch"], __file__, cases)
