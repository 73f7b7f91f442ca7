"""TRL: functions for `GRPOTrainer(reward_funcs=[…])`."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence

from .client import AssayClient
from .groups import group_marks
from .plain import as_messages, as_plain, is_plain


def reward_function(
    url: str = "http://127.0.0.1:8060",
    reward: Optional[str] = None,
    *,
    name: Optional[str] = None,
    answer: Optional[str] = None,
    token: Optional[str] = None,
    grouped: bool = False,
    client: Optional[AssayClient] = None,
) -> Callable[..., list[Optional[float]]]:
    """A reward function of TRL that scores by a server. No verdict is None, which TRL leaves out.

    `reward` is a served reward (a column `reward` routes each record), `answer` the column of the reference (else `answer`,
    `solution` or `ground_truth`); the other columns reach the reward as data. Parts and causes are logged with TRL's
    `log_extra` and `log_metric` where it has them. `grouped` sends runs of equal prompts as groups. The first call raises
    AssayError where `reward` is not served.
    """
    caller = client or AssayClient(url, token=token)
    shown = name or reward or "assay"

    def score(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Any = None,
        trainer_state: Any = None,
        log_extra: Optional[Callable[[str, list[Any]], None]] = None,
        log_metric: Optional[Callable[[str, float], None]] = None,
        environments: Any = None,
        **columns: Any,
    ) -> list[Optional[float]]:
        if reward is not None or "reward" not in columns:
            caller.require([reward])
        plain = {
            key: [as_plain(value) for value in values]
            for key, values in columns.items()
            if isinstance(values, (list, tuple)) and len(values) == len(prompts)
        }
        usable = {key: values for key, values in plain.items() if all(map(is_plain, values))}
        gold = answer or next((key for key in ("answer", "solution", "ground_truth") if key in usable), None)
        if answer is not None and answer not in usable:
            raise ValueError(f"there is no column {answer!r} of plain values ({', '.join(usable)})")
        marks = group_marks(prompts) if grouped else None
        samples: list[dict[str, Any]] = []
        for i, (prompt, completion) in enumerate(zip(prompts, completions)):
            sample: dict[str, Any] = {"prompt": as_messages(prompt), "completion": as_messages(completion)}
            if completion_ids is not None:
                sample["completion_tokens"] = len(completion_ids[i])
            if gold is not None:
                sample["answer"] = usable[gold][i]
            routed = usable["reward"][i] if "reward" in usable else reward
            if routed is not None:
                sample["reward"] = routed
            data = {key: values[i] for key, values in usable.items() if key not in (gold, "reward")}
            if data:
                sample["data"] = data
            if marks is not None:
                sample["group"] = marks[i]
            samples.append(sample)
        verdicts = caller.score(samples)
        if log_extra is not None:
            for part in dict.fromkeys(key for verdict in verdicts for key in verdict.parts):
                log_extra(
                    f"{shown}/{part}",
                    [verdict.parts[part].reward if part in verdict.parts else None for verdict in verdicts],
                )
            log_extra(f"{shown}/reason", [verdict.reason or verdict.cause or "" for verdict in verdicts])
        if log_metric is not None and verdicts:
            missing = sum(verdict.is_no_verdict for verdict in verdicts)
            log_metric(f"{shown}/no_verdict", missing / len(verdicts))
        return [verdict.reward for verdict in verdicts]

    score.__name__ = shown
    return score
