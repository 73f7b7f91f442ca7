import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';

const root = resolve(import.meta.dirname, '..');

test('serve listens, scores, and ends with 0 on SIGTERM', async () => {
  const flags = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning'];
  const args = [
    ...flags,
    'src/cli/main.ts',
    'serve',
    '--reward',
    'number?tolerance=1',
    '--port',
    '0',
    '--json',
  ];
  const child = spawn(process.execPath, [...args, '--log', 'error'], { cwd: root });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  const url = await new Promise<string>((found, failed) => {
    child.stderr.on('data', (chunk) => {
      err += chunk;
      const line = /^serving number on (http:\S+)$/m.exec(err);
      if (line) found(line[1]!);
    });
    child.on('exit', () => failed(new Error(err)));
  });
  const reply = await fetch(`${url}/v1/score`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ completion: '6', answer: 5 }),
  });
  expect(await reply.json()).toMatchObject({ reward: 1 });
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ url, rewards: ['number'] });
});

test.each([
  [['serve'], 'give --config FILE or --reward SPEC'],
  [['serve', '--reward', 'numbr'], "did you mean 'number'?"],
  [['serve', '--config', 'nowhere.ts'], 'there is no such file'],
  [['serve', '--reward', 'number', '--port', '70000'], 'must be at most 65535'],
  [['serve', '--reward', '{"type":"score_model","name":"x"}'], 'ask a model'],
])('%j is one line and exit code 2', async (argv, message) => {
  const lines: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((chunk: string) => lines.push(String(chunk)) > 0) as typeof write;
  try {
    expect(await run(argv)).toBe(2);
  } finally {
    process.stderr.write = write;
  }
  expect(lines.join('')).toContain(message);
});
