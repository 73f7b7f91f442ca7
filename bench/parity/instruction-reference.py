"""Judges lines of {id, parameters, text} with the reference implementations and writes their verdicts.

    python bench/parity/instruction-reference.py CASES.jsonl OUT.jsonl.gz     keeps the verdicts (a fixture)
    python bench/parity/instruction-reference.py --evaluate ROWS.jsonl        times strict and loose over rows

needs the package `ifbench` 0.2.0 importable (repository allenai/IFBench, commit db69a6f; its classic_instructions are
Google's IFEval verbatim), with nltk 3.9.2 and its data, langdetect 1.0.9, emoji 2.15.0 and syllapy 0.7.2. langdetect draws
random numbers; its seed is set to 0 here. A response counts as failing when the reference raises an error.
"""

import gzip
import importlib.metadata
import json
import sys
import time

import nltk

nltk.download = lambda *arguments, **keywords: True

from ifbench import instructions_registry  # noqa: E402
from langdetect import DetectorFactory  # noqa: E402

DetectorFactory.seed = 0


def instruction(name, parameters):
    made = instructions_registry.INSTRUCTION_DICT[name](name)
    made.build_description(**parameters)
    return made


def follows(made, text):
    try:
        return bool(text.strip() and made.check_following(text))
    except Exception:
        return None


def keep(source, target):
    versions = {name: importlib.metadata.version(name) for name in ('nltk', 'langdetect', 'emoji', 'syllapy')}
    head = {
        'reference': 'allenai/IFBench db69a6f (ifbench 0.2.0)',
        'script': 'bench/parity/instruction-reference.py',
        'cases': 'bench/parity/instruction-cases.ts',
        'versions': versions,
    }
    with gzip.GzipFile(target, 'wb', 9, mtime=0) as out:
        out.write((json.dumps(head) + '\n').encode())
        for line in open(source, encoding='utf8'):
            case = json.loads(line)
            verdict = follows(instruction(case['id'], case['parameters']), case['text'])
            row = [case['id'], case['parameters'], case['text'], verdict]
            out.write((json.dumps(row, ensure_ascii=False) + '\n').encode('utf8', 'surrogatepass'))


def loose(text):
    lines = text.split('\n')
    pieces = [text, '\n'.join(lines[1:]).strip(), '\n'.join(lines[:-1]).strip(), '\n'.join(lines[1:-1]).strip()]
    return pieces + [piece.replace('*', '') for piece in pieces]


def evaluate(source):
    rows = [json.loads(line) for line in open(source, encoding='utf8')]
    instruction('language:response_language', {'language': 'en'}).check_following('Loads the profiles before the clock starts.')
    start = time.perf_counter()
    held = 0
    for row in rows:
        variants = loose(row['text'])
        for name, parameters in row['instructions']:
            made = instruction(name, parameters)
            held += follows(made, row['text']) is True
            held += any(follows(made, variant) for variant in variants)
    print(json.dumps({'responses': len(rows), 'held': held, 'seconds': time.perf_counter() - start}))


if sys.argv[1] == '--evaluate':
    evaluate(sys.argv[2])
else:
    keep(sys.argv[1], sys.argv[2])
