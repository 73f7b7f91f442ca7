"""Math-Verify on pairs: one JSON document on stdin {"pairs": [[gold, completion], ...], "passes": n}, one on stdout.

Each pair is parsed and compared as its README shows; timeouts are off, since signals need the main thread's clock and
cost time. Answers: verdicts of the first pass, seconds of each pass, seconds of each pair in the last pass.
"""

import json
import sys
import time

import math_verify
from importlib.metadata import version
from math_verify import parse, verify
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig

LATEX_AND_EXPRESSION = [LatexExtractionConfig(), ExprExtractionConfig()]


def judge(gold: str, completion: str) -> bool:
    try:
        reference = parse("$" + gold + "$", extraction_config=LATEX_AND_EXPRESSION, parsing_timeout=None)
        answer = parse(completion, extraction_config=LATEX_AND_EXPRESSION, parsing_timeout=None)
        if not answer:
            answer = parse("$" + completion + "$", extraction_config=LATEX_AND_EXPRESSION, parsing_timeout=None)
        return bool(verify(reference, answer, timeout_seconds=None))
    except Exception:
        return False


def main() -> None:
    document = json.load(sys.stdin)
    pairs = document["pairs"]
    verdicts = [judge(gold, completion) for gold, completion in pairs]
    seconds, each = [], []
    for _ in range(document["passes"]):
        each = []
        for gold, completion in pairs:
            start = time.perf_counter()
            judge(gold, completion)
            each.append(time.perf_counter() - start)
        seconds.append(sum(each))
    json.dump(
        {"package": "math-verify", "version": version("math-verify"), "verdicts": verdicts, "seconds": seconds, "each": each},
        sys.stdout,
    )


if __name__ == "__main__":
    _ = math_verify
    main()
