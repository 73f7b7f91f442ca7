"""Rewards from an Assay server, for Python trainers. Standard library only."""

from .client import AssayClient, AssayError, AssayUnavailable
from .groups import fill_with_group_mean, group_marks
from .trl import reward_function
from .verdict import Span, Verdict
from .verl import compute_score

__all__ = [
    "AssayClient",
    "AssayError",
    "AssayUnavailable",
    "Span",
    "Verdict",
    "compute_score",
    "fill_with_group_mean",
    "group_marks",
    "reward_function",
]
