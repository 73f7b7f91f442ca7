/**
 * Verdicts a second with 1, 2 and 4 server processes behind nginx on this machine, and without nginx for comparison: single
 * samples at 32 connections and batches of 256, cache off, one scoring thread a process. `npm run bench:nginx`; skipped with a
 * line where there is no nginx (Debian: nginx-light).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServeProcess, startServe } from '../src/serve/fixtures/process.ts';
import { batch, batches, drive, freePort, type Load, ready, singles } from './serve.ts';

/** Round-robin with kept connections; a server that is full (429) or going down (503) is passed over. */
const configuration = (folder: string, port: number, upstreams: readonly string[]) => `
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 32m;
  client_body_buffer_size 1m;
  upstream assay {
    least_conn;
    keepalive 64;
${upstreams.map((url) => `    server ${new URL(url).host};`).join('\n')}
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://assay;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_next_upstream error timeout http_429 http_503 non_idempotent;
    }
  }
}
`;

async function behind<T>(upstreams: readonly string[], use: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, upstreams));
  const child = spawn('nginx', ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    await ready(`${url}/readyz`, child);
    return await use(url);
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Row {
  readonly setup: string;
  readonly kind: 'number' | 'math';
  readonly single: Load;
  readonly batched: Load;
}

async function measure(kind: Row['kind'], setup: string, url: string): Promise<Row> {
  return {
    setup,
    kind,
    single: await drive(`${url}/v1/score`, singles(kind), 1),
    batched: await drive(`${url}/v1/score`, batches(kind), batch),
  };
}

export async function benchNginx(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of ['number', 'math'] as const) {
    const options = ['--reward', kind, '--workers', '1', '--cache', '0', '--queue', '100000'];
    const servers: ServeProcess[] = [];
    try {
      for (const processes of [1, 2, 4]) {
        while (servers.length < processes) servers.push(await startServe(options));
        const urls = servers.map(({ url }) => url);
        if (processes === 1) rows.push(await measure(kind, '1 process, no nginx', urls[0]!));
        const setup = `${processes} process${processes > 1 ? 'es' : ''}`;
        rows.push(await behind(urls, (url) => measure(kind, setup, url)));
      }
    } finally {
      for (const server of servers) await server.stop();
    }
  }
  return rows;
}

if (import.meta.main) {
  if (spawnSync('nginx', ['-v']).status !== 0) {
    console.log('skipped: there is no nginx here (Debian: apt-get install nginx-light)');
    process.exit(0);
  }
  console.log(`${availableParallelism()} cores, shared by client, nginx and servers\n`);
  console.log('|                     | reward | single/s | p50     | p99     | batches of 256, verdicts/s |');
  console.log('| ------------------- | ------ | -------- | ------- | ------- | -------------------------- |');
  for (const { setup, kind, single, batched } of await benchNginx()) {
    const cells = [
      setup.padEnd(19),
      kind.padEnd(6),
      String(Math.round(single.perSecond)).padStart(8),
      `${single.p50.toFixed(1)} ms`.padStart(7),
      `${single.p99.toFixed(0)} ms`.padStart(7),
      String(Math.round(batched.perSecond)).padStart(26),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
