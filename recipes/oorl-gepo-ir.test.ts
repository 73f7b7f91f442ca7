import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callReward, type Random, scoringContext, stream, textSample } from 'assay/core';
import { injectErrors } from 'assay/dataset/generate';
import { openStore } from 'assay/store';
import { reproduce, study } from 'assay/train';
import { describe, expect, it } from 'vitest';
import {
  type Code,
  compile,
  evaluate,
  print,
  read,
  registers,
  renamed,
  type Source,
  symbols,
  written,
} from './oorl-gepo.mini-ir.ts';
import {
  faults,
  foldConstants,
  levels,
  optimise,
  reduceStrength,
  reorder,
} from './oorl-gepo.mini-ir-passes.ts';
import { averaged } from './oorl-gepo.preferring.ts';
import { compare, data, forms, mistaken, offline, passes } from './oorl-gepo-ir.ts';

const code = (text: string): Code => {
  const made = read(text);
  if (made === undefined) throw new Error(`'${text}' does not compile`);
  return made;
};
const alike = (a: string, b: string) => compare(code(a), code(b)).value === 1;
const { setting, sources } = data();

describe('the representation', () => {
  it('computes with numbers of its width', () => {
    const values = { x: 300, y: 7, z: 65535 };
    expect(evaluate(code('hp*x2q+p3=q'), values)).toBe(603);
    expect(evaluate(code('bp*x2q+p3=q'), values)).toBe(91); // 300 is 44 on 8 bits
    expect(evaluate(code('hp+z1=p'), values)).toBe(0);
    expect(evaluate(code('hp-y8=p'), values)).toBe(65535);
    expect(evaluate(code('bp-y8=p'), values)).toBe(255);
    expect(evaluate(code('hp*zz=p'), values)).toBe(1);
    expect(evaluate(code('hp<yF=p'), values)).toBe(32768);
    expect(evaluate(code('bp<y8=p'), values)).toBe(0);
    expect(evaluate(code('hp<zx=p'), values)).toBe(0);
    expect(evaluate(code('h=A'), values)).toBe(10);
  });

  it('does not compile what is not sound', () => {
    for (const text of [
      '',
      'h',
      'h=',
      '=x',
      'hx',
      'kp+xy=p',
      'hp+xy',
      'hp+xyp',
      'hp+xy=',
      'hp+xy=q',
      'hp+xq=p',
      'hp+xp=p',
      'hp+xyp-xy=p',
      'hx+yz=x',
      'hp/xy=p',
      'hp+xy=p=p',
      'hp+x=p',
      'hp+xa=p',
      `h${'p+xy'.repeat(1000)}=p`,
    ])
      expect(read(text), text).toBeUndefined();
  });

  it('is read as it is printed', () => {
    for (const source of sources) for (const form of forms(source)) expect(read(print(form))).toEqual(form);
  });

  it('of a source computes what the source says', () => {
    const source: Source = { width: 'h', body: ['-', ['*', 'x', '2'], ['+', '3', '4']] };
    expect(written(source)).toBe('h-*x2+34:');
    expect(print(compile(source))).toBe('hp*x2q+34r-pq=r');
    expect(evaluate(compile(source), { x: 10, y: 0, z: 0 })).toBe(13);
    const deep = registers.reduce<Source['body']>((body) => ['+', body, 'x'], ['+', 'x', 'y']);
    expect(() => compile({ width: 'h', body: deep })).toThrow('more than 8 operations');
  });
});

