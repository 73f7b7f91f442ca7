"""Values as JSON can carry them."""

from __future__ import annotations

import math
from typing import Any


def as_plain(value: Any) -> Any:
    """Arrays, and numbers of array libraries, as Python's own; what is none of these stays as it is. Integers that a double
    cannot hold are text, which rewards read digit by digit; NaN and infinities are None; bytes are the text in them.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else str(int(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (bytes, bytearray)):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value
    if isinstance(value, (list, tuple)):
        return [as_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: as_plain(one) for key, one in value.items()}
    # numpy, without importing it; a tensor of a device is not meant for a reward
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return as_plain(value.tolist())
    return value


def as_messages(value: Any) -> Any:
    """A prompt or completion: text, or messages without what JSON cannot carry. Of pictures only their type is left."""
    if isinstance(value, (list, tuple)):
        return [_as_message(one) if isinstance(one, dict) else one for one in value]
    return value


def _as_message(message: dict[Any, Any]) -> dict[Any, Any]:
    plain: dict[Any, Any] = {}
    for key, value in message.items():
        if key == "content" and isinstance(value, (list, tuple)):
            plain[key] = [_as_part(one) for one in value]
            continue
        own = as_plain(value)
        if is_plain(own):
            plain[key] = own
    return plain


def _as_part(part: Any) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    return {"type": kind if isinstance(kind, str) else "image"}


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
