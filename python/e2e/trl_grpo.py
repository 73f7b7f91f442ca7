"""TRL's GRPOTrainer on a tiny random model on the CPU, with rewards from an Assay server.

    python trl_grpo.py URL TASKS.jsonl OUT

Writes what TRL itself logs: OUT/NAME/completions/*.parquet and OUT/NAME/trainer_state.json. `npm run e2e:trl` runs it and
compares them with verdicts computed in-process. Tokenizer and model are made here: nothing is fetched.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from assay_client import reward_function

STEPS = 3
WORDS = "what is plus the answer ?".split() + [str(n) for n in range(12)]


def tiny() -> tuple[Qwen2ForCausalLM, PreTrainedTokenizerFast]:
    special = ["<pad>", "<eos>", "<unk>"]
    vocabulary = {word: i for i, word in enumerate(special + WORDS)}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>", padding_side="left"
    )
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=None,
    )
    return Qwen2ForCausalLM(config), tokenizer


def train(name: str, functions: list, tasks: Dataset, out: Path) -> None:
    model, tokenizer = tiny()
    trainer = GRPOTrainer(
        model=model,
        processing_class=tokenizer,
        reward_funcs=functions,
        train_dataset=tasks,
        args=GRPOConfig(
            output_dir=str(out / name),
            use_cpu=True,
            per_device_train_batch_size=8,
            num_generations=4,
            max_completion_length=12,
            max_steps=STEPS,
            logging_steps=1,
            log_completions=True,
            report_to=[],
            save_strategy="no",
            seed=7,
            disable_tqdm=True,
        ),
    )
    trainer.train()
    trainer.state.save_to_json(str(out / name / "trainer_state.json"))


def main() -> None:
    url, tasks, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    dataset = Dataset.from_list([json.loads(line) for line in tasks.read_text().splitlines()])
    shaped = reward_function(url, "shaped", answer="solution")
    train("parts", [shaped], dataset, out)
    train("two", [shaped, reward_function(url, "ranked", grouped=True)], dataset, out)
    print(json.dumps({name: version(name) for name in ("trl", "transformers", "torch")}))


if __name__ == "__main__":
    main()
