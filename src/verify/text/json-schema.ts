import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { oneLine } from '../../core/index.ts';
import { formats } from './json-formats.ts';

/** Deepest nesting of a schema that is compiled. */
const deepest = 64;
/** Longest schema, as JSON text. */
const longest = 200_000;

/** A compiled schema, or why it cannot be used: that is the reference's fault. */
export interface Schema {
  /** The first thing wrong with a value, or undefined when it is valid. */
  readonly check?: (value: unknown) => string | undefined;
  readonly problem?: string;
  /** True where the platform forbids generated code: then nothing is wrong with the schema. */
  readonly unsupported?: boolean;
  /** True where the schema compares items of lists with each other. */
  readonly unique: boolean;
}

/** Patterns of a schema meet the candidate's strings: they run on RE2, in linear time. */
const regExp = Object.assign((pattern: string) => RE2JS.compile(pattern), { code: 're2' });

/**
 * Compiles a JSON Schema (draft 2020-12, or draft-07 and -06 where `$schema` says so). Code is generated from the schema
 * alone; it never sees the candidate but as data.
 */
export function compileSchema(schema: unknown): Schema {
  const unusable = (problem: string): Schema => ({ problem, unique: false });
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema)))
    return unusable('the schema is neither an object nor a boolean');
  if (depthOf(schema, deepest) > deepest) return unusable(`the schema is nested over ${deepest} deep`);
  const text = JSON.stringify(schema);
  if (text.length > longest)
    return unusable(`the schema has ${text.length} characters, the limit is ${longest}`);
  // Ajv passes over a property of this name; a constraint that is not checked must not look checked.
  if (text.includes('"__proto__":')) return unusable("the schema names a property '__proto__'");
  const draft = typeof schema === 'object' ? String((schema as { $schema?: unknown }).$schema ?? '') : '';
  const old = /draft-0[67]/.test(draft);
  try {
    const options = {
      strict: false,
      ownProperties: true,
      validateFormats: true,
      formats: { ...formats },
      logger: false,
      // Ajv calls `exec`-less engines by `test`; RE2JS patterns have it.
      code: { regExp: regExp as never },
    } as const;
    const copy: unknown = JSON.parse(text);
    if (typeof copy === 'object') delete (copy as { $schema?: unknown }).$schema;
    const validate: ValidateFunction = (old ? new Ajv(options) : new Ajv2020(options)).compile(
      copy as object,
    );
    return {
      unique: text.includes('"uniqueItems"'),
      check(value) {
        if (validate(value)) return undefined;
        const { instancePath = '', message = 'is invalid' } = validate.errors?.[0] ?? {};
        return `${instancePath === '' ? 'the value' : instancePath.slice(0, 100)} ${message}`;
      },
    };
  } catch (thrown) {
    if (thrown instanceof EvalError)
      return { problem: 'generated code is forbidden here', unsupported: true, unique: false };
    return unusable(`the schema cannot be used: ${oneLine(thrown, 160)}`);
  }
}

/** How deep a JSON value nests, counting no further than one past the limit. */
export function depthOf(value: unknown, limit: number): number {
  let level: unknown[] = [value];
  let depth = 0;
  while (level.length > 0 && depth <= limit) {
    const next: unknown[] = [];
    for (const one of level)
      if (typeof one === 'object' && one !== null) for (const child of Object.values(one)) next.push(child);
    if (next.length > 0) depth++;
    level = next;
  }
  return depth;
}
