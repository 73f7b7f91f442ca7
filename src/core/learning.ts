import type { Described, Json } from './json.ts';
import type { RewardState } from './memory.ts';
import type { Random } from './random.ts';
import type { Role } from './role.ts';
import type { Batch, Group } from './sample.ts';
import type { Task } from './task.ts';

/** Advantages of a batch, flat in its order: one a sample, or one a token of every sample's turns in order. */
export interface Advantages {
  readonly of: 'sample' | 'token';
  readonly values: Float64Array;
}

export interface Credit {
  /** Usually the one term `policy`. */
  readonly terms: { readonly [term: string]: Advantages };
  /** Per sample, 0 leaves it out of the gradient. Samples without a verdict are left out in any case. */
  readonly mask?: Uint8Array;
  /** What a critic should have said, per token. */
  readonly returns?: Advantages;
  /** Per sample: its side in a preference loss. */
  readonly roles?: readonly (Role | undefined)[];
  readonly metrics: { readonly [name: string]: number };
}

export interface LearningContext {
  readonly step: number;
  readonly totalSteps: number;
  readonly stage: string;
}

/** Verdicts of a batch → advantages. A member without a verdict is left out of means, counts and ranks. */
export interface Estimator extends Described {
  /** With `values`, every turn carries the critic's values when `estimate` is called; with `references`, their log-probs. */
  readonly needs?: { readonly values?: boolean; readonly references?: readonly string[] };
  /** The names of the terms that it gives, where they are known before it runs: a loss that reads another is refused then. */
  readonly terms?: readonly string[];
  estimate(batch: Batch<unknown>, context: LearningContext): Credit;
  /** The parts of verdicts that it reads by name, its children's left out; a run says at its first step which are not there. */
  readonly reads?: readonly string[];
  /** What whoever uses it should be told once: that it cannot do here what it is for. */
  readonly notes?: readonly string[];
  /** What it remembers from one batch to the next, where it does (an adaptive KL coefficient); in checkpoints. */
  readonly state?: RewardState;
  /** The estimators that it is made of, by names that do not change. */
  readonly children?: { readonly [name: string]: Estimator };
}

/** What means divide by: trained tokens, and samples that have any. */
export interface Totals {
  readonly tokens: number;
  /** Samples: sequences, where none is of several turns. */
  readonly sequences: number;
  /** Trained tokens by group, for means over groups. */
  readonly groupTokens?: ReadonlyMap<number, number>;
  /** How many micro-batches the update is cut into, for means that are local to each. */
  readonly parts?: number;
}

/**
 * All that an objective may read: flat arrays over the tokens of a minibatch. Sequence i has tokens starts[i] to
 * starts[i + 1]. Log-probabilities are natural logarithms.
 */
export interface TokenBatch {
  readonly starts: Int32Array;
  /**
   * Which sample each sequence is a turn of, ascending, so that the turns of a sample stand together in their order. To whatever
   * works by sequence they are one sequence, the whole trajectory (`bySample` of `assay/objective`). Left out where
   * every sequence is a sample.
   */
  readonly samples?: Int32Array;
  /** Which group each sequence belongs to. */
  readonly groups: Int32Array;
  /** 1 where a token is trained on. */
  readonly mask: Uint8Array;
  /** Under the policy now. */
  readonly logprobs: Float64Array;
  /** Under the policy that sampled. */
  readonly old: Float64Array;
  /** As the sampler said, where `old` was recomputed by the trainer: the two are not quite the same model. */
  readonly sampled?: Float64Array;
  readonly references: { readonly [name: string]: Float64Array };
  readonly entropies?: Float64Array;
  readonly values?: Float64Array;
  readonly oldValues?: Float64Array;
  readonly returns?: Float64Array;
  /** Advantages per token, by term. */
  readonly terms: { readonly [term: string]: Float64Array };
  /** Per sequence, where it has one. */
  readonly roles?: readonly (Role | undefined)[];
  /** Totals of the whole update when this is a micro-batch of it: what means divide by. */
  readonly totals?: Totals;
  /** The longest completion that sampling allowed: the constant of constant-length aggregation. */
  readonly maxTokens?: number;
}

export interface Loss {
  readonly loss: number;
  readonly dLogprob?: Float64Array;
  readonly dEntropy?: Float64Array;
  readonly dValue?: Float64Array;
  readonly metrics: { readonly [name: string]: number };
}

/** A loss over named arrays with its own derivative: pure, the same on every engine. */
export interface Objective extends Described {
  /** What it reads besides log-probabilities; a recipe whose engine lacks it stops before step 0. */
  readonly needs?: {
    readonly entropies?: boolean;
    readonly values?: boolean;
    readonly references?: readonly string[];
    /** The terms of the estimator that it reads. */
    readonly terms?: readonly string[];
    /** What the sampler said besides `old`: the recipe must have the trainer recompute that. */
    readonly sampled?: boolean;
  };
  /**
   * True at steps where a sequence whose advantages are all zero adds nothing to any gradient, so that the loop may leave it out of
   * the forward pass; means still divide by `totals`, which count it.
   */
  idleAtZero?(context: LearningContext): boolean;
  loss(batch: TokenBatch, context: LearningContext): Loss;
  /** What it remembers from one loss to the next, where it does (`bco` with a running shift); in checkpoints. */
  readonly state?: RewardState;
  /** The objectives that it is made of, by names that do not change. */
  readonly children?: { readonly [name: string]: Objective };
}

/** Which tasks next. It listens to what came of them, and its state belongs to the checkpoint. */
export interface CurriculumRun {
  next(n: number): readonly Task[];
  /** The groups to keep for the update. */
  observe(groups: readonly Group<unknown>[]): readonly Group<unknown>[];
  /** How many more groups it wants before an update, given how many are kept; 0 when there are enough. */
  wants(kept: number): number;
  readonly metrics?: { readonly [name: string]: number };
  save(): Json;
  load(saved: Json): void;
}

export interface Curriculum extends Described {
  /** The parts of verdicts that it reads by name. */
  readonly reads?: readonly string[];
  create(context: {
    readonly tasks: readonly Task[];
    readonly groups: number;
    readonly random: Random;
  }): CurriculumRun;
}
