import { InvalidArgumentError } from 'commander';
import { factorOf, type Scalar } from '../train/index.ts';

/** What `--vary` asks for. */
export interface Varied {
  readonly field: string;
  readonly values: readonly Scalar[];
}

/** The parser of `--vary FIELD=V1,V2,…`; values are JSON scalars, words or factors such as x0.5. */
export function variedField(text: string): Varied {
  const at = text.indexOf('=');
  const field = text.slice(0, at).trim();
  if (at < 0 || !field.split('.').every(Boolean))
    throw new InvalidArgumentError('expected FIELD=V1,V2,… such as optimizer.learningRate=x0.3,x1,x3');
  const values = text
    .slice(at + 1)
    .split(',')
    .map((value) => scalar(value.trim()));
  const twice = values.find((value, i) => values.indexOf(value) < i);
  if (twice !== undefined) throw new InvalidArgumentError(`${JSON.stringify(twice)} is there twice`);
  return { field, values };
}

function scalar(text: string): Scalar {
  if (/^x./.test(text) && !Number.isNaN(Number(text.slice(1)))) {
    const by = factorOf(text);
    if (by === undefined)
      throw new InvalidArgumentError(`'${text}' is no factor: it must be above 0, as in x0.5`);
    return `x${by}`;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = /^[a-z][\w-]*$/i.test(text) ? text : undefined; // a shell takes the quotes away
  }
  const word = typeof value === 'string' && factorOf(value) === undefined;
  if (word || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return value as Scalar;
  throw new InvalidArgumentError(
    `'${text}' is neither a number, a word (or other JSON scalar) nor a factor such as x0.5`,
  );
}
