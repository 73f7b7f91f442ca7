import * as objective from '../../objective/index.ts';
import { type Algorithm, checked } from './algorithm.ts';

/** Every objective, explicitly. ρ = exp(ℓ − ℓ_old); s = Σ (ℓ − ℓ_ref) of a sample; w and l are chosen and rejected. */
export const objectives: readonly Algorithm[] = [
  {
    name: 'bco',
    ...checked(objective.bco),
    formula: '−log σ(βs_w − δ) − log σ(δ − βs_l)',
    options: ['beta', 'to', 'shift', 'decay'],
    functions: ['bcoLoss'],
    source: 'Jung et al. 2024; MPO in Skywork-R1V2',
    differs:
      'δ is the mean of the batch; a moving average over the batches before, as in the papers, with `shift: "running"`',
  },
  {
    name: 'binaryCrossEntropy',
    ...checked(objective.binaryCrossEntropy),
    formula: '−y log σ(v) − (1 − y) log(1 − σ(v)), y hard or soft',
    options: ['aggregate', 'at'],
    functions: ['binaryCrossEntropyLoss'],
    source: 'process critics, judges',
  },
  {
    name: 'bradleyTerry',
    ...checked(objective.bradleyTerry),
    formula: '−log σ(v_w − v_l − margin) on the scalar head at the last token',
    options: ['margin'],
    functions: ['bradleyTerryLoss', 'bradleyTerryPairs'],
    source: 'Bradley and Terry 1952; `bradleyTerryPairs` has ties of ½ (oni) and validity (cooper)',
  },
  {
    name: 'clipped',
    ...checked(objective.clipped),
    formula: '−min(ρA, clip(ρ, 1 − low, 1 + high)A), and the forms that the options name',
    options: ['low', 'high', 'dual', 'delta', 'form', 'ratio', 'aggregate', 'term', 'logRatioLimit'],
    functions: ['clippedLoss'],
    source:
      'Schulman et al. 2017; DAPO (high 0.28); dual clip (Ye et al. 2020); GSPO (`ratio: "sequence"`); CISPO (`form: "cispo"`)',
    differs:
      'CISPO: verl clips to [1 − low, 1 + high], TRL to high as an absolute value (`cispoUpper`). GSPO: TRL’s gradient goes through the whole ratio, verl’s through each token’s own ℓ (`sequenceToken`); a trajectory of several turns has one ratio, as in both. verl cuts log ρ to ±20, TRL does not. Dr.GRPO’s constant: TRL and verl 0.9 divide by the sequences, verl before did not (`constantSum`). TRL’s `bnpo` loss is `localToken`, and no Beta normalisation',
  },
  {
    name: 'combine',
    example: () =>
      objective.combine([
        [objective.clipped(), 1],
        [objective.kl(), 0.01],
      ]),
    formula: 'Σ weight · objective, weights may be schedules',
    options: ['parts'],
    source: 'KDRL, OORL, MPO',
  },
  {
    name: 'covarianceEntropy',
    ...checked(objective.covarianceEntropy),
    formula:
      '−w·H, w = clip(10 · softmax((A − mean A)(ℓ − mean ℓ)), 0, 5) within the sequence, means of the batch',
    options: ['scale', 'limit', 'aggregate', 'term'],
    functions: ['covarianceEntropyLoss', 'covarianceWeights'],
    source: 'TEA-RL (Light-IF 2025)',
    differs: 'in the released code the term is overwritten and has no effect; here it has',
  },
  {
    name: 'crossEntropy',
    ...checked(objective.crossEntropy),
    formula: '−ℓ; with `select` only on the share of tokens with the largest −ℓ − λH',
    options: ['aggregate', 'select'],
    functions: ['crossEntropyLoss', 'selectTokens'],
    source: 'Entropy-SFT (Light-IF 2025) for `select`',
  },
  {
    name: 'dpo',
    ...checked(objective.dpo),
    formula: '−log σ(β(s_w − s_l)); hinge max(0, 1 − βh); IPO (h − 1/2β)²',
    options: ['beta', 'form', 'to', 'average', 'margin', 'smoothing'],
    functions: ['dpoLoss'],
    source: 'Rafailov et al. 2023; Azar et al. 2024 (IPO); Zhao et al. 2023 (SLiC); Meng et al. 2024 (SimPO)',
    differs: 'TRL averages log-probabilities for IPO (`average`), the paper sums',
  },
  {
    name: 'entropyBonus',
    ...checked(objective.entropyBonus),
    formula: '−H',
    options: ['aggregate'],
    functions: ['entropyBonusLoss'],
    source: 'Williams and Peng 1991',
  },
  {
    name: 'groupPreference',
    ...checked(objective.groupPreference),
    formula: '−log σ(β(mean s_w − mean s_l)) + λ·Var(s_w)',
    options: ['beta', 'variance', 'to'],
    functions: ['groupPreferenceLoss'],
    source: 'GEPO (OORL, Wu et al. 2025)',
    differs: 'β is not reported (0.1 here), log-ratios are sums, β does not multiply the variance',
  },
  {
    name: 'kl',
    ...checked(objective.kl),
    formula: 'd = ℓ − ℓ_ref: abs |d|, k2 d²/2, k3 e^(−d) + d − 1, k1+ and k3+ with the gradient of k2',
    options: ['estimator', 'to', 'aggregate', 'limit', 'valueLimit', 'by', 'importance'],
    functions: ['klLoss', 'klEstimate'],
    source: 'Schulman 2020; KDRL (Xu et al. 2025)',
    differs:
      'k1 is refused: its mean gradient is 0. k2 has that of the reverse KL, k3 that of the forward one. verl cuts k3 to ±10 (`valueLimit`); AReaL’s joint KDRL uses k1 as a loss, not followed',
  },
  {
    name: 'kto',
    ...checked(objective.kto),
    formula: '1 − σ(β(s − z)) for chosen, 1 − σ(β(z − s)) for rejected',
    options: ['beta', 'to', 'shift', 'chosen', 'rejected'],
    functions: ['ktoLoss'],
    source: 'Ethayarajh et al. 2024',
    differs: 'the paper estimates z from mismatched completions; here the mean of the batch, or a number',
  },
  {
    name: 'onlyRoles',
    example: () => objective.onlyRoles(objective.crossEntropy(), ['chosen']),
    formula: 'an objective on the sequences of some roles',
    options: ['inner', 'roles'],
    source: 'MPO’s generation term (Skywork-R1V2)',
  },
  {
    name: 'policyGradient',
    ...checked(objective.policyGradient),
    formula: '−A·ℓ',
    options: ['aggregate', 'term'],
    functions: ['policyGradientLoss'],
    source: 'Williams 1992',
  },
  {
    name: 'samplerCorrection',
    example: () => objective.samplerCorrection(objective.clipped()),
    formula:
      'advantages times min(exp(ℓ_old − ℓ_sampled), high), or 0 outside of [low, high]; stale sequences left out',
    options: ['inner', 'form', 'level', 'low', 'high', 'staleness'],
    functions: ['samplerWeights'],
    source: 'Yao et al. 2025 (truncated importance sampling); verl rollout correction',
  },
  {
    name: 'squaredError',
    ...checked(objective.squaredError),
    formula: '(v − y)²',
    options: ['aggregate', 'at'],
    functions: ['squaredErrorLoss'],
    source: 'ReST-MCTS*, critics',
  },
  {
    name: 'valueLoss',
    ...checked(objective.valueLoss),
    formula: '½ max((v − R)², (clip(v, v_old ± c) − R)²)',
    options: ['clip', 'aggregate'],
    functions: ['valueLossOf'],
    source: 'Schulman et al. 2017; verl `compute_value_loss`',
  },
];
