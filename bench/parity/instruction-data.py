"""Regenerates src/verify/instructions/data from the packages that the reference checkers lean on.

    python bench/parity/instruction-data.py NLTK_DATA

needs langdetect 1.0.9, syllapy 0.7.2 and emoji 2.15.0 importable, and under the folder NLTK_DATA
tokenizers/punkt_tab/english, corpora/stopwords/english and taggers/averaged_perceptron_tagger_eng (the JSON form).
Only measured numbers and word lists are taken over: n-gram counts, trained weights, lists. The layout of the packed
files is described in src/verify/instructions/data/packed.ts. Format the result with `npm run format`.
"""

import json
import os
import sys
import zlib

import emoji
import langdetect
import syllapy

nltk_data = sys.argv[1]
target = os.path.join(os.path.dirname(__file__), '..', '..', 'src', 'verify', 'instructions', 'data')
DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%_#'


def varint(n):
    out = bytearray()
    while n >= 128:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def zigzag(n):
    return n * 2 if n >= 0 else -n * 2 - 1


def section(data):
    return varint(len(data)) + bytes(data)


def numbers(values):
    """A byte with the bit length of each value, then the bits below the leading one, lowest first."""
    lengths, bits, filled, packed = bytearray(), 0, 0, bytearray()
    for value in values:
        size = value.bit_length()
        lengths.append(size)
        if size > 1:
            bits |= (value - (1 << (size - 1))) << filled
            filled += size - 1
            while filled >= 8:
                packed.append(bits & 255)
                bits >>= 8
                filled -= 8
    packed.append(bits & 255)
    return section(lengths) + section(packed)


def words(values):
    """Front-coded sorted strings: how many UTF-16 units are shared with the one before, then the rest and a line break."""
    shared, rest, before = bytearray(), [], ''
    for value in values:
        same = 0
        while same < min(len(value), len(before), 255) and value[same] == before[same]:
            same += 1
        shared.append(same)
        rest.append(value[same:] + '\n')
        before = value
    return varint(len(values)) + section(shared) + section(''.join(rest).encode())


def index_lists(lists):
    """For each list of rising indices its length, then the differences."""
    sizes, steps = bytearray(), bytearray()
    for one in lists:
        sizes.append(len(one))
        before = -1
        for index in one:
            steps.append(index - before)
            before = index
    return section(sizes) + section(steps)


def base85(data):
    data += b'\0' * (-len(data) % 4)
    out = []
    for at in range(0, len(data), 4):
        n = int.from_bytes(data[at:at + 4], 'big')
        digits = []
        for _ in range(5):
            digits.append(DIGITS[n % 85])
            n //= 85
        out.append(''.join(reversed(digits)))
    return ''.join(out)


def pack(data):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return base85(squeeze.compress(bytes(data)) + squeeze.flush())


def write(name, about, fields):
    """JSON, not a module: nothing has to be compiled before the tables are needed."""
    path = os.path.join(target, name)
    with open(path, 'w', encoding='utf8') as file:
        json.dump({'about': ' '.join(about + ['Written by bench/parity/instruction-data.py.']), **fields}, file, indent=2, ensure_ascii=False)
        file.write('\n')
    print(name, os.path.getsize(path))


def languages():
    folder = os.path.join(os.path.dirname(langdetect.__file__), 'profiles')
    profiles = [json.load(open(os.path.join(folder, name), encoding='utf8')) for name in os.listdir(folder)]
    # langdetect loads in the order of the file system; ties between languages cannot depend on it, so: by name.
    profiles.sort(key=lambda profile: profile['name'])
    grams = {}
    for index, profile in enumerate(profiles):
        for gram, count in profile['freq'].items():
            if 1 <= len(gram) <= 3:
                grams.setdefault(gram, {})[index] = count
    ordered = sorted(grams)
    out = varint(len(profiles))
    out += section('\n'.join(profile['name'] for profile in profiles).encode())
    for profile in profiles:
        for total in profile['n_words']:
            out += varint(total)
    out += words(ordered)
    out += index_lists([sorted(grams[gram]) for gram in ordered])
    out += numbers([grams[gram][index] for index in range(len(profiles)) for gram in ordered if index in grams[gram]])
    from langdetect.utils import messages
    from langdetect.utils.ngram import NGram
    kanji = '\n'.join(NGram.CJK_CLASS)
    vietnamese = [NGram.TO_NORMALIZE_VI_CHARS, NGram.DMARK_CLASS, *NGram.NORMALIZED_VI_CHARS]
    write('languages.json', [
        'Counts of letter n-grams in 55 languages, from the PyPI package langdetect 1.0.9 (Apache-2.0; profiles by',
        "Nakatani Shuyo's language-detection, from Wikipedia), with its classes of kanji and its Vietnamese letters: base",
        'letters, combining marks, and the composed letters of each mark in the order of the base letters.',
    ], {'profiles': pack(out), 'kanji': pack(kanji.encode()), 'vietnamese': vietnamese})


