import * as credit from '../../credit/index.ts';
import { type Algorithm, checked } from './algorithm.ts';

const kl = { to: 'reference', beta: 0.01 };

/** Every estimator, explicitly. m and s are mean and deviation of the group's rewards unless said otherwise. */
export const estimators: readonly Algorithm[] = [
  {
    name: 'asIs',
    example: credit.asIs,
    formula: 'A = r',
    options: [],
    functions: ['asIsAdvantages'],
    source: 'writing-zero',
  },
  {
    name: 'batchReturn',
    ...checked(credit.batchReturn),
    formula: 'A = (m of the group − mean over groups) / (deviation over groups + ε)',
    options: ['std', 'epsilon'],
    functions: ['batchReturnAdvantages'],
    source: 'COPO (Han et al. 2025)',
    differs: 'the paper leaves the deviation open: `std` population (default) or sample',
  },
  {
    name: 'betaNormalized',
    ...checked(credit.betaNormalized),
    formula:
      'A = (r − p) / Beta(p; 1 + a/3, 1 + b/3), p the success rate, (a, b) from the moments of the batch',
    options: ['low', 'high', 'limit', 'single', 'fixed'],
    functions: ['betaNormalizedAdvantages', 'betaNormalization', 'fitBeta', 'betaDensity'],
    source: 'BNPO (Xiao et al. 2025)',
    differs:
      'the code divides by 0 when all rates are equal: here the weight is 1; a lone sample has p = r, or 0 as in the code (`single: "zero"`)',
  },
  {
    name: 'entropyBlend',
    ...checked(credit.entropyBlend),
    formula:
      'terms local = σ(γ(H − ρ))·A_local and global = (1 − σ)·A_global, H the entropy of the answers in nats',
    options: ['gamma', 'rho', 'mode', 'local', 'global'],
    functions: ['entropyGate'],
    source: 'COPO (Han et al. 2025)',
    differs: 'two clipped losses, one a term: one loss of the sum is not the same where signs differ',
  },
  {
    name: 'gae',
    ...checked(credit.gae),
    formula: 'δ = r + γV′ − V, A = δ + γλA′, whitened over the batch; returns A + V before whitening',
    options: ['gamma', 'lambda', 'whiten', 'kl'],
    functions: ['gaeAdvantages'],
    source: 'Schulman et al. 2016; verl `compute_gae_advantage_return`',
    differs: 'masked tokens are passed over, as in verl; V after the last token is 0',
  },
  {
    name: 'grpo',
    ...checked(credit.grpo),
    formula: 'A = (r − m) / (s + ε)',
    options: ['std', 'scale', 'epsilon', 'centre', 'single'],
    functions: ['grpoAdvantages'],
    source: 'Shao et al. 2024; Dr.GRPO with `std: "none"` (Liu et al. 2025)',
    differs:
      'ε 1e-6 in verl, 1e-4 in TRL; a lone sample gets 0 in TRL, its reward in verl (`single`); `scale: "batch"` is TRL’s. A group of equal rewards gets exactly 0, in TRL what 32 bits leave of it over ε',
  },
  {
    name: 'klInReward',
    example: () => credit.klInReward(credit.rloo(), kl),
    formula: 'r − β Σ_t (ℓ_old − ℓ_ref), then another estimator',
    options: ['inner', 'to', 'beta', 'adaptive'],
    functions: ['klPenalties', 'adaptiveKlCoefficient'],
    source: 'TRL `rloo_trainer.py`; verl `kl_penalty`, `AdaptiveKLController`',
    differs:
      'estimators of tokens take `kl` themselves and keep each token’s own; with `adaptive: { target, horizon }` β moves after each batch, and is part of checkpoints',
  },
  {
    name: 'noiseCorrection',
    ...checked(credit.noiseCorrection, { falsePositive: 0.1, falseNegative: 0.2 }),
    formula: 'backward (r − ρ₀)/(1 − ρ₀ − ρ₁); forward ρ₁ − 1 for rejected, ρ₁ for accepted',
    options: ['falsePositive', 'falseNegative', 'domains', 'form', 'accepted', 'inner'],
    functions: ['correctNoise'],
    source: 'Cai et al. 2025, Reinforcement Learning with Verifiable yet Noisy Rewards',
    differs:
      'behind a mean and a deviation constant rates change nothing: without `inner` the value is the advantage itself',
  },
  {
    name: 'outlierFilter',
    example: () => credit.outlierFilter(credit.reinforcePlusPlus()),
    formula: 'z = (A − mean)/deviation over the batch; 0 where |z| > 3',
    options: ['inner', 'sigmas', 'rule'],
    functions: ['filterOutliers'],
    source: 'StableReinforce (R1-Reward, Zhang et al. 2025)',
    differs:
      'the code bounds z by raw mean ± 3 and ±10 (`rule: "rawMean"`), which drops all negatives of high rewards',
  },
  {
    name: 'preferencePairs',
    example: () => credit.preferencePairs(credit.grpo()),
    formula:
      'chosen and rejected of a group: best and worst, or above and below its mean, where they differ by the margin',
    options: ['inner', 'by', 'margin', 'part'],
    functions: ['pairRoles'],
    source: 'Skywork-R1V2 (margin), RLMT (best and worst), GEPO (winners and losers)',
  },
  {
    name: 'pairwiseAdvantage',
    ...checked(credit.pairwiseAdvantage),
    formula: 'A_i = mean_j d_ij / √(Σ d² / 2G(G − 1) + ε)',
    options: ['epsilon'],
    functions: ['pairwiseAdvantages'],
    source: 'Think-RM; equals grpo for d_ij = r_i − r_j',
  },
  {
    name: 'perReward',
    ...checked(credit.perReward, { parts: { correct: 1, format: 0.2 } }),
    formula:
      'advantages of several rewards: of the sum, sum of z-scores and z-score over the batch, or their average',
    options: ['parts', 'how', 'each', 'epsilon', 'missing'],
    functions: ['perRewardAdvantages'],
    source: 'TRL `multi_objective_aggregation`; BNPO’s decomposition (`how: "average"`)',
    differs:
      'TRL sums the rewards that are there (`missing: "skip"`, behind `weighted` with the same); here a sample that lacks one is out',
  },
  {
    name: 'reinforce',
    ...checked(credit.reinforce),
    formula: 'A = r − baseline: none, a constant, the batch’s mean or the group’s',
    options: ['baseline'],
    functions: ['reinforceAdvantages'],
    source: 'Williams 1992',
  },
  {
    name: 'reinforcePlusPlus',
    ...checked(credit.reinforcePlusPlus),
    formula:
      'R_t = r_t + γR_{t+1}, whitened over all trained tokens; baseline form: r − m on every token, whitened',
    options: ['baseline', 'gamma', 'single', 'masked', 'kl'],
    functions: ['reinforcePlusPlusAdvantages', 'reinforcePlusPlusBaselineAdvantages'],
    source: 'Hu et al. 2025; verl `reinforce_plus_plus`, `reinforce_plus_plus_baseline`',
    differs:
      'verl forgets the future at masked tokens (`masked: "reset"`), which also cuts it at tool output',
  },
  {
    name: 'rewardMask',
    ...checked(credit.rewardMask),
    formula: '1 for failed responses (or those of failed groups), else 0: a term that weighs another loss',
    options: ['level', 'success'],
    functions: ['rewardMaskTerm'],
    source: 'KDRL (Xu et al. 2025); the group rule is our reading',
  },
  {
    name: 'rloo',
    ...checked(credit.rloo),
    formula: 'A = r − mean of the other members; with `normalize: "batch"` its z-score over the batch',
    options: ['normalize', 'epsilon'],
    functions: ['rlooAdvantages'],
    source: 'Kool et al. 2019; Ahmadian et al. 2024; TRL `normalize_advantages`',
    differs:
      'a lone sample gets 0; its reward in verl. TRL’s `reward_clip_range` is the shape `clamp`, its `beta` is `klInReward`',
  },
  {
    name: 'terms',
    example: () => credit.terms({ policy: credit.grpo(), distil: credit.rewardMask() }),
    formula: 'several estimators side by side, each a term',
    options: ['a name for each estimator'],
    source: 'KDRL, Skywork-R1V2',
  },
  {
    name: 'truncationMask',
    example: () => credit.truncationMask(credit.grpo()),
    formula: 'samples cut at the token limit leave the gradient, not the statistics',
    options: ['inner'],
    source: 'DAPO; TRL `mask_truncated_completions`; SimpleRL-Zoo `remove_clip`',
  },
];