describe('the passes', () => {
  it('fold constants that have a literal', () => {
    expect(print(foldConstants(code('hp*x2q+34r-pq=r')))).toBe('hp*x2q-p7=q');
    expect(print(foldConstants(code('hp+12q*p4r+qx=r')))).toBe('hp+Cx=p');
    expect(print(foldConstants(code('hp+12q*p4=q')))).toBe('h=C');
    expect(print(foldConstants(code('hp*44q-12r+pq=r')))).toBe('hp*44q-12r+pq=r'); // 16 and −1 have none
    expect(print(foldConstants(code('hp+xyq-pz=q')))).toBe('hp+xyq-pz=q');
  });

  it('make sums and shifts of products', () => {
    expect(print(reduceStrength(code('hp*x2q*4pr*q8t*r3=t')))).toBe('hp+xxq<p2r<q3t*r3=t');
    expect(print(reduceStrength(code('hp*22q+p2=q')))).toBe('hp*22q+p2=q');
  });

  it('reorder what does not depend on each other', () => {
    expect(print(reorder(code('hp*2xq+34r-pq=r')))).toBe('hp+34q*x2r-qp=r');
    expect(print(reorder(code('hp-2xq+zp=q')))).toBe('hp-2xq+pz=q');
  });

  it('keep the meaning of every generated function, and change it at every level', () => {
    expect(sources).toHaveLength(400);
    expect(new Set(sources.map(written)).size).toBe(400);
    for (const source of sources) {
      const plain = compile(source);
      for (const level of Object.keys(levels))
        expect(compare(optimise(plain, level), plain), `${written(source)} ${level}`).toMatchObject({
          value: 1,
        });
      expect(new Set(forms(source).map(print)).size, written(source)).toBe(Object.keys(levels).length);
    }
  });

  it('keep the meaning of any code, alone and one after the other', () => {
    for (let i = 0; i < 300; i++) {
      const any = someCode(stream(0, 'code', i));
      for (const pass of [foldConstants, reduceStrength, reorder])
        expect(compare(pass(any), any), `${pass.name} of ${print(any)}`).toMatchObject({ value: 1 });
      expect(compare(optimise(any, 'all'), any), print(any)).toMatchObject({ value: 1 });
    }
  });
});

/** Code with registers used twice or never, shifts, and products of literals. */
function someCode(random: Random): Code {
  const known = [...'xyz', ...'012348F'];
  const instructions = Array.from({ length: 1 + random.integer(6) }, (_, i) => {
    const operands = [random.pick(known), random.pick(known)] as const;
    known.push(registers[i]!);
    return { to: registers[i]!, operation: random.pick([...'+-*<']), operands };
  });
  return { width: random.pick(['b', 'h']), instructions, result: random.pick(known) };
}

describe('equivalence', () => {
  it('of hand-made pairs is told by 200 runs', () => {
    expect(alike('hp*x2=p', 'hp+xx=p')).toBe(true);
    expect(alike('hp*x4=p', 'hp<x2=p')).toBe(true);
    expect(alike('hp*x2q+34r-pq=r', 'hp<x1q-p7=q')).toBe(true);
    expect(alike('hp-xyq-0p=q', 'hp-yx=p')).toBe(true);
    expect(alike('bp*xFq*pFr*qFt*rF=t', 'bp*xF=p')).toBe(false);
    expect(alike('bp<x8=p', 'b=0')).toBe(true); // nothing of 8 bits is left
    expect(alike('hp<x8=p', 'h=0')).toBe(false);
    expect(alike('hp+xy=p', 'bp+xy=p')).toBe(false);
    expect(alike('hp-xy=p', 'hp-yx=p')).toBe(false);
    expect(alike('hp*x2=p', 'hp<x2=p')).toBe(false);
    expect(alike('h=x', 'h=y')).toBe(false);
  });
});

