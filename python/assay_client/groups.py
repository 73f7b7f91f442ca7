"""Groups of samples of one prompt."""

from __future__ import annotations

import uuid
from typing import Any, Hashable, Optional, Sequence


def group_marks(prompts: Sequence[Any]) -> list[dict[str, Any]]:
    """A `group` for each sample, for rewards that need the whole group: runs of equal prompts are groups."""
    marks: list[dict[str, Any]] = []
    start = 0
    for end in range(1, len(prompts) + 1):
        if end == len(prompts) or not _same(prompts[end], prompts[start]):
            mark = {"id": uuid.uuid4().hex, "size": end - start}
            marks.extend(dict(mark) for _ in range(start, end))
            start = end
    return marks


def _same(a: Any, b: Any) -> bool:
    """Pictures as arrays are compared by identity alone: they have no one truth of being equal."""
    try:
        return bool(a == b)
    except ValueError:
        return False


def fill_with_group_mean(
    rewards: Sequence[Optional[float]], groups: Sequence[Hashable], empty: float = 0.0
) -> tuple[list[float], list[bool]]:
    """For trainers that know only numbers: every None becomes the mean of its group's other rewards, so that the group's
    mean is what it is without the sample. The second list is False for those samples: mask them from the loss. A group
    without any reward is `empty` throughout, and masked whole.
    """
    if len(rewards) != len(groups):
        raise ValueError(f"{len(rewards)} rewards for {len(groups)} groups")
    known: dict[Hashable, list[float]] = {}
    for reward, group in zip(rewards, groups):
        if reward is not None:
            known.setdefault(group, []).append(reward)
    means = {group: sum(values) / len(values) for group, values in known.items()}
    filled = [means.get(group, empty) if reward is None else float(reward) for reward, group in zip(rewards, groups)]
    return filled, [reward is not None for reward in rewards]
