"""eval-protocol's RewardFunction in remote mode, and its own model of the reply.

    python eval_protocol_client.py URL TASKS.json

TASKS is a list of {prompt, completion, answer}. Prints what the client made of each (or the status of the error that it
raised), what its model EvaluateResult says of the same reply, and the version.
"""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no look-up on import

import requests  # noqa: E402
from eval_protocol.models import EvaluateResult  # noqa: E402
from eval_protocol.reward_function import RewardFunction  # noqa: E402


def metrics_of(result: EvaluateResult) -> dict:
    return {name: one.score if one.is_score_valid else None for name, one in (result.metrics or {}).items()}


def main() -> None:
    url, tasks = f"{sys.argv[1]}/evaluate", json.loads(Path(sys.argv[2]).read_text())
    remote = RewardFunction(mode="remote", endpoint=url, reward="shaped")
    found = []
    for one in tasks:
        messages = [{"role": "user", "content": one["prompt"]}, {"role": "assistant", "content": one["completion"]}]
        try:
            result = remote(messages=messages, ground_truth=one["answer"])
            understood = {"score": result.score, "metrics": metrics_of(result)}
        except requests.HTTPError as error:
            understood = {"error": error.response.status_code}
        body = {"messages": messages, "ground_truth": one["answer"], "kwargs": {"reward": "shaped"}}
        whole = EvaluateResult.model_validate(requests.post(url, json=body, timeout=30).json())
        read = {"score": whole.score, "valid": whole.is_score_valid, "metrics": metrics_of(whole)}
        found.append({"understood": understood, "whole": read})
    print(json.dumps({"found": found, "versions": {"eval-protocol": version("eval-protocol")}}))


main()
