/** Imports go only up the table of folders (DESIGN: 'The house'): a folder may import those before it, per this table. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const parts = ['core', 'parse'];
const models = ['core', 'parse', 'judge'];
const upToExecute = [...parts, 'sandbox', 'verify', 'execute'];
const belowTrain = [
  ...new Set([
    ...upToExecute,
    ...models,
    'shape',
    'credit',
    'objective',
    'curriculum',
    'dataset',
    'env',
    'engine',
    'control',
    'store',
    'catalogue',
  ]),
];

/** For each folder of src, the other folders it may import. */
const allowed: Record<string, readonly string[]> = {
  core: [],
  sandbox: ['core'],
  parse: ['core'],
  verify: parts,
  execute: [...parts, 'verify', 'sandbox'],
  judge: parts,
  shape: ['core', 'parse'],
  credit: ['core'],
  objective: ['core'],
  curriculum: ['core'],
  dataset: [...upToExecute, 'judge'],
  env: upToExecute,
  engine: ['core'],
  control: ['core'],
  store: ['core'],
  catalogue: belowTrain,
  train: belowTrain,
  audit: [...belowTrain, 'train'],
  serve: [...belowTrain, 'train', 'audit'],
  view: [...belowTrain, 'train', 'audit'],
  cli: [...belowTrain, 'train', 'audit', 'serve', 'view'],
};

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

const specifier = /(?:from\s+|import\s*\(\s*|import\s+)(['"])([^'"\n]+)\1/g;
const problems: string[] = [];
const graph = new Map<string, string[]>();

for (const path of sources(join(root, 'src'))) {
  const file = relative(root, path);
  const folder = relative(join(root, 'src'), path).split(sep)[0]!;
  const may = allowed[folder];
  if (!may && folder.includes('.')) continue; // a file directly in src
  if (!may) {
    problems.push(`${file}: src/${folder} is not in the table of tools/check-imports.ts`);
    continue;
  }
  const edges: string[] = [];
  graph.set(path, edges);
  const text = readFileSync(path, 'utf8');
  for (const match of text.matchAll(specifier)) {
    const target = match[2]!;
    const line = text.slice(0, match.index).split('\n').length;
    if (target.startsWith('assay/') || target === 'assay')
      problems.push(`${file}:${line}: inside src, import by relative path, not '${target}'`);
    if (!target.startsWith('.')) continue;
    const full = resolve(dirname(path), target);
    edges.push(full);
    const other = relative(join(root, 'src'), full).split(sep)[0]!;
    // A test may look at everything: it crosses folders on purpose.
    if (other !== folder && !may.includes(other) && !path.endsWith('.test.ts'))
      problems.push(`${file}:${line}: src/${folder} may not import '${target}' (src/${other})`);
  }
}
for (const path of sources(join(root, 'recipes'))) {
  const text = readFileSync(path, 'utf8');
  for (const match of text.matchAll(specifier))
    if (match[2]!.startsWith('../src'))
      problems.push(
        `${relative(root, path)}: a recipe imports public exports ('assay/…') only, not '${match[2]}'`,
      );
}

/** Cycles between files, by depth-first search; type-only imports count too: they are a tangle all the same. */
const state = new Map<string, 'open' | 'done'>();
function visit(path: string, trail: string[]): void {
  if (state.get(path) === 'done') return;
  if (state.get(path) === 'open') {
    const cycle = [...trail.slice(trail.indexOf(path)), path].map((file) => relative(root, file));
    problems.push(`import cycle: ${cycle.join(' → ')}`);
    return;
  }
  state.set(path, 'open');
  for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
  state.set(path, 'done');
}
for (const path of graph.keys()) visit(path, []);

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`imports: ${graph.size} files, direction and cycles checked`);
