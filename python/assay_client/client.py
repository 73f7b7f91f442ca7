"""A client with batches and retries."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Mapping, Optional, Sequence
from urllib.parse import urlsplit

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

    Only what may pass is tried again (no connection, 429, 502, 503, 504), with back-off and the server's Retry-After.
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
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []

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

    def _score_chunk(self, samples: list[Sample]) -> list[Verdict]:
        body = json.dumps({"samples": samples}).encode()
        verdicts = self._request("POST", "/v1/score", body)["verdicts"]
        if len(verdicts) != len(samples):
            raise AssayError(200, f"{len(verdicts)} verdicts for {len(samples)} samples")
        return [Verdict.from_wire(one) for one in verdicts]

    def _request(self, method: str, path: str, body: Optional[bytes]) -> Any:
        problem = "no try was made"
        for attempt in range(self._tries):
            if attempt > 0:
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
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
            connection = kind(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, self._base + path, body=body, headers=headers)
            reply = connection.getresponse()
            text = reply.read()
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)
        return reply.status, reply.headers, text

    def close(self) -> None:
        """Closes the connections that are kept for the next request."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __enter__(self) -> "AssayClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_idle"):
            self.close()


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return text[:200].decode("utf-8", "replace")
