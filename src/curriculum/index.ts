export { type BalancedOptions, balanced, type OrderedOptions, ordered } from './balanced.ts';
export {
  apportion,
  type DomainWeightsOptions,
  decayed,
  domainWeights,
  initialWeights,
  underfitWeights,
} from './domain-weights.ts';
export { type DynamicSamplingOptions, dynamicSampling, isInformative } from './dynamic-sampling.ts';
export { buckets, type TaskKey } from './levels.ts';
export { type PassRate, type PassRateOptions, passRates } from './pass-rate.ts';
export {
  drawsAll,
  type PriorityBuffer,
  type PriorityBufferOptions,
  priorities,
  priorityBuffer,
  priorityBufferSchema,
  type Stored,
} from './priority-buffer.ts';
export { type PromotionOptions, promotion, type RampOptions, ramp } from './staged.ts';
export { uniform } from './uniform.ts';
