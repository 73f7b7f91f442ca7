"""ROUGE of rouge-score and Porter stems of NLTK. pip install rouge-score nltk"""

import random

from common import WORDS, pairs, sentence, write
from nltk.stem.porter import PorterStemmer
from rouge_score.rouge_scorer import RougeScorer

cases = []
scorers = {stem: RougeScorer(["rouge1", "rouge2", "rougeL", "rougeLsum"], use_stemmer=stem) for stem in (False, True)}
rng = random.Random(5)
texts = pairs(60, 11)
for _ in range(20):  # several lines, for ROUGE-Lsum
    reference = [sentence(rng, 1, 9) for _ in range(rng.randint(1, 4))]
    candidate = rng.sample(reference, rng.randint(1, len(reference))) + [sentence(rng, 0, 9)]
    texts.append(("\n".join(candidate), "\n".join(reference)))
for candidate, reference in texts:
    scores = {}
    for stem, scorer in scorers.items():
        for name, score in scorer.score(reference, candidate).items():
            scores[f"{name[5:]}{' stem' if stem else ''}"] = [score.precision, score.recall, score.fmeasure]
    cases.append({"candidate": candidate, "reference": reference, "scores": scores})
write("src/verify/text/fixtures/rouge.json", "rouge-score", __file__, cases)

stems = [
    "caresses ponies ties caress cats feed agreed disabled matting mating meeting milling messing meetings plastered bled",
    "motoring sing conflated troubled sized hopping tanned falling hissing fizzed failing filing happy sky skies dying lying",
    "news innings relational conditional rational valenci hesitanci digitizer conformabli radicalli differentli vileli",
    "analogousli vietnamization predication operator feudalism decisiveness hopefulness callousness formaliti sensitiviti",
    "sensibiliti triplicate formative formalize electriciti electrical hopeful goodness revival allowance inference airliner",
    "gyroscopic adjustable defensible irritant replacement adjustment dependent adoption homologou communism activate",
    "angulariti homologous effective bowdlerize probate rate cease controll roll yyyy sayying enjoyed syzygy cried dies tied",
    "fully hopefully carefulli geology apologi technologi generically typically naturalally es s ing ed eed proceed succeeds",
]
words = sorted({word for line in stems for word in line.split()} | {word.lower() for word in WORDS if word.isascii() and word.isalpha()})
stemmer = PorterStemmer()
write("src/verify/text/fixtures/porter-stem.json", "nltk", __file__, [{"word": w, "stem": stemmer.stem(w)} for w in words])
