"""Atropos' example trainer up to its tensors: it registers, takes batches and makes of them what it trains on.

    python atropos_trainer.py URL BATCH STEPS

Prints each batch as `/batch` gave it and as the trainer read it (labels, advantages, temperatures, log-probabilities, with
its padding), and the version. example_trainer's api.py and data.py run as they are installed, with numpy in torch's place:
they make tensors and do nothing else with them.
"""

import copy
import json
import sys
import time
import types
from importlib.metadata import distribution, version

import numpy as np


class Tensor(np.ndarray):
    def view(self, *shape):  # torch's, which is numpy's reshape
        return self.reshape(shape)


def load_trainer() -> tuple[types.ModuleType, types.ModuleType]:
    torch = types.ModuleType("torch")
    torch.Tensor = Tensor
    torch.tensor = lambda values: np.ndarray.view(np.array(values), Tensor)
    package = types.ModuleType("example_trainer")
    package.__path__ = [str(distribution("atroposlib").locate_file("example_trainer"))]
    config = types.ModuleType("example_trainer.config")
    config.TrainingConfig = types.SimpleNamespace
    sys.modules.update({"torch": torch, "example_trainer": package, "example_trainer.config": config})
    from example_trainer import api, data

    return api, data


def main() -> None:
    url, size, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    api, data = load_trainer()
    config = types.SimpleNamespace(
        atropos_url=url, batch_size=size, gradient_accumulation_steps=1, seq_len=512, training_steps=steps,
        checkpoint_interval=0, save_path="", wandb_group=None, wandb_project=None,
    )
    sys.stdout, out = sys.stderr, sys.stdout  # the trainer prints
    api.register_trainer(config)
    batches = []
    for _ in range(600):
        raw = api.get_batch(url)
        if raw["batch"] is None:
            time.sleep(0.05)
            continue
        _, labels, advantages, temperatures, logprobs = data.pad_data_to_good_offset(copy.deepcopy(raw), size)
        batches.append(
            {
                "raw": raw["batch"],
                "labels": labels[0].tolist(),
                "advantages": advantages[0].ravel().tolist(),
                "temperatures": temperatures[0].ravel().tolist(),
                "logprobs": logprobs[0].tolist(),
            }
        )
        if len(batches) == steps:
            break
    assert len(batches) == steps, f"{len(batches)} of {steps} batches came"
    print(json.dumps({"batches": batches, "versions": {"atroposlib": version("atroposlib")}}), file=out)


main()
