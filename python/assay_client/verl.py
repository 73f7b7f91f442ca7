"""verl: `custom_reward_function.path` this file, `.name=compute_score`, the rest by `reward_kwargs`."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any, Mapping, Optional, Union

from .client import AssayClient


@lru_cache(maxsize=8)
def _client(url: str, token: Optional[str]) -> AssayClient:
    return AssayClient(url, token=token)


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Optional[Mapping[str, Any]] = None,
    *,
    url: Optional[str] = None,
    token: Optional[str] = None,
    reward: Optional[str] = None,
    rewards: Optional[Mapping[str, str]] = None,
    no_verdict: Union[float, str] = "raise",
    **_: Any,
) -> dict[str, float]:
    """`{"score", "no_verdict", …one number a part}`, the same keys for every sample of a reward.

    `rewards` maps a data source to a served reward, `reward` is for all others. verl knows only numbers: where there is no
    verdict this raises, or gives the number `no_verdict` with `no_verdict: 1.0` beside it, by which the sample can be
    masked (see fill_with_group_mean).
    """
    client = _client(
        url or os.environ.get("ASSAY_URL", "http://127.0.0.1:8060"), token or os.environ.get("ASSAY_TOKEN")
    )
    sample: dict[str, Any] = {"prompt": "", "completion": solution_str, "answer": ground_truth}
    served = (rewards or {}).get(data_source, reward)
    if served is not None:
        sample["reward"] = served
    if extra_info:
        sample["data"] = {key: value for key, value in extra_info.items() if _is_plain(value)}
    verdict = client.score_one(sample)
    if verdict.reward is None and not isinstance(no_verdict, (int, float)):
        raise RuntimeError(f"no verdict ({verdict.cause}): {verdict.reason}")
    score = float(no_verdict) if verdict.reward is None else verdict.reward
    logged = {name: part.reward for name, part in verdict.parts.items() if part.reward is not None}
    return {**logged, "score": score, "no_verdict": float(verdict.reward is None)}


def _is_plain(value: Any) -> bool:
    """Whether JSON can carry it: columns of tensors and arrays stay here."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return True
    if isinstance(value, (list, tuple)):
        return all(_is_plain(one) for one in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(one) for key, one in value.items())
    return False
