"""eval-protocol's RewardFunction in remote mode, and its own models of the reply.

    python eval_protocol_client.py URL TASKS.json

TASKS is a list of {prompt, completion, answer}. Prints what the client understood of each reply, what its model EvaluateResult
says of the same reply read whole, and the version.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import requests
from eval_protocol.models import EvaluateResult
from eval_protocol.reward_function import RewardFunction


def main() -> None:
    url, tasks = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    remote = RewardFunction(mode="remote", endpoint=f"{url}/evaluate")
    found = []
    for one in tasks:
        messages = [{"role": "user", "content": one["prompt"]}, {"role": "assistant", "content": one["completion"]}]
        understood = remote(messages=messages, ground_truth=one["answer"])
        body = {"messages": messages, "ground_truth": one["answer"], "kwargs": {"reward": "shaped"}}
        reply = requests.post(f"{url}/evaluate", json=body, timeout=30)
        whole = EvaluateResult.model_validate(reply.json())
        found.append(
            {
                "score": understood.score,
                "valid": understood.is_score_valid,
                "whole": {
                    "score": whole.score,
                    "valid": whole.is_score_valid,
                    "error": whole.error,
                    "metrics": {
                        name: metric.score if metric.is_score_valid else None
                        for name, metric in (whole.metrics or {}).items()
                    },
                },
            }
        )
    print(json.dumps({"found": found, "versions": {"eval-protocol": version("eval-protocol")}}))


main()
