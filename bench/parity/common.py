"""Shared by the parity scripts: text pairs made from a fixed seed, and how a fixture is written.

A fixture names the package, its version and the script that made it; test/fixtures.test.ts fails on one that does not.
"""

import json
import random
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WORDS = (
    "the a an cat dogs sat running quickly studies on mat happily nationalization of relational ponies "
    "flies died agreed plastered motoring conflated troubled sized hopping falling hissing fizzed failing "
    "Paris France's co-operate 3.14 1,000 $5 50% don't e.g. U.S. naïve café Zürich 東京 и мир \U0001f600 ok"
).split()


def sentence(rng, low=0, high=18):
    words = [rng.choice(WORDS) for _ in range(rng.randint(low, high))]
    text = " ".join(words)
    if words and rng.random() < 0.6:
        text += rng.choice([".", "!", "?", " .", "..."])
    return text


def mutate(rng, text):
    words = text.split(" ")
    for _ in range(rng.randint(0, 4)):
        if not words:
            break
        at = rng.randrange(len(words))
        what = rng.random()
        if what < 0.3:
            words[at] = rng.choice(WORDS)
        elif what < 0.5:
            del words[at]
        elif what < 0.7:
            words.insert(at, rng.choice(WORDS))
        elif what < 0.85:
            words[at] = words[at].upper()
        else:
            words[at] = words[at][::-1]
    return " ".join(words)


def pairs(n, seed):
    """n pairs of a candidate and a reference, half of them related."""
    rng = random.Random(seed)
    out = [("", "the cat"), ("the cat", "the cat"), ("cat", "dog"), ("a b c", "c b a")]
    while len(out) < n:
        reference = sentence(rng, 1)
        candidate = mutate(rng, reference) if rng.random() < 0.6 else sentence(rng)
        out.append((candidate, reference))
    return out


def write(path, package, script, cases):
    """`package` is a name on PyPI or a list of them; `python` for the standard library."""
    import platform

    names = package if isinstance(package, list) else [package]
    versions = [platform.python_version() if name == "python" else version(name) for name in names]
    document = {
        "package": ", ".join(names),
        "version": ", ".join(versions),
        "script": f"bench/parity/{Path(script).name}",
        "cases": cases,
    }
    target = ROOT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {len(cases)} cases of {document['package']} {document['version']}")
