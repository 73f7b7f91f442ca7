"""Writes what NLTK and langdetect make of awkward made-up texts: sentences, tokens, whether the first token's tag is a
verb's, and the language with the seed 0.

    python bench/parity/instruction-text-tools.py OUT.json.gz

needs nltk 3.9.2 with its data (punkt_tab, averaged_perceptron_tagger_eng) and langdetect 1.0.9.
"""

import gzip
import importlib.metadata
import json
import random
import sys

import langdetect
import nltk

langdetect.DetectorFactory.seed = 0
PIECES = [
    'Mr.', 'Dr. Smith', 'e.g.', 'i.e.', 'U.S.', 'U.S. The', 'a.m.', 'p.m. He', 'J. R. R. Tolkien', '3.14', '3.', 'No. 5',
    'etc.', '...', '…', '?!', '!!!', '"', "'", "''", '``', '“', '”', '‘', '’', '(', ')', '[', ']', '{', '}', '--', '—', '-',
    'hello', 'World', 'the', 'The', "can't", "won't", 'cannot', 'gonna', "'tis", "'Twas", "d'ye", 'wanna go', 'Inc.',
    'Ltd. He', 'St. Louis', 'Ph.D.', 'vs.', 'Jan. 5', '$5.00', '50%', 'a,b', 'a:b', '12:30', 'x@y.com', '#tag', '*bold*',
    '**b**', '\n', '\n\n', ' \n ', '\t', '\u00a0', '\u2003', 'é', 'Über', 'ñ', '日本語', '。', '😀', '!.', '?.', '.)', ".'",
    '."', '.”', "I'll", "he's", "they'RE", "N'T", "n't", "'s", "s'", "rock 'n' roll", "more'n", 'lemme', 'gimme', 'whatcha',
    'et al.', 'Fig. 2', 'p. 12', 'A.', 'B. And', 'x.y', 'www.a.com', '1,000', '1.', '2)', '- item', '* item', ';', ':',
    '<<t>>', '\x1c', '\x85', '\u2028', 'etc.)', 'etc. And', 'etc. and', 'C.', 'Σ', 'ΑΣ', 'İ', 'ǅ', '²', '٣', 'Mt.', 'Sen.',
    'Gov. X', '...and', '... And', '.. x', '- -', '---', '. . .', '. . . Then', 'a . b', '.b', '!a', '?"', '".', '“Hi.” He',
    "'Hi.' he", '(Hi.) He', '[Hi!] he', 'Hi.] He', 'end.', 'Go', 'Run fast', 'Consider', 'Explaining', 'Bring',
    'der Wald und die Stadt', 'la maison est belle', 'el libro de la ciudad', 'сегодня хорошая погода', '今日は天気がいい',
    'http://a.com/x', 'me@mail.org', 'NASA HQ', 'ĂȘ ț', 'Việt Nam đẹp', 'a\u0301 e\u0300',
]


def language(text):
    try:
        return langdetect.detect(text)
    except langdetect.LangDetectException:
        return None


generator = random.Random(11)
rows = []
for _ in range(600):
    text = ''.join(
        generator.choice(PIECES) + generator.choice([' ', ' ', ' ', '', '\n', '  ']) for _ in range(generator.randint(1, 25))
    )
    tokens = nltk.word_tokenize(text)
    verb = bool(tokens) and 'VB' in nltk.pos_tag(tokens)[0][1]
    rows.append([text, nltk.sent_tokenize(text), tokens, verb, language(text)])
head = {
    'script': 'bench/parity/instruction-text-tools.py',
    'versions': {name: importlib.metadata.version(name) for name in ('nltk', 'langdetect')},
}
with gzip.GzipFile(sys.argv[1], 'wb', 9, mtime=0) as out:
    out.write(json.dumps({**head, 'rows': rows}).encode())