def punkt():
    folder = os.path.join(nltk_data, 'tokenizers', 'punkt_tab', 'english')

    def lines(name):
        return [line for line in open(os.path.join(folder, name), encoding='utf8').read().split('\n') if line]

    context = dict(line.split('\t') for line in lines('ortho_context.tab'))
    ordered = sorted(context)
    out = words(sorted(lines('abbrev_types.txt')))
    out += words(sorted(lines('sent_starters.txt')))
    out += words(sorted(lines('collocations.tab')))
    out += words(ordered)
    out += section(bytes(int(context[word]) for word in ordered))
    write('punkt.json', [
        'Trained parameters of the English Punkt sentence splitter (Kiss and Strunk 2006; trained by Jan Strunk), from the',
        'punkt_tab data of NLTK as shipped in the PyPI package llama-index-core 0.14.25.',
    ], {'parameters': pack(out)})


def tagger():
    folder = os.path.join(nltk_data, 'taggers', 'averaged_perceptron_tagger_eng')
    weights, tagdict, classes = (
        json.load(open(os.path.join(folder, f'averaged_perceptron_tagger_eng.{part}.json')))
        for part in ('weights', 'tagdict', 'classes')
    )
    labels = sorted(classes)
    # Features of the place before the first word: NLTK pads with -START- and then -START2-.
    always = ['bias', 'i-1 tag -START-', 'i-2 tag -START2-', 'i tag+i-2 tag -START- -START2-',
              'i-1 word -START2-', 'i-1 suffix T2-', 'i-2 word -START-']
    always = sorted(key for key in always if key in weights)
    kinds = ['i suffix ', 'i pref1 ', 'i word ', 'i-1 tag+i word -START- ', 'i+1 word ', 'i+1 suffix ', 'i+2 word ']
    groups = [always] + [sorted(key for key in weights if key.startswith(kind)) for kind in kinds]
    out = section('\n'.join(labels).encode())
    verbs = sorted(word for word, tag in tagdict.items() if 'VB' in tag)
    others = sorted(word for word, tag in tagdict.items() if 'VB' not in tag)
    out += words(verbs) + words(others)
    for kind, group in zip([''] + kinds, groups):
        out += words([key[len(kind):] for key in group])
        rows = [[(labels.index(label), round(weight * 1000)) for label, weight in weights[key].items()] for key in group]
        for row in rows:
            row.sort()
        out += index_lists([[label for label, _ in row] for row in rows])
        out += numbers([zigzag(weight) for row in rows for _, weight in row])
    write('tagger.json', [
        "Weights of NLTK's English averaged perceptron tagger (Matthew Honnibal, MIT) that can act on the first word of a",
        'text, in thousandths, from nltk_data (averaged_perceptron_tagger).',
    ], {'weights': pack(out)})


def syllables():
    odd = sorted(word for word, n in syllapy.WORD_DICT.items()
                 if word and not any(c.isdigit() for c in word) and n % 2 != syllapy._syllables(word) % 2)
    write('syllables.json', [
        'Words whose number of syllables in the list of the PyPI package syllapy 0.7.2 (MIT) is odd where counting groups of',
        'vowels says even, or the other way round.',
    ], {'words': ' '.join(odd)})


def lists():
    points = sorted(ord(key) for key in emoji.EMOJI_DATA if len(key) == 1)
    ranges = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    text = ' '.join(f'{a:x}' if a == b else f'{a:x}-{b:x}' for a, b in ranges)
    stop = [word for word in open(os.path.join(nltk_data, 'corpora', 'stopwords', 'english'), encoding='utf8').read().split()
            if all(c.isalnum() or c == '_' for c in word)]
    write('lists.json', [
        'Single code points that are emoji in the PyPI package emoji 2.15.0 (BSD-3-Clause), as ranges of hexadecimal numbers;',
        'and the English stop words of NLTK without an apostrophe (no word of the counting has one).',
    ], {'emoji': text, 'stopWords': ' '.join(sorted(stop))})


os.makedirs(target, exist_ok=True)
languages()
punkt()
tagger()
syllables()
lists()
