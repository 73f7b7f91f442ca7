"""verl's own reward code on a batch: its reward loop over Ray workers on this machine, and its older naive manager.

    python verl_reward.py URL TASKS.json OUT

TASKS is a list of {prompt, completion, source, answer, group}. Prints the rewards and extra info of each, the advantages that
verl's GRPO gives with samples without a verdict filled by fill_with_group_mean, and the versions. Tokenizer and config are made
here: nothing is fetched.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import ray
import torch
from omegaconf import OmegaConf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from verl import DataProto
from verl.experimental.reward_loop import RewardLoopManager
from verl.trainer.ppo.core_algos import compute_grpo_outcome_advantage
from verl.trainer.ppo.reward import extract_reward, get_custom_reward_fn
from verl.workers.reward_manager.naive import NaiveRewardManager

from assay_client import fill_with_group_mean

LENGTH = 48


def make_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """One token a character."""
    vocabulary = {chr(code): code - 31 for code in range(32, 127)} | {"<pad>": 0, "<eos>": 96}
    characters = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    characters.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    characters.decoder = decoders.Fuse()
    made = PreTrainedTokenizerFast(tokenizer_object=characters, pad_token="<pad>", eos_token="<eos>")
    made.save_pretrained(folder)
    return made


def make_batch(tasks: list[dict], tokenizer: PreTrainedTokenizerFast) -> DataProto:
    """Prompts padded on the left, responses on the right, as verl's rollouts come."""
    rows = []
    for task in tasks:
        prompt, response = (tokenizer.encode(task[key]) for key in ("prompt", "completion"))
        response = response + [tokenizer.eos_token_id]
        assert max(len(prompt), len(response)) <= LENGTH
        before, after = LENGTH - len(prompt), LENGTH - len(response)
        rows.append(
            {
                "prompts": [0] * before + prompt,
                "responses": response + [0] * after,
                "attention_mask": [0] * before + [1] * (len(prompt) + len(response)) + [0] * after,
            }
        )
    objects = lambda values: np.array([*values, None], dtype=object)[:-1]  # noqa: E731
    return DataProto.from_dict(
        tensors={key: torch.tensor([row[key] for row in rows]) for key in rows[0]},
        non_tensors={
            "data_source": objects(task["source"] for task in tasks),
            "reward_model": objects({"style": "rule", "ground_truth": task["answer"]} for task in tasks),
            "extra_info": objects({"index": np.int64(i), "row": np.arange(2)} for i in range(len(tasks))),
        },
    )


def make_config(url: str, out: Path) -> OmegaConf:
    module = out / "my_reward.py"
    module.write_text("from assay_client import compute_score\n")
    return OmegaConf.create(
        {
            "actor_rollout_ref": {"model": {"path": str(out), "tokenizer_path": None}},
            "reward": {
                "num_workers": 2,
                "custom_reward_function": {
                    "path": str(module),
                    "name": "compute_score",
                    "reward_kwargs": {
                        "url": url,
                        "rewards": {"sums": "shaped"},
                        "no_verdict": 0.0,
                        "parts": ["number", "moody"],
                    },
                },
                "reward_manager": {"source": "register", "name": "naive", "module": {"path": None, "name": None}},
                "reward_model": {"enable": False, "rollout": {"full_determinism": False}},
            },
        }
    )


def advantages(scores: torch.Tensor, mask: torch.Tensor, groups: np.ndarray) -> list[float]:
    """The advantage of each response's first token, without the division by the deviation."""
    own, _ = compute_grpo_outcome_advantage(scores, mask, groups, norm_adv_by_std_in_grpo=False)
    return own[:, 0].tolist()


def main() -> None:
    url, tasks, out = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])
    tokenizer = make_tokenizer(out)
    config = make_config(url, out)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100 << 20)
    try:
        loop = RewardLoopManager(config).compute_rm_score(make_batch(tasks, tokenizer))
    finally:
        ray.shutdown()
    scores, extra = extract_reward(loop)

    older = NaiveRewardManager(tokenizer, num_examine=0, compute_score=get_custom_reward_fn(config))
    batch = make_batch(tasks, tokenizer)
    known = older(batch, return_dict=True)

    groups = np.array([task["group"] for task in tasks])
    rewards = [None if missing else score for score, missing in zip(scores.sum(-1).tolist(), extra["no_verdict"])]
    filled, kept = fill_with_group_mean(rewards, groups.tolist())
    mask = batch.batch["attention_mask"][:, LENGTH:] * torch.tensor(kept)[:, None]
    level = torch.zeros_like(scores)
    level[:, 0] = torch.tensor(filled)
    print(
        json.dumps(
            {
                "loop": {"scores": scores.sum(-1).tolist(), "extra": {key: list(map(float, extra[key])) for key in extra}},
                "naive": {
                    "scores": known["reward_tensor"].sum(-1).tolist(),
                    "extra": {key: list(map(float, values)) for key, values in known["reward_extra_info"].items()},
                },
                "advantages": advantages(level, mask, groups),
                "versions": {name: version(name) for name in ("verl", "torch", "ray")},
            }
        ).replace("NaN", "null")
    )


main()
