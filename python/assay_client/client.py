"""A client with batches and retries."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterable, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from .plain import as_plain, is_plain
from .verdict import Verdict

Sample = Mapping[str, Any]


class AssayError(Exception):
    """The server refused a request for good; trying again would not help."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class AssayUnavailable(Exception):
    """The server could not be reached, or stayed overloaded, for all tries."""


class AssayClient:
    """Scores samples: dictionaries with `prompt`, `completion`, and `answer`, `reward`, `data`, `group` as needed.

    A batch that is too large for the server (413) goes in halves. Only what may pass is tried again (no connection, 429, 502, 503, 504), with back-off and the server's Retry-After.
    Safe to use from several threads.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8060",
        token: Optional[str] = None,
        timeout: float = 120.0,
        tries: int = 8,
        batch: int = 256,
        connections: int = 4,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an address of a server: {url!r}")
        if batch < 1 or tries < 1 or connections < 1:
            raise ValueError("batch, tries and connections are at least 1")
        self._https = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._tries = tries
        self._batch = batch
        self._connections = connections
        self._required: set[Optional[str]] = set()
        self._start()
        _clients.add(self)

    def _start(self) -> None:
        """Without connections: those of a process that was forked belong to its parent, and two would read one's answers."""
        self._lock = threading.Lock()
        # With the time when each was last used; the one that came back last is the next to be used.
        self._idle: list[tuple[http.client.HTTPConnection, float]] = []

    def score(self, samples: Sequence[Sample]) -> list[Verdict]:
        """The verdicts of samples, in order. Raises AssayError and AssayUnavailable."""
        chunks = [list(samples[i : i + self._batch]) for i in range(0, len(samples), self._batch)]
        if len(chunks) <= 1:
            return [verdict for chunk in chunks for verdict in self._score_chunk(chunk)]
        with ThreadPoolExecutor(max_workers=min(self._connections, len(chunks))) as pool:
            return [verdict for verdicts in pool.map(self._score_chunk, chunks) for verdict in verdicts]

    def score_one(self, sample: Sample) -> Verdict:
        return self.score([sample])[0]

    def rewards(self) -> Any:
        """What the server serves."""
        return self._request("GET", "/v1/rewards", None)

    def require(self, names: Iterable[Optional[str]]) -> None:
        """Raises AssayError where a reward is not served (None: the server's default). Asks the server once a name."""
        missing = set(names) - self._required
        if not missing:
            return
        listed = self.rewards()
        served = [one["name"] for one in listed["rewards"]]
        for name in missing:
            if name is None and listed["default"] is None:
                raise AssayError(404, f"the server has no default reward; name one of: {', '.join(served)}")
            if name is not None and name not in served:
                raise AssayError(404, f"no reward {name!r} is served; served are: {', '.join(served)}")
        self._required |= missing

    def _score_chunk(self, samples: list[Sample]) -> list[Verdict]:
        try:
            verdicts = self._request("POST", "/v1/score", _body(samples))["verdicts"]
        except AssayError as error:
            if error.status != 413 or len(samples) == 1:
                raise
            return self._score_halves(samples)
        if len(verdicts) != len(samples):
            raise AssayError(200, f"{len(verdicts)} verdicts for {len(samples)} samples")
        return [Verdict.from_wire(one) for one in verdicts]

    def _score_halves(self, samples: list[Sample]) -> list[Verdict]:
        """What was too much for one request goes in two."""
        halves = [samples[: len(samples) // 2], samples[len(samples) // 2 :]]
        first, second = ({json.dumps(one["group"], default=str) for one in half if one.get("group")} for half in halves)
        if first.isdisjoint(second):
            return [verdict for half in halves for verdict in self._score_chunk(half)]
        # The half of a group gets no answer before the other half is there.
        with ThreadPoolExecutor(max_workers=2) as pool:
            return [verdict for verdicts in pool.map(self._score_chunk, halves) for verdict in verdicts]

    def _request(self, method: str, path: str, body: Optional[bytes]) -> Any:
        problem = "no try was made"
        wait = 0.0
        for attempt in range(self._tries):
            time.sleep(wait)
            wait = min(30.0, 0.25 * 2**attempt) * (0.5 + random.random() / 2)
            try:
                status, headers, text = self._once(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            if status == 200:
                return json.loads(text)
            problem = f"{status}: {_message(text)}"
            if status not in (429, 502, 503, 504):
                raise AssayError(status, _message(text))
            try:
                wait = max(wait, min(30.0, float(headers.get("retry-after") or 0)))
            except ValueError:
                pass  # a date: the back-off will do
        raise AssayUnavailable(f"{self._host}: no answer in {self._tries} tries; the last: {problem}")

    def _once(self, method: str, path: str, body: Optional[bytes]) -> tuple[int, Any, bytes]:
        headers = {"content-type": "application/json"}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        connection = self._take()
        if connection is not None:
            try:
                return self._exchange(connection, method, path, body, headers)
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException):
                # The server closed it while it was idle, and so the others, too: that says nothing of the server.
                self.close()
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        fresh = kind(self._host, self._port, timeout=self._timeout)
        return self._exchange(fresh, method, path, body, headers)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: Optional[bytes],
        headers: Mapping[str, str],
    ) -> tuple[int, Any, bytes]:
        try:
            connection.request(method, self._base + path, body=body, headers=dict(headers))
            reply = connection.getresponse()
            text = reply.read()
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:  # the server did not say that it closes it
            with self._lock:
                self._idle.append((connection, time.monotonic()))
            self._drop_surplus()
        return reply.status, reply.headers, text

    def _take(self) -> Optional[http.client.HTTPConnection]:
        self._drop_surplus()
        with self._lock:
            return self._idle.pop()[0] if self._idle else None

    def _drop_surplus(self) -> None:
        """Closes what was not used lately, and the oldest of more connections than callers need."""
        oldest = time.monotonic() - _KEEP_SECONDS
        with self._lock:
            few = self._idle[-max(self._connections, _KEEP) :]
            kept = [one for one in few if one[1] > oldest]
            surplus, self._idle = [one for one in self._idle if one not in kept], kept
        for connection, _ in surplus:
            connection.close()

    def close(self) -> None:
        """Closes the connections that are kept for the next request."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()

    def __enter__(self) -> "AssayClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_idle"):
            self.close()


# A connection that was idle for longer is not used again: servers close them after 75 seconds, proxies often after 60.
_KEEP_SECONDS = 50.0
# So many are kept even if `connections` is less: threads that call `score_one` each use one.
_KEEP = 32

_clients: "weakref.WeakSet[AssayClient]" = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_clients):
        client._start()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _body(samples: list[Sample]) -> bytes:
    """Numbers that JSON has not are null, as in as_plain. Raises TypeError naming what cannot be sent."""
    try:
        return json.dumps({"samples": samples}, allow_nan=False).encode()
    except (TypeError, ValueError):
        plain = [as_plain(dict(sample)) for sample in samples]
    for i, sample in enumerate(plain):
        for key, value in sample.items():
            if not is_plain(value):
                raise TypeError(f"sample {i}: {key!r} is nothing that JSON can carry")
    return json.dumps({"samples": plain}, allow_nan=False).encode()


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return text[:200].decode("utf-8", "replace")