describe('mistakes', () => {
  it('leave code that compiles, and are told from what they were made of', () => {
    const seen = new Set<string>();
    sources.forEach((source, i) => {
      for (const form of forms(source)) {
        const random = stream(0, 'test', i);
        const isWrong = (other: Code) => compare(other, form).value === 0;
        const wrong = injectErrors(form, { faults, isWrong }, random)!;
        expect(read(print(wrong.value)), print(wrong.value)).toEqual(wrong.value);
        expect(compare(form, wrong.value).value).toBe(0);
        for (const name of wrong.faults) seen.add(name);
      }
    });
    expect([...seen].sort()).toEqual(Object.keys(faults).sort());
  });

  it('are those that they are called', () => {
    const one = (name: string, text: string) =>
      new Set(
        Array.from({ length: 60 }, (_, i) => faults[name]!(code(text), stream(i))).map(
          (made) => made && print(made),
        ),
      );
    expect(one('width', 'hp+xy=p')).toEqual(new Set(['bp+xy=p']));
    expect(one('exchange', 'hp-xy=p')).toEqual(new Set(['hp-yx=p']));
    expect(one('operation', 'hp-xy=p')).toEqual(new Set(['hp+xy=p', 'hp*xy=p', 'hp<xy=p']));
    expect(one('operand', 'hp-x2=p')).toEqual(new Set(['hp-y2=p', 'hp-z2=p', undefined]));
    expect(one('constant', 'hp-x2=p').has('hp-xA=p')).toBe(true);
    expect(one('constant', 'hp-xy=p')).toEqual(new Set([undefined]));
    expect(one('drop', 'hp-xyq+pz=q')).toEqual(new Set(['hp+xz=p', 'hp+yz=p', 'hp-xy=p', 'hp-xy=z']));
    for (const name of ['exchange', 'operation', 'operand', 'constant', 'drop'])
      expect(faults[name]!(code('h=x'), stream(0)), name).toBeUndefined();
  });

  it('that no run shows are not made', () => {
    const nothing: Code = {
      width: 'b',
      instructions: [{ to: 'p', operation: '<', operands: ['0', '0'] }],
      result: '0',
    };
    const made = mistaken(nothing, stream(0));
    expect(made).toBeUndefined();
    expect(renamed(nothing)).toEqual(nothing);
  });
});

describe('the study', () => {
  it('has winners that are equivalent, losers that are not, and a level that never wins', () => {
    const unseen = sources.slice(0, 120).map(written);
    expect(setting.held.map(({ prompt }) => prompt)).toEqual(unseen);
    const bySource = new Map(sources.map((source) => [written(source), source]));
    for (const group of setting.groups) {
      const prompt = String(group[0]!.prompt);
      const all = forms(bySource.get(prompt)!);
      const of = (side: string) =>
        group.filter(({ role }) => role === side).map(({ completion }) => completion);
      expect(unseen).not.toContain(prompt);
      expect(of('winner')).toEqual(all.slice(0, -1).map(print));
      expect(new Set(of('loser')).size).toBe(4);
      for (const loser of of('loser')) expect(compare(code(loser), all[0]!).value).toBe(0);
    }
    for (const { prompt, completion } of setting.demonstrations)
      expect([...`${prompt}${completion}`].every((symbol) => symbols.includes(symbol))).toBe(true);
  });

  it('judges translations by their tests', async () => {
    const said = async (text: string) => {
      const sample = textSample({ id: '1', prompt: 'h-*x2+34:', answer: 'hp*x2q+34r-pq=r' }, text);
      return (await callReward(passes, [sample], scoringContext()))[0]!;
    };
    expect((await said('hp+xxq-p7=q')).value).toBe(1);
    expect(await said('hp+xxq+p7=q')).toMatchObject({ value: 0, parts: { silent: { value: 1 } } });
    expect(await said('hp+xxq-p7')).toMatchObject({ value: 0, reason: 'does not compile' });
  });

  it('does not hold with the control in the place of the method', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-oorl-ir-'));
    const store = openStore(join(folder, 'assay.db'));
    try {
      const few = { ...setting, groups: setting.groups.slice(0, 12), held: setting.held.slice(0, 6) };
      const { study: all } = offline(
        averaged,
        { steps: 2, warmStart: 3 },
        { ...few, demonstrations: few.demonstrations.slice(0, 200), further: undefined },
      );
      const { main, averaged: control } = all.arms;
      const expected = [all.expected].flat().filter(({ arm, over }) => arm === 'main' && over === 'averaged');
      const only = study({ ...all, arms: { main: main!, averaged: control! }, expected });
      const { holds, difference } = await reproduce(only, { seeds: [0, 1], store, folder, threads: 1 });
      expect(difference).toEqual({ mean: 0, low: 0, high: 0 });
      expect(holds).toBe(false);
    } finally {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
