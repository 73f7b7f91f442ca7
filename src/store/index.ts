export { writeFileAtomic, writeFolderAtomic } from './atomic.ts';
export {
  causeCodes,
  finishCodes,
  partsOf,
  type StoredCredit,
  type StoredSample,
  type StoredTurn,
  type Terms,
} from './block.ts';
export {
  type Checkpoint,
  type CheckpointFiles,
  dropOldCheckpoints,
  latestCheckpoint,
  listCheckpoints,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
export { type Columns, decodeColumns, encodeColumns } from './columns.ts';
export { StoreError, type StoreFault } from './errors.ts';
export { jobLines, sampleLines, stepLines } from './export.ts';
export type { BlockPlace, ColumnBlock } from './read.ts';
export { downsample } from './read.ts';
export * from './records.ts';
export type { Begun, Reproductions } from './reproductions.ts';
export { defaultStorePath, openStore, Store, type StoreOptions } from './store.ts';
export { writeTensorboard } from './tensorboard.ts';
