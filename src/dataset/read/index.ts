/** Data files as streams of rows, tasks and samples. */
export { chooseFields, type Field, type FieldNames, type Fields, field, guessField } from './fields.ts';
export { nameOf, readRows } from './read-rows.ts';
export { type Format, formats, type Row, type RowBatch } from './rows.ts';
export { refuseInputAsOutput } from './same-file.ts';
export { type Place, type RowSamples, rowSamples, rowTask } from './samples.ts';
