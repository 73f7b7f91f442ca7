"""The advantages that TRL's own trainers train on, for given rewards. pip install trl torch

GRPOTrainer and RLOOTrainer run whole, on a tiny random model on the CPU, for three steps a setting; only their reward
functions are told what to return. Each prompt is seen once: its number says which rewards its completions get, None for no
verdict. What is frozen is what `_generate_and_score_completions` hands to the loss.
"""

import random
import tempfile

import torch
from common import write
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

STEPS, GROUPS, SIZE, FUNCTIONS = 3, 5, 4, 3
WEIGHTS = [1.0, 0.5, -0.25]
one = {"functions": 1}
gdpo = {"multi_objective_aggregation": "normalize_then_sum"}
SETTINGS = [
    *(("grpo", {"scale_rewards": scale, **more}) for scale in ("group", "batch", "none") for more in (one, {})),
    ("grpo", {"scale_rewards": "group", "reward_weights": None}),
    ("grpo", {"scale_rewards": "group", **one, "equal": True}),
    ("grpo", {"scale_rewards": "group", **gdpo}),
    ("grpo", {"scale_rewards": "none", **gdpo}),
    ("grpo", {"scale_rewards": "group", "reward_weights": None, **gdpo, **one}),
    ("rloo", {"beta": 0.0, **one}),
    ("rloo", {"beta": 0.0}),
    ("rloo", {"beta": 0.0, "normalize_advantages": True}),
    ("rloo", {"beta": 0.0, "reward_clip_range": (-0.5, 0.75)}),
    ("rloo", {"beta": 0.0, "normalize_advantages": True, "reward_clip_range": (-0.5, 0.75), **one}),
    ("rloo", {"beta": 0.5, "normalize_advantages": True}),
    ("rloo", {"beta": 0.5, "reward_clip_range": (-0.5, 0.75), **one}),
]


def table(seed, functions, equal):
    """Rewards of each prompt's completions, one list a function. Eighths tie and are exact in 32 bits; others never tie.

    With `equal` there are groups of three times 0.9, whose mean in 32 bits is not 0.9.
    """
    rng = random.Random(seed)
    kinds = ["eighths", "normal", "same", "lone", "none"]

    def draw(kind, same):
        if rng.random() < 0.2:
            return None
        eighths = same if kind == "same" else rng.randint(-8, 8) / 8
        return round(rng.gauss(0, 1), 6) if kind == "normal" else eighths

    rows = []
    for prompt in range(STEPS * GROUPS):
        kind = kinds[prompt % GROUPS]
        columns = []
        for _ in range(functions):
            same = rng.randint(-8, 8) / 8
            column = [draw(kind, same) for _ in range(SIZE)]
            if kind == "lone":  # one verdict in the group
                column = [0.375 if i == prompt % SIZE else None for i in range(SIZE)]
            if kind == "none" and prompt >= GROUPS:
                column = [None] * SIZE
            if kind == "same" and equal:
                column = [0.9, 0.9, None, 0.9]
            columns.append(column)
        rows.append(columns)
    return rows


def tiny():
    words = ["<pad>", "<eos>", "<unk>", *(f"w{i}" for i in range(STEPS * GROUPS))]
    text = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    text.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=text, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>", padding_side="left"
    )
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=len(words), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=32, pad_token_id=0, eos_token_id=1, bos_token_id=None,
    )
    return Qwen2ForCausalLM(config), tokenizer


def told(rewards, k):
    """A reward function that returns the k-th rewards of each prompt, in the order of its completions."""

    def function(completions, number, **_):
        seen = {}
        out = []
        for prompt in number:
            at = seen[prompt] = seen.get(prompt, -1) + 1
            out.append(rewards[prompt][k][at])
        return out

    function.__name__ = f"told_{k}"
    return function


def recorded(base, rewards, functions, records):
    class Recorded(base):
        def _get_per_token_logps_and_entropies(self, model, *args, **kwargs):
            found = super()._get_per_token_logps_and_entropies(model, *args, **kwargs)
            self.logps["reference" if model is self.ref_model else "old"] = found[0]
            return found

        def _generate_and_score_completions(self, inputs):
            self.logps = {}
            out = super()._generate_and_score_completions(inputs)
            numbers = [row["number"] for row in inputs]
            assert numbers == [n for n in numbers[::SIZE] for _ in range(SIZE)], "whole groups, in order"
            record = {
                "groups": [SIZE] * GROUPS,
                "rewards": [[r for n in numbers[::SIZE] for r in rewards[n][k]] for k in range(functions)],
                "advantages": [float(a) for a in out["advantages"]],
            }
            if "reference" in self.logps:
                mask = out["completion_mask"].bool()
                record["lengths"] = mask.sum(1).tolist()
                for name in ("old", "reference"):
                    record[name] = self.logps[name][mask].tolist()
            records.append(record)
            return out

    return Recorded


cases = []
for seed, (kind, setting) in enumerate(SETTINGS):
    options = dict(setting)
    functions = options.pop("functions", FUNCTIONS)
    weights = options.pop("reward_weights", WEIGHTS[:functions])
    rewards = table(seed, functions, options.pop("equal", False))
    trainer_class, config_class = {"grpo": (GRPOTrainer, GRPOConfig), "rloo": (RLOOTrainer, RLOOConfig)}[kind]
    model, tokenizer = tiny()
    records = []
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)  # the reference is read from where the model came from
        trainer = recorded(trainer_class, rewards, functions, records)(
            model=folder, processing_class=tokenizer,
            reward_funcs=[told(rewards, k) for k in range(functions)],
            train_dataset=Dataset.from_list([{"prompt": f"w{i}", "number": i} for i in range(STEPS * GROUPS)]),
            args=config_class(
                output_dir=folder, use_cpu=True, per_device_train_batch_size=GROUPS * SIZE, num_generations=SIZE,
                max_completion_length=3, max_steps=STEPS, learning_rate=0.05, shuffle_dataset=False, report_to=[],
                save_strategy="no", logging_strategy="no", disable_tqdm=True, seed=7, reward_weights=weights, **options,
            ),
        )
        trainer.train()
    assert len(records) == STEPS, len(records)
    cases += [{"trainer": kind, "options": {"reward_weights": weights, **options}, **record} for record in records]
write("src/credit/fixtures/trl.json", ["trl", "transformers", "torch"], __file__, cases)
