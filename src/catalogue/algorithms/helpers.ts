/** What algorithms are made with, or worked with, that is no estimator, objective, curriculum or shape itself. */
export interface Helper {
  /** What its folder exports. */
  readonly name: string;
  readonly from: 'credit' | 'objective' | 'curriculum';
  /** What it gives, in one line. */
  readonly about: string;
  /** Names of its options. */
  readonly options?: readonly string[];
  /** Paper or repository. */
  readonly source?: string;
}

/** Buffers, measures, controllers, and what an algorithm of one's own is made with. */
export const helpers: readonly Helper[] = [
  {
    name: 'adaptiveKlCoefficient',
    from: 'credit',
    about:
      'the adaptive KL: β (1 + clip(KL/target − 1, ±0.2) · samples/horizon) after each batch; `adaptive` of `klInReward` and of the `kl` of `gae` and `reinforcePlusPlus`',
    options: ['kl', 'target', 'samples', 'horizon'],
    source: 'Ziegler et al. 2019; verl `AdaptiveKLController`',
  },
  {
    name: 'auditedRates',
    from: 'credit',
    about: 'the rates of `noiseCorrection` from what `audit` measured',
  },
  {
    name: 'falseNegativeRate',
    from: 'credit',
    about: 'the false-negative rate of `noiseCorrection` from appeals against rejections',
    source: 'Cai et al. 2025; the estimator is ours',
  },
  {
    name: 'sampleEstimator',
    from: 'credit',
    about: 'an estimator from a function of grouped rewards to one advantage a sample',
  },
  {
    name: 'returnsToGo',
    from: 'credit',
    about: 'R_t = r_t + γ R_{t+1} within each sample, masked tokens passed over',
  },
  {
    name: 'whiten',
    from: 'credit',
    about: '(x − mean)/√(variance + ε) over unmasked values',
    source: 'verl `masked_whiten`',
  },
  {
    name: 'bySample',
    from: 'objective',
    about:
      'the turns of each sample as one masked sequence, as in TRL and verl: what everything that works by sequence begins with',
  },
  {
    name: 'tokenWeights',
    from: 'objective',
    about: 'the weight of each token in an aggregation: what `aggregate` chooses',
  },
  {
    name: 'sequenceScores',
    from: 'objective',
    about: 's = Σ (ℓ − ℓ_ref) of each sample, or its mean a token',
  },
  {
    name: 'buckets',
    from: 'curriculum',
    about: 'tasks in levels by a score: what `promotion` climbs',
  },
  {
    name: 'passRates',
    from: 'curriculum',
    about:
      'difficulty by repeated sampling: the share of a model’s attempts that solve each task, and how many it took',
    options: ['sampler', 'reward', 'context', 'samples', 'sampling', 'seed', 'success'],
    source: 'UI-R1, AlphaMed (success of the base model), R1-Reward (attempts needed)',
  },
  {
    name: 'priorityBuffer',
    from: 'curriculum',
    about:
      'stored samples drawn by |A| / Σ |A| without replacement, or all alike; a recipe’s `replay: { capacity, target, … }` puts them in place of samples without an advantage',
    options: ['capacity', 'maxAge', 'draw', 'keep'],
    source: 'Skywork-R1V2’s Selective Sample Buffer; `keep: "all"` with `draw: "uniform"` is a plain ring',
  },
];
