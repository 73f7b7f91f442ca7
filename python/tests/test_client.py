"""Against a real server: ASSAY_URL names it (rewards as in src/serve/fixtures/config.ts)."""

import json
import math
import multiprocessing
import os
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Iterator

from assay_client import (
    AssayClient,
    AssayError,
    AssayUnavailable,
    compute_score,
    fill_with_group_mean,
    reward_function,
)

URL = os.environ["ASSAY_URL"]


@contextmanager
def serving(reply: Callable[[dict], tuple[int, dict]], hangs_up: bool = False) -> Iterator[str]:
    """A server of one thread a connection; one that hangs up does so after each answer, without saying so in it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, body = reply(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.send_header("retry-after", "0")
            self.end_headers()
            self.wfile.write(text)
            self.close_connection = hangs_up

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def forked(i: int) -> bool:
    """Whether this process gets the verdict of its own sample: right for every other one."""
    return compute_score("any", str(i), i if i % 2 else -1, url=URL, reward="number")["score"] == i % 2


class ClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.client = AssayClient(URL)

    def test_values_and_no_verdicts_are_told_apart_in_order(self) -> None:
        client = AssayClient(URL, batch=3)
        samples = [{"completion": str(i % 3), "answer": None if i % 5 == 4 else 1} for i in range(20)]
        verdicts = client.score(samples)
        expected = [None if i % 5 == 4 else float(i % 3 == 1) for i in range(20)]
        self.assertEqual([one.reward for one in verdicts], expected)
        self.assertEqual(verdicts[4].cause, "reference")
        self.assertTrue(verdicts[4].is_no_verdict)
        self.assertFalse(verdicts[0].is_no_verdict)

    def test_offsets_are_pythons_own(self) -> None:
        text = "😀é𝒳 good"
        (span,) = self.client.score_one({"completion": text, "reward": "acting"}).spans
        # The fixture marks the first two UTF-16 units: the one emoji.
        self.assertEqual(text[span.start : span.end], "😀")

    def test_a_refusal_is_not_tried_again(self) -> None:
        with self.assertRaises(AssayError) as caught:
            self.client.score([{"prompt": 5, "completion": "a"}])
        self.assertEqual(caught.exception.status, 422)
        self.assertIn("samples.0.prompt", str(caught.exception))

    def test_no_server_is_an_error_and_not_a_reward(self) -> None:
        with self.assertRaises(AssayUnavailable):
            AssayClient("http://127.0.0.1:9", tries=2).score([{"completion": "a"}])

    def test_overload_is_tried_again(self) -> None:
        replies = [(429, {"error": "later"}), (503, {"error": "later"}), (200, {"verdicts": [{"reward": 1}]})]
        with serving(lambda _: replies.pop(0)) as url:
            verdict = AssayClient(url).score_one({"completion": "a"})
        self.assertEqual(verdict.reward, 1)
        self.assertEqual(replies, [])

    def test_what_is_too_much_for_one_request_goes_in_halves(self) -> None:
        def reply(body: dict) -> tuple[int, dict]:
            texts = [one["completion"] for one in body["samples"]]
            sizes.append(len(texts))
            if len(texts) > 3 or "long" in texts:
                return 413, {"error": "the JSON has over 3 values"}
            if any("group" in one for one in body["samples"]):
                both.wait(10)
            return 200, {"verdicts": [{"reward": float(text)} for text in texts]}

        sizes: list[int] = []
        both = threading.Barrier(2)
        with serving(reply) as url, AssayClient(url) as client:
            verdicts = client.score([{"completion": str(i)} for i in range(10)])
            self.assertEqual([one.reward for one in verdicts], [float(i) for i in range(10)])
            self.assertEqual(sizes, [10, 5, 2, 3, 5, 2, 3])
            group = {"id": "g", "size": 4}
            verdicts = client.score([{"completion": str(i), "group": group} for i in range(4)])
            self.assertEqual([one.reward for one in verdicts], [0.0, 1.0, 2.0, 3.0])
            with self.assertRaisesRegex(AssayError, "413: the JSON has over"):
                client.score([{"completion": "1"}, {"completion": "long"}])

    def test_connections_that_the_server_closed_are_no_failed_try(self) -> None:
        with serving(lambda _: (200, {"verdicts": [{"reward": 1}]}), hangs_up=True) as url:
            client = AssayClient(url, tries=1)
            with ThreadPoolExecutor(max_workers=8) as pool:
                list(pool.map(lambda _: client.score_one({"completion": "a"}), range(8)))
            for _ in range(3):
                self.assertEqual(client.score_one({"completion": "a"}).reward, 1)

    def test_connections_are_kept_for_a_while_and_not_without_limit(self) -> None:
        together = threading.Barrier(40)

        def reply(_: dict) -> tuple[int, dict]:
            together.wait(10)
            return 200, {"verdicts": [{"reward": 1}]}

        with serving(reply) as url, AssayClient(url) as client:
            with ThreadPoolExecutor(max_workers=40) as pool:
                list(pool.map(lambda _: client.score_one({"completion": "a"}), range(40)))
            self.assertEqual(len(client._idle), 32)
            client._idle = [(one, since - 60) for one, since in client._idle]
            self.assertIsNone(client._take())
            self.assertEqual(client._idle, [])

    def test_forked_processes_have_connections_of_their_own(self) -> None:
        self.assertTrue(forked(1))  # leaves a connection behind
        with multiprocessing.get_context("fork").Pool(4) as pool:
            self.assertTrue(all(pool.imap_unordered(forked, range(600))))

    def test_numbers_that_json_has_not(self) -> None:
        big = 2**53 + 1
        samples: list[dict[str, Any]] = [
            {"completion": str(big), "answer": big, "reward": "math"},
            {"completion": str(big - 1), "answer": big, "reward": "math"},
            {"completion": "5", "answer": math.nan},
            {"completion": "5", "answer": 5, "data": {"x": math.inf}},
        ]
        self.assertEqual([one.reward for one in self.client.score(samples)], [1, 0, None, 1])
        with self.assertRaisesRegex(TypeError, "sample 1: 'answer'"):
            self.client.score([{"completion": "5"}, {"completion": "5", "answer": object()}])

    def test_big_integers_are_exact_as_the_answer_and_numbers_inside_of_one(self) -> None:
        big = 1234567890123456789
        call = {"name": "get", "arguments": {"id": big}}
        said, text = (
            f"<tool_call>{json.dumps({**call, 'arguments': {'id': one}})}</tool_call>" for one in (big, str(big))
        )
        limits = {"type": "integer", "maximum": 2**63 - 1, "minimum": -(2**63)}
        samples = [
            {"completion": str(big), "answer": big, "reward": "exact"},
            {"completion": str(big - 1), "answer": big, "reward": "exact"},
            {"completion": str(big), "answer": [5, big], "reward": "exact"},
            {"completion": said, "answer": call, "reward": "toolcall"},
            {"completion": text, "answer": call, "reward": "toolcall"},
            {"completion": "12", "schema": limits, "reward": "json"},
        ]
        self.assertEqual([one.reward for one in self.client.score(samples)], [1, 0, 1, 1, 0, 1])

    def test_lists_the_rewards(self) -> None:
        self.assertEqual(self.client.rewards()["default"], "number")


class VerlTest(unittest.TestCase):
    def test_a_reward_that_is_not_served_stops_the_run(self) -> None:
        with self.assertRaisesRegex(AssayError, "no reward 'nowhere' is served; served are: number, math, "):
            compute_score("other", "5", "5", url=URL, rewards={"openai/gsm8k": "nowhere"}, no_verdict=0.0)
        with self.assertRaisesRegex(AssayError, "nowhere"):
            compute_score("other", "5", "5", url=URL, reward="nowhere", no_verdict=0.0)

    def test_references_as_files_of_columns_have_them(self) -> None:
        self.assertEqual(compute_score("gsm8k", "it is 5", b"5", url=URL)["score"], 1)
        big = 10**30 + 1
        scored = [compute_score("gsm8k", str(big + i), big, url=URL, reward="math")["score"] for i in (0, 1)]
        self.assertEqual(scored, [1, 0])
        masked = compute_score("gsm8k", "5", math.nan, url=URL, no_verdict=0.0)
        self.assertEqual(masked, {"score": 0.0, "no_verdict": 1.0})

    def test_score_with_its_parts_and_the_mask(self) -> None:
        self.assertEqual(compute_score("gsm8k", "it is 5", "5", url=URL), {"score": 1, "no_verdict": 0.0})
        row = {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}], "tensor": object()}
        scored = compute_score("ifeval", "a, b", None, row, url=URL, rewards={"ifeval": "instructions"})
        self.assertEqual(scored, {"score": 0, "no_verdict": 0.0})

    def test_the_keys_are_the_same_for_every_sample(self) -> None:
        part = "0:punctuation:no_comma"
        row = {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
        options = {"url": URL, "reward": "instructions", "no_verdict": 0.0, "parts": [part]}
        known = compute_score("ifeval", "a, b", None, row, **options)
        self.assertEqual(known, {part: 0.0, "score": 0.0, "no_verdict": 0.0})
        unknown = compute_score("ifeval", "a, b", None, {}, **options)
        self.assertEqual(list(unknown), list(known))
        self.assertTrue(math.isnan(unknown[part]))
        self.assertEqual(unknown["no_verdict"], 1.0)

    def test_no_verdict_raises_or_is_the_number_that_was_asked_for(self) -> None:
        with self.assertRaisesRegex(RuntimeError, r"no verdict \(reference\)"):
            compute_score("gsm8k", "5", "no number", url=URL)
        masked = compute_score("gsm8k", "5", "no number", url=URL, no_verdict=0.5)
        self.assertEqual(masked, {"score": 0.5, "no_verdict": 1.0})

    def test_group_means_are_those_without_the_sample(self) -> None:
        filled, kept = fill_with_group_mean([1.0, None, 0.0, None, None, 2.0], ["a", "a", "a", "b", "b", "c"])
        self.assertEqual(filled, [1.0, 0.5, 0.0, 0.0, 0.0, 2.0])
        self.assertEqual(kept, [True, False, True, False, False, True])
        with self.assertRaises(ValueError):
            fill_with_group_mean([1.0], [])


class TrlTest(unittest.TestCase):
    def test_columns_none_and_logs(self) -> None:
        logged: dict[str, list] = {}
        metrics: dict[str, float] = {}
        function = reward_function(URL, name="correct")
        self.assertEqual(function.__name__, "correct")
        rewards = function(
            prompts=["p", "p", "q"],
            completions=[[{"role": "assistant", "content": "5"}], "6", "7"],
            completion_ids=[[1], [2], [3]],
            trainer_state=object(),
            log_extra=logged.__setitem__,
            log_metric=metrics.__setitem__,
            solution=["5", "5", "none"],
            unusable=[object()] * 3,
        )
        self.assertEqual(rewards, [1, 0, None])
        self.assertAlmostEqual(metrics["correct/no_verdict"], 1 / 3)
        self.assertEqual(len(logged["correct/reason"]), 3)

    def test_parts_are_logged_by_name(self) -> None:
        logged: dict[str, list] = {}
        ids = [["punctuation:no_comma"], ["punctuation:no_comma"]]
        rewards = reward_function(URL, "instructions")(
            ["p", "p"], ["a", "a, b"], log_extra=logged.__setitem__, instruction_id_list=ids, kwargs=[[{}], [{}]]
        )
        self.assertEqual(rewards, [1, 0])
        self.assertEqual(logged["instructions/0:punctuation:no_comma"], [1, 0])

    def test_lengths_for_rewards_on_length(self) -> None:
        rewards = reward_function(URL, "short")(["p", "p"], ["a", "a"], completion_ids=[[5], [5, 6, 7]])
        self.assertEqual(rewards, [-0.25, -0.75])
        self.assertEqual(reward_function(URL, "short")(["p"], ["a"]), [None])

    def test_groups_for_rewards_that_need_them(self) -> None:
        rewards = reward_function(URL, "ranked", grouped=True)(["p", "p", "q"], ["a", "bb", "c"])
        self.assertEqual(rewards, [0, 0.5, 0])
        self.assertEqual(reward_function(URL, "ranked")(["p"], ["a"]), [None])

    def test_a_reward_that_is_not_served_stops_the_run(self) -> None:
        with self.assertRaisesRegex(AssayError, "no reward 'nowhere' is served; served are: number, math, "):
            reward_function(URL, "nowhere")(["p"], ["a"])

    def test_pictures_stay_with_the_trainer(self) -> None:
        def asked(picture: object) -> list[dict[str, Any]]:
            parts = [{"type": "image", "image": picture}, {"type": "text", "text": "how many?"}]
            return [{"role": "user", "content": parts}]

        said = [{"role": "assistant", "content": "5", "raw": object()}]
        pictures = [object(), object()]
        prompts = [asked(pictures[0]), asked(pictures[0]), asked(pictures[1])]
        rewards = reward_function(URL, "number")(prompts, [said] * 3, solution=["5", "6", math.nan])
        self.assertEqual(rewards, [1, 0, None])
        self.assertEqual(reward_function(URL, "ranked", grouped=True)(prompts, [said] * 3), [0, 0, 0])

    def test_a_missing_column_is_said(self) -> None:
        with self.assertRaisesRegex(ValueError, "gold"):
            reward_function(URL, answer="gold")(["p"], ["a"])


class GroupMeansTest(unittest.TestCase):
    """A group of ten, of which every fifth times out: its mean is that of the others."""

    COMPLETIONS = ["never" if i % 5 == 4 else "x" * (i + 1) for i in range(10)]
    MEAN = sum(len(text) for text in COMPLETIONS if text != "never") / 8

    def test_trl_means_leave_none_out(self) -> None:
        rewards = reward_function(URL, "acting")(["p"] * 10, self.COMPLETIONS)
        known = [reward for reward in rewards if reward is not None]
        self.assertEqual(len(known), 8)
        self.assertEqual(sum(known) / len(known), self.MEAN)

    def test_verl_means_after_filling_are_those_of_the_others(self) -> None:
        def score(text: str) -> dict:
            return compute_score("any", text, None, url=URL, reward="acting", no_verdict=0.0)

        with ThreadPoolExecutor(max_workers=10) as pool:
            scored = list(pool.map(score, self.COMPLETIONS))
        rewards = [None if one["no_verdict"] else one["score"] for one in scored]
        filled, kept = fill_with_group_mean(rewards, ["g"] * 10)
        self.assertEqual(kept, [text != "never" for text in self.COMPLETIONS])
        self.assertAlmostEqual(sum(filled) / len(filled), self.MEAN)


if __name__ == "__main__":
    unittest.main()
