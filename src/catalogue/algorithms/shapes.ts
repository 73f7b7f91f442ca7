import { linear, verdict } from '../../core/index.ts';
import * as shape from '../../shape/index.ts';
import type { Algorithm } from './algorithm.ts';

const some = () => verdict(1);

/** Every shape, explicitly: rewards made of rewards. No verdict passes through all of them. */
export const shapes: readonly Algorithm[] = [
  {
    name: 'adaptiveLength',
    example: () => shape.adaptiveLength(some),
    formula:
      'r + max(½ − ½λ, 0.1) if right, else r + min(0.9λ − 0.1, −0.1), λ the excess over p·L_right + (1 − p)·L_max',
    options: ['success'],
    source: 'UI-R1-E',
  },
  {
    name: 'anneal',
    example: () => shape.anneal(some, linear({ from: 1, to: 0 })),
    formula: 'r · schedule',
    options: ['by'],
    source: 'SophiaVL-R1, Time-R1',
  },
  {
    name: 'blend',
    example: () => shape.blend({ rule: some, model: some }),
    formula: 'κ·rule + (1 − κ)·model, κ the rule’s confidence',
    options: ['rule', 'model'],
    source: 'HARMO',
  },
  {
    name: 'clamp',
    example: () => shape.clamp(some, { high: 1 }),
    formula: 'min(max(r, low), high)',
    options: ['low', 'high'],
    source: 'HARMO, oni, R1-Reward',
  },
  {
    name: 'cosineLength',
    example: () => shape.cosineLength(some, { max: 1024, right: [1, 0.5], wrong: [-0.5, 0] }),
    formula: 'a half cosine from length 0 to max, by correctness',
    options: ['max', 'success', 'right', 'wrong', 'scaled', 'beyond'],
    source: 'Light-IF (long right answers earn more), VLM-R1 (short ones do)',
    differs:
      'VLM-R1’s code overwrites the accuracy, so that only its right branch runs, and has no clamp past max',
  },
  {
    name: 'cost',
    example: () => shape.cost(some),
    formula: '1 − (√c − q₅)/(q₉₅ − q₅) within [0, 1], percentiles of the last 1000',
    options: ['window', 'low', 'high'],
    source: 'Router-R1',
    differs: 'the paper gives it to all, the code to right answers alone: put it behind `gate`',
  },
  {
    name: 'gate',
    example: () => shape.gate(some, some),
    formula: 'r where the condition ≥ θ (or > θ), else a stated value',
    options: ['atLeast', 'above', 'otherwise'],
    source: 'search-gen-v, ARMed, MedCCO',
  },
  {
    name: 'lengthBand',
    example: () => shape.lengthBand(some),
    formula: '−P·min(1, max(0, |L − m|/m − τ)), m the mean length of the right members',
    options: ['limit', 'tolerance', 'side', 'success'],
    source: 'HARMO; the formula is our reading',
  },
  {
    name: 'lengthZScore',
    example: () => shape.lengthZScore(some),
    formula: '1 − α σ(z of the length among right members) if right, else 0',
    options: ['alpha', 'std', 'success'],
    source: 'GRPO-λ (Dai et al. 2025)',
    differs: 'a third-party code rewards wrong answers too; not followed',
  },
  {
    name: 'noise',
    example: () => shape.noise(some, { falsePositive: 0.1, falseNegative: 0.2 }),
    formula: 'flips 0 and 1 at given rates, on purpose',
    options: ['falsePositive', 'falseNegative', 'domains', 'seed'],
    source: 'Cai et al. 2025',
  },
  {
    name: 'overlong',
    example: () => shape.overlong({ max: 100, buffer: 20 }),
    formula: 'min(0, −(L − (max − buffer))/buffer · factor)',
    options: ['max', 'buffer', 'factor', 'beyond'],
    source: 'DAPO (Yu et al. 2025)',
    differs: 'verl grows beyond max, TRL holds at −factor (`beyond: "hold"`)',
  },
  {
    name: 'override',
    example: () => shape.override(some, { bad: [some, -1] }),
    formula: 'the first case that holds decides the total',
    options: ['cases'],
    source: 'SWE-RL, Router-R1, ToTRL',
  },
  {
    name: 'payoff',
    example: () => shape.payoff({ some }, [{ when: { some: 1 }, value: 1 }]),
    formula: 'a table over discrete outcomes',
    options: ['parts', 'rows', 'otherwise'],
    source: 'SimpleRL-Zoo, ReSeek, Critique-RL',
  },
  {
    name: 'product',
    example: () => shape.product({ some }),
    formula: 'Π of the parts',
    options: ['parts'],
    source: 'AutoTriton, CARL, R1-Reward',
  },
  {
    name: 'route',
    example: () => shape.route({ some }),
    formula: 'the reward that the task names',
    options: ['rewards', 'fallback'],
    source: 'WeThink, HARMO, CRAFT-GUI',
  },
  {
    name: 'squash',
    example: () => shape.squash(some, { form: 'sigmoid' }),
    formula: 'sigmoid, min–max of a calibration set, or e^(−rx)',
    options: ['form', 'centre', 'width', 'low', 'high', 'rate'],
    source: 'Skywork-R1V2, RESTL, SophiaVL-R1',
  },
  {
    name: 'standardize',
    example: () => shape.standardize(some),
    formula: 'z-score, quantile stretch or baseline rescale by running statistics',
    options: ['how', 'floor', 'low', 'high', 'baseline', 'update', 'warmUp', 'per', 'memory'],
    source: 'ARMed, AutoRule, Critique-RL',
  },
  {
    name: 'steps',
    example: () => shape.steps(some, { part: 'step', delta: true }),
    formula: 'per step: clip min(r − η, 0), delta r_k − r_{k+1}',
    options: ['part', 'clip', 'delta'],
    source: 'Gao et al. 2024',
  },
  {
    name: 'topGroups',
    example: () => shape.topGroups({ by: some, top: some, rest: some }),
    formula: 'the top share of groups by accuracy gets one reward, the others another',
    options: ['share'],
    source: 'GRPO-λ (Dai et al. 2025)',
  },
  {
    name: 'trust',
    example: () => shape.trust({ outcome: some, thinking: some }),
    formula: 'outcome + min(1, e^(μ_c − μ_w))·α·thinking',
    options: ['alpha', 'success', 'rule', 'trusted'],
    source: 'Trust-GRPO (SophiaVL-R1)',
    differs:
      'the code gives no thinking reward to uniform groups (`rule: "code"`); γ is 1 where a side is empty',
  },
  {
    name: 'weighted',
    example: () => shape.weighted({ some }),
    formula: 'Σ w·part, w may be a schedule',
    options: ['parts', 'divide', 'missing'],
    source: '31 papers; RefCritic divides by Σ w',
    differs: 'TRL sums the rewards that are there (`missing: "skip"`); here a sample that lacks one is out',
  },
];
