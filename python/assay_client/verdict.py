"""What a server says about one sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional


@dataclass(frozen=True)
class Span:
    """A piece of the completion with its own value. Offsets are code points: Python's own indices."""

    start: int
    end: int
    value: Optional[float]
    part: str
    at: str
    turn: int = 0


@dataclass(frozen=True)
class Verdict:
    """A value, or no verdict: then `reward` is None and `cause` says why. None is not zero."""

    reward: Optional[float]
    cause: Optional[str] = None
    reason: Optional[str] = None
    parts: Mapping[str, "Verdict"] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    answer: Optional[str] = None
    confidence: Optional[float] = None
    id: Optional[str] = None

    @property
    def is_no_verdict(self) -> bool:
        return self.reward is None

    @staticmethod
    def from_wire(wire: Mapping[str, Any]) -> "Verdict":
        return Verdict(
            reward=wire["reward"],
            cause=wire.get("cause"),
            reason=wire.get("reason"),
            parts={name: Verdict.from_wire(part) for name, part in (wire.get("parts") or {}).items()},
            spans=tuple(
                Span(
                    start=span["start"],
                    end=span["end"],
                    value=span["value"],
                    part=span["part"],
                    at=span["at"],
                    turn=span.get("turn", 0),
                )
                for span in wire.get("spans") or ()
            ),
            answer=wire.get("answer"),
            confidence=wire.get("confidence"),
            id=wire.get("id"),
        )
