import type { z } from 'zod';
import type { RunRecord, Store } from '../../store/index.ts';
import type { samplesQuery } from '../api.ts';
import type { TextIndex } from '../index-file/text-index.ts';
import type { RunTable } from '../run-table.ts';
import type { MatchLists } from './match-list.ts';

/** What is looked for. */
export type Query = z.output<typeof samplesQuery>;

/** Where it is looked for. */
export interface SearchOf {
  readonly store: Store;
  readonly run: RunRecord;
  readonly table: RunTable;
  readonly index: TextIndex;
  readonly lists: MatchLists;
}
