/** One figure of a benchmark: what `assay bench --json` lists. */
export interface BenchEntry {
  /** `area.figure`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with. */
  readonly baseline?: string;
  /** Ours over the baseline's, where there is one. */
  readonly ratio?: number;
}
