import {
  finalText,
  InputError,
  type Json,
  promptText,
  type Sample,
  UnsupportedError,
} from '../../core/index.ts';

/** What a template came to: its text, or whose fault it is that there is none. */
export type Filled =
  | { readonly text: string }
  | { readonly missing: string; readonly blame: 'reference' | 'candidate' };

export type Template = (sample: Sample<unknown>) => Filled;

type Piece = string | { readonly space: 'item' | 'sample'; readonly path: readonly string[] };

/**
 * A template of an OpenAI grader: text with `{{ item.… }}` (the record: its columns, `prompt` and `answer`) and
 * `{{ sample.output_text }}` or `{{ sample.output_json.… }}` (the completion). Throws InputError and UnsupportedError.
 */
export function readTemplate(text: string): Template {
  const pieces: Piece[] = [];
  let end = 0;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', end)) {
    const close = text.indexOf('}}', open);
    if (close < 0) throw new InputError("a template's '{{' is never closed");
    pieces.push(text.slice(end, open), reference(text.slice(open + 2, close).trim()));
    end = close + 2;
  }
  pieces.push(text.slice(end));
  return (sample) => {
    let filled = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        filled += piece;
        continue;
      }
      const found = lookUp(piece.space, piece.path, sample);
      if (found === undefined) {
        const named = `${piece.space}.${piece.path.join('.')}`;
        return piece.space === 'item'
          ? { missing: `the record has no ${named}`, blame: 'reference' }
          : { missing: `the completion has no ${named}`, blame: 'candidate' };
      }
      filled += typeof found === 'string' ? found : JSON.stringify(found);
    }
    return { text: filled };
  };
}

function reference(inside: string): Piece {
  const [space, ...path] = inside.replace(/\[(\d+)\]/g, '.$1').split('.');
  if ((space !== 'item' && space !== 'sample') || path.length === 0 || path.includes(''))
    throw new InputError(`a template names item.… or sample.…, not '${inside.slice(0, 60)}'`);
  const known = path[0] === 'output_json' || (path[0] === 'output_text' && path.length === 1);
  if (space === 'sample' && !known)
    throw new UnsupportedError(
      `a template's sample.${path[0]} is not supported (output_text and output_json are)`,
    );
  return { space, path };
}

function lookUp(
  space: 'item' | 'sample',
  path: readonly string[],
  sample: Sample<unknown>,
): Json | undefined {
  if (space === 'item') {
    const { prompt, answer, data } = sample.task;
    return follow({ prompt: promptText(prompt), answer, ...data }, path);
  }
  const text = finalText(sample);
  if (path[0] === 'output_text') return text;
  try {
    return follow(JSON.parse(text) as Json, path.slice(1));
  } catch {
    return undefined;
  }
}

function follow(from: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = from;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as { readonly [key: string]: Json | undefined })[step];
  }
  return value ?? undefined;
}
