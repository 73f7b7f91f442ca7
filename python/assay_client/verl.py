"""verl: `custom_reward_function.path` this file, `.name=compute_score`, the rest by `reward_kwargs`."""

from __future__ import annotations

import math
import os
from functools import lru_cache
from typing import Any, Mapping, Optional, Sequence, Union

from .client import AssayClient
from .plain import as_plain, is_plain


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
    parts: Sequence[str] = (),
    **_: Any,
) -> dict[str, float]:
    """`{"score", "no_verdict", …one number for each of parts}`.

    `rewards` maps a data source to a served reward, `reward` is for all others. verl knows only numbers: where there is no
    verdict this raises, or gives the number `no_verdict` with `no_verdict: 1.0` beside it, by which the sample can be
    masked (see fill_with_group_mean). verl takes the keys of a batch's first sample and asks every other one for them, so
    the parts to log are named here, and NaN stands for one that a sample does not have. The first call raises AssayError
    where one of `rewards` is not served, or `reward` where it is needed.
    """
    client = _client(
        url or os.environ.get("ASSAY_URL", "http://127.0.0.1:8060"), token or os.environ.get("ASSAY_TOKEN")
    )
    sample: dict[str, Any] = {"prompt": "", "completion": solution_str, "answer": as_plain(ground_truth)}
    served = (rewards or {}).get(data_source, reward)
    client.require([served, *(rewards or {}).values()])
    if served is not None:
        sample["reward"] = served
    if extra_info:
        row = {key: as_plain(value) for key, value in extra_info.items()}
        sample["data"] = {key: value for key, value in row.items() if is_plain(value)}
    verdict = client.score_one(sample)
    if verdict.reward is None and not isinstance(no_verdict, (int, float)):
        raise RuntimeError(f"no verdict ({verdict.cause}): {verdict.reason}")
    score = float(no_verdict) if verdict.reward is None else float(verdict.reward)
    logged = {name: math.nan for name in parts}
    logged |= {
        name: float(part.reward)
        for name, part in verdict.parts.items()
        if name in logged and part.reward is not None
    }
    return {**logged, "score": score, "no_verdict": float(verdict.reward is None)}
