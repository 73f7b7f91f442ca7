import { isNoVerdict } from '../../core/index.ts';
import type { BlockPlace, Store, StoredSample } from '../../store/index.ts';
import type { SampleRow } from '../api.ts';
import { marksIn, type Term } from '../index-file/words.ts';
import { finite } from '../metrics.ts';
import { excerpt } from './excerpt.ts';
import { promptLines, saidText } from './present.ts';
import { stepNumbers, zeroVarianceOf } from './step-numbers.ts';

/** Matches that are marked in one text, and parts that a row shows. */
const most = { marks: 20, parts: 64, reason: 500 };

/**
 * Reads rows of a list by their places. Samples that follow one another mostly lie in one block, which is read once. Gives
 * undefined for a sample that is not in the store any more.
 */
export function createRowReader(
  {
    store,
    run,
    split,
    blocks,
  }: {
    readonly store: Store;
    readonly run: string;
    readonly split: string;
    readonly blocks: readonly BlockPlace[];
  },
  terms: readonly Term[],
): (step: number, position: number) => SampleRow | undefined {
  let block: { readonly place: BlockPlace; readonly samples: readonly StoredSample[] } | undefined;
  let numbers: { readonly step: number; readonly alike: Uint8Array } | undefined;
  const alike = (step: number) => {
    if (numbers?.step !== step) {
      const [own] = [...stepNumbers(store, run, ['value', 'group'], { split, from: step, to: step })];
      numbers = { step, alike: own ? zeroVarianceOf(own) : new Uint8Array() };
    }
    return numbers.alike;
  };
  return (step, position) => {
    const place = blockAt(blocks, step, position);
    if (!place) return undefined;
    if (block?.place !== place) block = { place, samples: store.blockSamples(run, place, split) };
    const sample = block.samples[position - place.first];
    return sample && rowOf(sample, alike(step)[position] === 1, terms);
  };
}

function blockAt(blocks: readonly BlockPlace[], step: number, position: number): BlockPlace | undefined {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = blocks[middle]!;
    if (at.step < step || (at.step === step && at.first <= position)) low = middle + 1;
    else high = middle;
  }
  const found = blocks[low - 1];
  return found?.step === step ? found : undefined;
}

function rowOf(sample: StoredSample, zeroVariance: boolean, terms: readonly Term[]): SampleRow {
  const { verdict, turns, task, advantages } = sample;
  const [prompt, completion] = [promptLines(task.prompt), saidText(turns)];
  const shown = {
    prompt: excerpt(prompt, marksIn(prompt, terms, 'prompt', most.marks)),
    completion: excerpt(completion, marksIn(completion, terms, 'completion', most.marks)),
  };
  return {
    step: sample.step,
    split: sample.split,
    group: sample.group,
    position: sample.position,
    id: sample.id,
    prompt: shown.prompt.text,
    completion: shown.completion.text,
    marks: { prompt: shown.prompt.marks, completion: shown.completion.marks },
    value: isNoVerdict(verdict) ? null : verdict!.value,
    cause: verdict?.cause ?? null,
    reason: verdict?.reason?.slice(0, most.reason) ?? null,
    parts: Object.fromEntries(
      Object.entries(verdict?.parts ?? {})
        .slice(0, most.parts)
        .map(([name, part]) => [name, finite(part.value)]),
    ),
    advantage: finite(advantages.policy ?? Object.values(advantages)[0]),
    finish: turns.at(-1)?.finish ?? null,
    length: sample.length ?? null,
    zeroVariance,
  };
}
