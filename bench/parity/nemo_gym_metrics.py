"""NeMo Gym's own aggregation of verify responses. pip install nemo-gym (0.7.0 asks for Python 3.13.14; it runs on 3.11)"""

import math
import random

from common import write
from nemo_gym.reward_profile import compute_aggregate_metrics

rng = random.Random(11)


def row(task, repeat, reward, **more):
    usage = {"input_tokens": rng.randint(5, 50), "output_tokens": rng.randint(1, 300), "note": "text"}
    return {
        "_ng_task_index": task,
        "_ng_rollout_index": repeat,
        "reward": reward,
        "response": {"output": [], "usage": usage},
        **more,
    }


def masked(task, repeat):
    return row(task, repeat, 0.0, mask_sample=True, failure_kind="verifier_error", failure_reason="broken")


CASES = {
    "one rollout": [row(0, 0, 1.0)],
    "tasks with repeats": [
        row(task, repeat, float(rng.random() < 0.5), correct=rng.random() < 0.5, steps=rng.randint(1, 9))
        for task in range(4)
        for repeat in range(3)
    ],
    "some masked": [
        masked(task, repeat) if (task, repeat) in {(0, 1), (2, 0), (2, 1), (2, 2)} else row(task, repeat, rng.random())
        for task in range(4)
        for repeat in range(3)
    ],
    "all masked": [masked(0, 0), masked(1, 0)],
    "a field that some lack": [
        row(0, 0, 1.0, extra=2.0), row(0, 1, 0.0), row(1, 0, 0.5), row(1, 1, 0.5, extra=4.0, name="text"),
    ],
    "missing repeats": [row(0, 0, 1.0), row(0, 1, 0.0), row(1, 0, 0.5)],
    "none": [],
}


def plain(value):
    """Python's own numbers; NaN, which JSON does not have, is null."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and math.isnan(value) else value


cases = [
    {"name": name, "rows": rows, "metrics": plain(compute_aggregate_metrics(rows).model_dump())}
    for name, rows in CASES.items()
]
write("src/serve/protocols/fixtures/nemo-gym-metrics.json", "nemo-gym", __file__, cases)
