/** A program to run, as a protocol hands it over. */
export interface CodeRun {
  /** SandboxFusion's name of a language or of a way to run: `python`, `pytest`, `cpp`, `nodejs` … */
  readonly language: string;
  readonly code: string;
  readonly stdin?: string;
  /** Files beside the program, by relative path without `..`. */
  readonly files: { readonly [path: string]: Uint8Array };
  /** Files to give back after the run, where they are there. */
  readonly fetch: readonly string[];
  /** Limits of a compiler and of the program, seconds. */
  readonly compileSeconds: number;
  readonly runSeconds: number;
  /** MiB; none when left out. */
  readonly memory?: number;
}

/** How one command ended: by itself, at its time limit, or by a fault of the sandbox, which is nobody's verdict. */
export interface CommandRun {
  readonly status: 'finished' | 'timeout' | 'error';
  readonly seconds?: number;
  /** The exit code of a command that ended by itself. */
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface CodeRunEnd {
  /** For languages that are compiled. */
  readonly compile?: CommandRun;
  /** Absent where it did not compile. */
  readonly run?: CommandRun;
  readonly files?: { readonly [path: string]: Uint8Array };
}

/**
 * Runs untrusted code under limits: what the server's `runCode` option takes. It throws UnsupportedError for a language that
 * it lacks; whatever else it throws is a fault of the sandbox. It should end the program when the signal fires.
 */
export type RunCode = (run: CodeRun, signal: AbortSignal) => Promise<CodeRunEnd>;
