import { exactField, type Json } from '../../core/index.ts';
import { parseJson } from '../json-body.ts';

/** What a label says of its sample. */
export interface Label {
  readonly answer?: Json;
  readonly reward?: string;
  readonly data?: { readonly [key: string]: Json | undefined };
  readonly group?: { readonly id: string; readonly size: number };
}

const known = ['answer', 'reward', 'data', 'group'];
/** Longest label that is looked into, in characters. */
const longest = 1_000_000;
/** Most values in a label. */
const mostValues = 100_000;

/**
 * A label of OpenRLHF or slime: the reference answer, or an object (slime: as JSON) with `reward` and nothing but
 * `reward`, `answer`, `data` and `group`, which routes the record. Anything else is a reference answer as it stands.
 */
export function readLabel(label: Json | undefined): Label {
  if (label === null || label === undefined) return {};
  return routing(label) ?? (typeof label === 'string' ? fromText(label) : undefined) ?? { answer: label };
}

function fromText(label: string): Label | undefined {
  if (!label.startsWith('{') || label.length > longest) return undefined;
  try {
    return routing(parseJson(label, mostValues) as Json);
  } catch {
    return undefined;
  }
}

function routing(label: Json): Label | undefined {
  if (typeof label !== 'object' || label === null || Array.isArray(label)) return undefined;
  const { reward, data, group } = label as { readonly [key: string]: Json | undefined };
  if (typeof reward !== 'string' || Object.keys(label).some((key) => !known.includes(key))) return undefined;
  const answer = exactField(label, 'answer');
  return {
    reward,
    ...(answer !== undefined && { answer }),
    ...(isFields(data) && { data }),
    ...(isFields(group) && typeof group.id === 'string' && isSize(group.size)
      ? { group: { id: group.id, size: group.size } }
      : {}),
  };
}

function isFields(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 4096;
}
