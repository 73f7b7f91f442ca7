"""Edit distances of rapidfuzz and Levenshtein, difflib of Python, jiwer, anls-star. pip install rapidfuzz Levenshtein jiwer anls_star"""

import difflib
import random

import jiwer
import Levenshtein
from anls_star import anls_score
from common import pairs, write
from rapidfuzz.distance import Indel
from rapidfuzz.distance import Levenshtein as RapidLevenshtein

texts = pairs(120, 31)
rng = random.Random(9)
for _ in range(40):  # a small alphabet: many ties
    make = lambda: "".join(rng.choice("abc") for _ in range(rng.randint(0, 40)))
    texts.append((make(), make()))
folder = "src/verify/text/fixtures"
write(
    f"{folder}/levenshtein.json",
    ["rapidfuzz", "Levenshtein"],
    __file__,
    [
        {
            "candidate": a,
            "reference": b,
            "levenshtein": RapidLevenshtein.normalized_similarity(a, b),
            "indelRatio": Levenshtein.ratio(a, b),
            "indelRapidfuzz": Indel.normalized_similarity(a, b),
        }
        for a, b in texts
    ],
)
write(
    f"{folder}/sequence-ratio.json",
    "python",
    __file__,
    [
        {"candidate": a, "reference": b, "ratio": difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()}
        for a, b in texts
    ],
)
write(
    f"{folder}/error-rate.json",
    "jiwer",
    __file__,
    [
        {"candidate": a, "reference": b, "wer": jiwer.wer(b, a), "cer": jiwer.cer(b, a)}
        for a, b in texts
        if b.strip() and "  " not in a + b and a == a.strip() and b == b.strip()
    ],
)
write(
    f"{folder}/anls.json",
    "anls-star",
    __file__,
    [{"candidate": a, "reference": b, "anls": anls_score(a, b)} for a, b in texts if b.strip()],
)
