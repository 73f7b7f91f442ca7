"""Exact match, F1 and normal form of the SQuAD 1.1 evaluation script, as transformers ships it. pip install transformers"""

from common import pairs, write
from transformers.data.metrics.squad_metrics import compute_exact, compute_f1, normalize_answer

extra = [
    ("The Beatles!", "the beatles"),
    ("a an the", "A"),
    ("the the cat", "the cat"),
    ("anaconda theatre", "anaconda the theatre"),
    ("naïve café", "naive cafe"),
    ("co-operate", "cooperate"),
    ("l’a the “quoted”", "quoted"),
    ("U.S.A.", "usa"),
    ("1,000.50", "1000.50"),
    ("and\u00a0the\u2003cat\u001fsat", "and cat sat"),
    ("under_score a_b", "underscore"),
]
cases = []
for candidate, reference in extra + pairs(80, 41):
    cases.append(
        {
            "candidate": candidate,
            "reference": reference,
            "normalized": normalize_answer(candidate),
            "exact": compute_exact(reference, candidate),
            "f1": compute_f1(reference, candidate),
        }
    )
write("src/verify/text/fixtures/squad.json", "transformers", __file__, cases)
