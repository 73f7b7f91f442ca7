/** Reads the reference package's fixture and writes it again, for `bench/parity/safetensors_files.py FILE` to check. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '../../src/engine/safetensors.ts';

const fixture = join(import.meta.dirname, '../../src/engine/fixtures/python.safetensors');
const out = process.argv[2];
if (out === undefined) throw new Error('usage: node bench/parity/safetensors-files.ts FILE');
const { tensors, metadata } = readSafetensors(readFileSync(fixture), fixture);
writeFileSync(out, writeSafetensors(tensors, metadata));
