import type { Token } from './lex.ts';
import type { Node } from './tree.ts';
import { months } from './vocabulary.ts';

/** The number of a month by its name or its first letters (three or more); 0 for none. */
function monthOf(word: string): number {
  const lower = word.toLowerCase();
  if (lower.length < 3) return 0;
  return months.findIndex((month) => month === lower || (lower.length <= 4 && month.startsWith(lower))) + 1;
}

/** "July 4, 1776", "4 July 1776", "July 4th", "1776-07-04" as a date; undefined for anything else. */
export function date(tokens: readonly Token[]): Node | undefined {
  if (tokens.length < 2 || tokens.length > 8) return undefined;
  const iso = isoDate(tokens);
  if (iso) return iso;
  let month = 0;
  const numbers: string[] = [];
  let monthFirst = false;
  for (const token of tokens) {
    if (token.type === 'word') {
      const found = monthOf(token.v);
      if (found > 0 && month === 0) {
        month = found;
        monthFirst = numbers.length === 0;
      } else if (!/^(?:st|nd|rd|th|of|the|day|sun|mon|tues?|wednes|thurs?|fri|satur)(?:day)?$/i.test(token.v))
        return undefined;
    } else if (token.type === 'num') {
      if (token.q?.d !== 1n) return undefined;
      numbers.push(token.v);
    } else if (token.type === 'let') {
      // s t, n d, t h behind a day
      if (!/^[stndrh]$/.test(token.v)) return undefined;
    } else if (token.type !== 'op' || (token.v !== ',' && token.v !== '.')) return undefined;
  }
  if (month === 0 || numbers.length === 0 || numbers.length > 2) return undefined;
  let day: string | undefined;
  let year: string | undefined;
  for (const digits of numbers) {
    if (digits.length <= 2 && day === undefined) day = digits;
    else if (digits.length >= 3 && year === undefined) year = digits;
    else return undefined;
  }
  if (day === undefined && !monthFirst) return undefined;
  if (day !== undefined && (Number(day) < 1 || Number(day) > 31)) return undefined;
  return { kind: 'date', text: `${year ?? '?'}-${month}-${day === undefined ? '?' : Number(day)}` };
}

function isoDate(tokens: readonly Token[]): Node | undefined {
  if (tokens.length !== 5) return undefined;
  const [year, dash, month, dash2, day] = tokens as [Token, Token, Token, Token, Token];
  if (year.type !== 'num' || year.v.length !== 4 || dash.v !== '-' || dash2.v !== '-') return undefined;
  if (month.type !== 'num' || month.v.length !== 2 || day.type !== 'num' || day.v.length !== 2)
    return undefined;
  if (dash.space || month.space) return undefined;
  return { kind: 'date', text: `${year.v}-${Number(month.v)}-${Number(day.v)}` };
}
