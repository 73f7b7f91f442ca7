import { linear, type Task } from '../../core/index.ts';
import * as curriculum from '../../curriculum/index.ts';
import { type Algorithm, checked } from './algorithm.ts';

/** Every curriculum, explicitly. */
export const curricula: readonly Algorithm[] = [
  {
    name: 'balanced',
    ...checked(curriculum.balanced),
    formula: 'equal shares of every class in each draw',
    options: ['by'],
    source: 'WeThink, SophiaVL-R1, search-gen-v',
  },
  {
    name: 'domainWeights',
    ...checked(curriculum.domainWeights),
    formula: 'n_d from softmax(max(0, target − success_d)/τ)',
    options: [
      'part',
      'smoothing',
      'alpha',
      'buffer',
      'target',
      'temperature',
      'refresh',
      'initial',
      'favour',
    ],
    functions: ['underfitWeights', 'apportion', 'decayed'],
    source: 'Dads (RuleReasoner 2025)',
    differs:
      'the paper smooths by ewma, the released run by a harmonic buffer; ε cancels; a domain that is absent keeps its estimate, the code forgets it',
  },
  {
    name: 'dynamicSampling',
    ...checked(curriculum.dynamicSampling),
    formula: 'keep groups whose verdicts differ, refill',
    options: ['part', 'differ', 'band', 'keep', 'inner'],
    functions: ['isInformative'],
    source: 'DAPO (Yu et al. 2025)',
    differs: 'verl stops with an error when the refills are used up; the loop goes on with what it has',
  },
  {
    name: 'ordered',
    ...checked(curriculum.ordered),
    formula: 'tasks sorted by a score',
    options: ['by', 'direction'],
    source: 'RESTL',
  },
  {
    name: 'promotion',
    ...checked(curriculum.promotion, { level: ({ difficulty }: Task) => difficulty, at: 0.8 }),
    formula: 'next level when the moving reward ≥ θ or after a limit, with replay',
    options: ['level', 'at', 'window', 'limit', 'replay', 'part'],
    source: 'CRAFT-GUI',
  },
  {
    name: 'ramp',
    ...checked(curriculum.ramp, {
      kind: ({ domain }: Task) => domain === 'hard',
      share: linear({ from: 0, to: 1 }),
      steps: 100,
    }),
    formula: 'the share of a kind of tasks follows a schedule',
    options: ['kind', 'share', 'steps'],
    source: 'MedCCO',
  },
  {
    name: 'uniform',
    example: curriculum.uniform,
    formula: 'epochs in seeded orders',
    options: [],
    source: 'the plain control',
  },
];
