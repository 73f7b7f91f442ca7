"""BLEU of sacrebleu, GLEU of NLTK. pip install sacrebleu nltk"""

import random

from common import mutate, pairs, write
from nltk.translate.gleu_score import sentence_gleu
from sacrebleu.metrics import BLEU

SETTINGS = [
    {"smooth_method": "exp"},
    {"smooth_method": "none"},
    {"smooth_method": "floor"},
    {"smooth_method": "add-k", "smooth_value": 1},
    {"smooth_method": "exp", "max_ngram_order": 1},
    {"smooth_method": "exp", "max_ngram_order": 2, "lowercase": True},
    {"smooth_method": "exp", "effective_order": False},
]

rng = random.Random(3)
bleus, gleus = [], []
for candidate, reference in pairs(80, 21):
    references = [reference] + [mutate(rng, reference) for _ in range(rng.randint(0, 2))]
    scores = []
    for setting in SETTINGS:
        options = {"effective_order": True, **setting}
        metric = BLEU(tokenize="13a", **options)
        scores.append({"options": options, "score": metric.sentence_score(candidate, references).score / 100})
    bleus.append({"candidate": candidate, "references": references, "scores": scores})
    gleu = sentence_gleu([r.split() for r in references], candidate.split())
    gleus.append({"candidate": candidate, "references": references, "score": gleu})
write("src/verify/text/fixtures/bleu.json", "sacrebleu", __file__, bleus)
write("src/verify/text/fixtures/gleu.json", "nltk", __file__, gleus)
