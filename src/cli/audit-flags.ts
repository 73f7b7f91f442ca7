import type { Format } from '../dataset/read/index.ts';
import type { Limits } from './audit-report.ts';

/** What `audit` is told on the command line. */
export interface AuditFlags extends Limits {
  readonly reward?: string;
  readonly completion?: readonly string[];
  readonly label?: readonly string[];
  readonly prompt?: string;
  readonly answer?: string;
  readonly id?: string;
  readonly category?: string;
  readonly goldFrom?: string;
  readonly drop?: readonly string[];
  readonly positive?: readonly string[];
  readonly negative?: readonly string[];
  readonly accept?: number;
  readonly show?: number;
  readonly second?: string;
  readonly compare?: readonly string[];
  readonly rescore?: string;
  readonly probe?: boolean;
  readonly tasks?: string;
  readonly limit?: number;
  readonly seed?: number;
  readonly store?: string;
  readonly out?: string;
  readonly format?: Format;
  readonly seconds?: number;
  readonly memory?: number;
}
