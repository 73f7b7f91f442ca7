"""Pairs a second of the Python packages that bench/text.ts compares with. Reads {"pairs": [[candidate, reference], …]} from
standard input, writes {"figure": {"package", "version", "perSecond"}} for those that can be imported."""

import difflib
import json
import platform
import statistics
import sys
import time
from importlib.metadata import version

pairs = json.load(sys.stdin)["pairs"]
found = {}


def measure(name, package, run):
    run(*pairs[0])
    rates = []
    for _ in range(5):
        started = time.perf_counter()
        for candidate, reference in pairs:
            run(candidate, reference)
        rates.append(len(pairs) / (time.perf_counter() - started))
    found[name] = {
        "package": package,
        "version": platform.python_version() if package == "difflib" else version(package),
        "perSecond": statistics.median(rates),
    }


try:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL"])
    measure("rouge", "rouge-score", lambda c, r: scorer.score(r, c))
except ImportError:
    pass
try:
    from sacrebleu.metrics import BLEU

    metric = BLEU(effective_order=True)
    measure("bleu", "sacrebleu", lambda c, r: metric.sentence_score(c, [r]))
except ImportError:
    pass
try:
    from rapidfuzz.distance import Levenshtein

    measure("levenshtein", "rapidfuzz", Levenshtein.normalized_similarity)
except ImportError:
    pass
try:
    import jiwer

    measure("wer", "jiwer", lambda c, r: jiwer.wer(r, c))
except ImportError:
    pass
measure(
    "sequenceRatio", "difflib", lambda c, r: difflib.SequenceMatcher(None, c, r, autojunk=False).ratio()
)
json.dump(found, sys.stdout)
