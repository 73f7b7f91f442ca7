"""Reads src/engine/tokenizer/fixtures/bpe-texts.json (made by bench/parity/bpe.ts) and writes bpe-ids.json beside it: the ids that
Hugging Face tokenizers gives with the same merges. Needs: pip install tokenizers==0.23.3"""
import json
import pathlib

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

folder = pathlib.Path(__file__).resolve().parents[2] / "src/engine/tokenizer/fixtures"
given = json.loads((folder / "bpe-texts.json").read_text())

# GPT-2 writes bytes as printable characters: those that are printable as themselves, the rest from U+0100 on.
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
names = {byte: chr(byte) for byte in printable}
for k, byte in enumerate(b for b in range(256) if b not in names):
    names[byte] = chr(256 + k)

pieces = [names[byte] for byte in range(256)]
merges = []
for left, right in given["merges"]:
    merges.append((pieces[left], pieces[right]))
    pieces.append(pieces[left] + pieces[right])

tokenizer = Tokenizer(models.BPE(vocab={piece: i for i, piece in enumerate(pieces)}, merges=merges))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()

ids = [tokenizer.encode(text).ids for text in given["texts"]]
out = {"package": "tokenizers", "version": tokenizers.__version__, "script": "bench/parity/bpe.py", "ids": ids}
(folder / "bpe-ids.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(len(ids), "texts,", sum(map(len, ids)), "tokens")
