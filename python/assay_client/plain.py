"""Values as JSON can carry them."""

from __future__ import annotations

import math
from typing import Any


def as_plain(value: Any) -> Any:
    """Arrays, and numbers of array libraries, as Python's own; what is none of these stays as it is."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [as_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: as_plain(one) for key, one in value.items()}
    # numpy, without importing it; a tensor of a device is not meant for a reward
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return as_plain(value.tolist())
    return value


def is_plain(value: Any) -> bool:
    """Whether JSON can carry it: columns of tensors stay here."""
    if isinstance(value, float):
        return math.isfinite(value)
    if value is None or isinstance(value, (bool, int, str)):
        return True
    if isinstance(value, (list, tuple)):
        return all(is_plain(one) for one in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(one) for key, one in value.items())
    return False
