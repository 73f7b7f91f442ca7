import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInstructions } from './rows.ts';

const data = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');
const expected = {
  instructions: [
    { id: 'punctuation:no_comma', parameters: {} },
    { id: 'length_constraints:number_words', parameters: { num_words: 3, relation: 'at least' } },
  ],
};
const ids = expected.instructions.map(({ id }) => id);
const kwargs = expected.instructions.map(({ parameters }) => parameters);

describe('rows', () => {
  it.each([
    ['IFEval', { data: { key: 1, instruction_id_list: ids, kwargs } }],
    ['an answer', { answer: { instruction_id_list: ids, kwargs } }],
    [
      'strings of JSON',
      { data: { instruction_id_list: JSON.stringify(ids), kwargs: JSON.stringify(kwargs) } },
    ],
    [
      'kwargs of strings',
      { data: { instruction_id_list: ids, kwargs: kwargs.map((one) => JSON.stringify(one)) } },
    ],
    [
      'verl',
      {
        data: {
          reward_model: { style: 'rule', ground_truth: JSON.stringify({ instruction_id_list: ids, kwargs }) },
        },
      },
    ],
    ['extra_info', { data: { ground_truth: 'none', extra_info: { instruction_id_list: ids, kwargs } } }],
    ['verifier_metadata', { data: { verifier_metadata: { instruction_id_list: ids, kwargs } } }],
    ['TRL', { data: { ground_truth: JSON.stringify([{ instruction_id: ids, kwargs }]) } }],
    [
      'one object an instruction',
      { data: { ground_truth: ids.map((id, i) => ({ instruction_id: id, kwargs: kwargs[i]! })) } },
    ],
    ['plain constraints', { data: { constraints: ids.map((id, i) => ({ id, ...kwargs[i] })) } }],
    ['ids with kwargs', { data: { instructions: ids.map((id, i) => ({ id, kwargs: kwargs[i]! })) } }],
    ['a string answer', { answer: JSON.stringify({ instruction_id_list: ids, kwargs }) }],
  ])('are read from %s', (_, task) => {
    expect(readInstructions(task as never)).toEqual(expected);
  });

  it('take absent and null parameters as none', () => {
    const row = { data: { instruction_id_list: ['a', 'b'], kwargs: [null] } };
    expect(readInstructions(row)).toEqual({
      instructions: [
        { id: 'a', parameters: {} },
        { id: 'b', parameters: {} },
      ],
    });
  });

  it('keep their weights', () => {
    const row = { data: { instruction_id_list: ['a'], weights: [2] } };
    expect(readInstructions(row)).toMatchObject({ weights: [2] });
    expect(readInstructions({ data: { instruction_id_list: ['a'], weights: [2, 1] } })).toContain('weights');
  });

  it('say what is wrong, or that there are none', () => {
    expect(readInstructions({ data: { instruction_id_list: ['a'], kwargs: [{}, {}] } })).toContain('2 sets');
    expect(readInstructions({ data: { instruction_id_list: [7] } })).toContain('no id');
    expect(readInstructions({ data: { instruction_id_list: ['a'], kwargs: ['x'] } })).toContain('no object');
    expect(readInstructions({ answer: '42', data: { ground_truth: '{broken' } })).toBeUndefined();
    expect(readInstructions({})).toBeUndefined();
    const many = { data: { instruction_id_list: Array.from({ length: 300 }, () => 'a') } };
    expect(readInstructions(many)).toContain('more than');
  });

  it.skipIf(!existsSync(data))('are read in every public file (skipped without ../shared/data)', () => {
    const files = [
      'ifeval/input_data.jsonl',
      'ifbench/IFBench_test.jsonl',
      'nemo-gym-examples/instruction_following.example.jsonl',
    ];
    for (const file of files)
      for (const line of readFileSync(join(data, file), 'utf8').split('\n').filter(Boolean)) {
        const row = JSON.parse(line) as { instruction_id_list: string[] };
        const read = readInstructions({ data: row as never });
        expect(typeof read === 'object' && read.instructions.map(({ id }) => id)).toEqual(
          row.instruction_id_list,
        );
      }
  });
});
