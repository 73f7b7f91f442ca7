// AssemblyScript: the kernels of the embedded engine in WebAssembly SIMD. `npm run build:wasm` builds the two binaries
// beside this file. Arguments that name data are byte addresses; see ../kernels.ts for what each kernel computes.
export { attention, attentionBackward, cachedAttention, cacheWrite } from './attention.as';
export {
  columnSums,
  matmul,
  matmulTransposed,
  pack,
  packTransposed,
  setScratch,
} from './matmul.as';
export {
  activation,
  activationBackward,
  adamw,
  add,
  fill,
  gather,
  logSoftmax,
  logSoftmaxBackward,
  norm,
  normBackward,
  scatter,
  softmax,
  sumSquares,
} from './rows.as';
