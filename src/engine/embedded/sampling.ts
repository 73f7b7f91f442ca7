import type { SampleParams, Trie } from '../../core/engine.ts';
import { InputError } from '../../core/errors.ts';
import type { Completion } from '../../core/sample.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { SampledTokens, SampleJob } from './decoding.ts';

/** Refuses parameters outside their range. Throws InputError naming what is wrong. */
export function checkedParams(params: SampleParams): SampleParams & { readonly temperature: number } {
  const { temperature = 1, topK, topP, maxTokens, stop, trie, candidates } = params;
  const refuse = (name: string, value: unknown, needs: string) => {
    throw new InputError(`sampling: ${name} is ${String(value)}; it must be ${needs}`);
  };
  if (!(temperature >= 0 && temperature < Infinity)) refuse('temperature', temperature, '0 or more');
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1))
    refuse('maxTokens', maxTokens, 'a whole number from 1');
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1))
    refuse('topK', topK, 'a whole number from 1');
  if (topP !== undefined && !(topP > 0 && topP <= 1)) refuse('topP', topP, 'above 0 and at most 1');
  if (stop?.some((string) => string === '')) refuse('a stop string', "''", 'one character or more');
  if (trie && candidates) throw new InputError('sampling: trie and candidates exclude each other');
  if (candidates?.length === 0) throw new InputError('sampling: candidates is empty');
  return { ...params, temperature };
}

/** The parameters of a job. Throws InputError as `checkedParams`. */
export function jobParams(
  params: SampleParams,
  tokenizer: Tokenizer,
): Omit<SampleJob, 'contexts' | 'of' | 'seeds'> {
  const { temperature, topK, topP, maxTokens, stop, trie, candidates } = checkedParams(params);
  return {
    temperature,
    topK,
    topP,
    maxTokens,
    end: tokenizer.end,
    trie: candidates ? trieOf(candidates.map((text) => tokenizer.encode(text))) : trie,
    stop:
      stop && stop.length > 0
        ? {
            strings: stop.map((string) => new TextEncoder().encode(string)),
            pieces: Array.from({ length: tokenizer.size }, (_, token) => tokenizer.bytes(token)),
          }
        : undefined,
  };
}

/** The tree of some token sequences. */
export function trieOf(sequences: readonly Int32Array[]): Trie {
  interface Node {
    next: Map<number, Node>;
    end?: boolean;
  }
  const root: Node = { next: new Map() };
  for (const sequence of sequences) {
    let node = root;
    for (const token of sequence) {
      let child = node.next.get(token);
      if (!child) {
        child = { next: new Map() };
        node.next.set(token, child);
      }
      node = child;
    }
    node.end = true;
  }
  return root;
}

/** A completion from its tokens: those of the prefill have log-probability 0, since they were given. */
export function completionOf(
  sampled: SampledTokens,
  prefill: Int32Array,
  tokenizer: Tokenizer,
  stop: readonly string[] | undefined,
): Completion {
  const n = prefill.length;
  const tokens = new Int32Array(n + sampled.tokens.length);
  tokens.set(prefill);
  tokens.set(sampled.tokens, n);
  const logprobs = new Float64Array(tokens.length);
  logprobs.set(sampled.logprobs, n);
  let text = tokenizer.decode(tokens);
  const offsets = tokenizer.offsets(tokens);
  if (stop && stop.length > 0 && sampled.finish === 'stop') {
    const from = n === 0 ? 0 : (offsets[n] ?? text.length);
    const found = stop.map((string) => text.indexOf(string, from)).filter((at) => at >= 0);
    if (found.length > 0) text = text.slice(0, Math.min(...found));
  }
  return {
    text,
    tokens,
    logprobs,
    offsets,
    length: tokens.length,
    finish: sampled.finish,
    ...(n > 0 ? { prefilled: n } : {}),
  };
}
