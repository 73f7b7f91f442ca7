import { type Constraint, constraint, type Outcome } from '../constraint.ts';
import { none, outcome } from '../outcome.ts';
import { isSpacePoint, isWordPoint, strip } from '../python.ts';

export const csv: readonly Constraint[] = [
  constraint('custom:csv_city', none, (text) => {
    const rows = readCsv(text, ',');
    const problem = shapeProblem(rows, 8);
    if (problem) return problem;
    if (rows![0]!.join('\n') !== 'ID\nCountry\nCity\nYear\nCount')
      return outcome(false, 'does not have the columns ID, Country, City, Year, Count');
    return widthProblem(rows!.slice(1)) ?? outcome(true, 'has the five columns and 7 rows');
  }),
  constraint('custom:csv_special_character', none, (text) => {
    const header = strip(text.split('\n', 1)[0]!);
    if (
      !/^(?:ProductID|"ProductID"),[ \t]*(?:Category|"Category"),[ \t]*(?:Brand|"Brand"),[ \t]*(?:Price|"Price"),[ \t]*(?:Stock|"Stock")$/.test(
        header,
      )
    )
      return outcome(false, 'does not have the columns ProductID, Category, Brand, Price, Stock');
    const rows = readCsv(text.replaceAll('"', '"""'), ',');
    const problem = shapeProblem(rows, 15);
    if (problem) return problem;
    for (const row of rows!.slice(1)) {
      if (row.length !== 5) return outcome(false, `has a row of ${row.length} fields, 5 asked`);
      if (row.some(hasQuotedMark)) return outcome(true, 'has 14 rows and a quoted special character');
    }
    return outcome(false, 'has no special character in a quoted field');
  }),
  constraint('custom:csv_quotes', none, (text) => {
    const header = strip(text.split('\n', 1)[0]!);
    if (
      !/^(?:StudentID|"StudentID")\t *(?:Subject|"Subject")\t *(?:Grade|"Grade")\t *(?:Semester|"Semester")\t *(?:Score|"Score")$/.test(
        header,
      )
    )
      return outcome(
        false,
        'does not have the columns StudentID, Subject, Grade, Semester, Score between tabs',
      );
    const rows = readCsv(text.replaceAll('"', '"""'), '\t');
    const problem = shapeProblem(rows, 4) ?? widthProblem(rows!);
    if (problem) return problem;
    const quoted = rows!.flat().every((field) => strip(field).startsWith('"') && strip(field).endsWith('"'));
    return outcome(quoted, quoted ? 'has 3 rows of quoted fields' : 'has a field without double quotes');
  }),
];

function shapeProblem(rows: readonly string[][] | undefined, asked: number): Outcome | undefined {
  if (rows === undefined)
    return outcome(false, 'is not CSV: text follows a carriage return, or a field is too long');
  if (rows.length !== asked) return outcome(false, `has ${rows.length} lines of CSV, ${asked} asked`);
  return undefined;
}

function widthProblem(rows: readonly string[][]): Outcome | undefined {
  const row = rows.find((fields) => fields.length !== 5);
  return row && outcome(false, `has a row of ${row.length} fields, 5 asked`);
}

/** A field that starts with a double quote and has a mark before the last one of its first line. */
function hasQuotedMark(field: string): boolean {
  if (!field.startsWith('"')) return false;
  const line = field.split('\n', 1)[0]!;
  const last = line.lastIndexOf('"');
  for (const letter of line.slice(1, Math.max(1, last))) {
    const point = letter.codePointAt(0)!;
    if (!isWordPoint(point) && !isSpacePoint(point)) return true;
  }
  return false;
}

const longestField = 131_072;

/**
 * Rows of CSV as Python's csv module reads them with its defaults: quotes may span lines, doubled quotes stand for one,
 * a blank line is a row without fields. Undefined where that module raises an error.
 */
export function readCsv(text: string, delimiter: string): string[][] | undefined {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let state: 'record' | 'field' | 'inside' | 'quoted' | 'quote' | 'end' = 'record';
  const finish = () => {
    row.push(field);
    field = '';
  };
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const last = i === lines.length - 1;
    if (last && line === '') break;
    for (const letter of last ? line : `${line}\n`) {
      const isBreak = letter === '\n' || letter === '\r';
      if (state === 'end') {
        if (isBreak) continue;
        return undefined;
      }
      if (state === 'quoted') {
        if (letter === '"') state = 'quote';
        else field += letter;
      } else if (state === 'quote' && letter === '"') {
        field += letter;
        state = 'quoted';
      } else if (state === 'record' && isBreak) state = 'end';
      else if (isBreak) {
        finish();
        state = 'end';
      } else if (letter === delimiter) {
        finish();
        state = 'field';
      } else if (letter === '"' && (state === 'record' || state === 'field')) state = 'quoted';
      else {
        field += letter;
        state = 'inside';
      }
      if (field.length > longestField) return undefined;
    }
    if (state === 'quoted') continue; // the field goes on in the next line
    if (state !== 'record' && state !== 'end') finish();
    rows.push(row);
    row = [];
    state = 'record';
  }
  if (state === 'quoted') {
    finish();
    rows.push(row);
  }
  return rows;
}
