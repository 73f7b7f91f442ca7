/**
 * A browser on the dashboard: what every test of it needs. Nothing here, nor in the tests, may depend on how fast the machine is:
 * wait for what is to be seen, and for addresses too (`expect.poll`), which a browser tells of later than of the key.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { openStore, type Store } from '../../src/store/index.ts';
import { startView, type ViewServer } from '../../src/view/index.ts';

/** For a browser on one busy core; a test that hangs is told of late, and that is all. */
export const patient = { timeout: 300_000 };

export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (chromiumPath === undefined)
  console.log('skipped: there is no Chromium on this machine (Debian: apt-get install chromium)');

export interface Dashboard {
  readonly folder: string;
  readonly store: Store;
  readonly url: string;
  /** A page in a fresh context; `errors` fills with what its console and scripts complain of, and with requests elsewhere. */
  open(path: string, options?: BrowserContextOptions): Promise<{ page: Page; errors: string[] }>;
  close(): Promise<void>;
}

/** A store in a folder of its own, a server over it, a browser. `fill` writes the store before anything reads it. */
export async function openDashboard(
  fill: (store: Store, folder: string) => Promise<void>,
): Promise<Dashboard> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-view-'));
  const store = openStore(join(folder, 'assay.db'));
  await fill(store, folder);
  const server: ViewServer = await startView({
    store: join(folder, 'assay.db'),
    port: 0,
    reproductions: [],
    version: 'test',
  });
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  return {
    folder,
    store,
    url: server.url,
    open: async (path, options = {}) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        reducedMotion: 'reduce',
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url) && !/^(blob|data):/.test(request.url()))
          errors.push(`asked for ${request.url()}`);
      });
      await page.addInitScript(watchShifts);
      await page.addInitScript(watchWork);
      await page.goto(server.url + path);
      return { page, errors };
    },
    close: async () => {
      await browser.close();
      await server.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs in the page: sums what the browser measures of layout shift, as the web vitals do (what a person caused is left out). */
function watchShifts(): void {
  const shifts: string[] = [];
  Object.assign(globalThis, { shifts });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput, sources } = entry as unknown as {
        value: number;
        hadRecentInput: boolean;
        sources: {
          node?: { className?: string; nodeName?: string; textContent?: string };
          previousRect: DOMRectReadOnly;
          currentRect: DOMRectReadOnly;
        }[];
      };
      if (!hadRecentInput)
        shifts.push(
          `${value.toFixed(4)} ${sources
            .map(({ node, previousRect: a, currentRect: b }) => {
              const place = ({ x, y, width, height }: DOMRectReadOnly) =>
                [x, y, width, height].map((n) => n.toFixed(1)).join(' ');
              const named = `${node?.nodeName}.${node?.className ?? ''} '${node?.textContent?.slice(0, 40)}'`;
              return `${named} from ${place(a)} to ${place(b)}`;
            })
            .join('; ')}`,
        );
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Layout shifts since the page was loaded, or since `shiftsSoFar` of them. */
export async function shifts(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts);
}

/** Runs in the page: how many requests are on their way, and when the page last changed. */
function watchWork(): void {
  const work = { requests: 0, changed: performance.now() };
  Object.assign(globalThis, { work });
  const plain = globalThis.fetch;
  globalThis.fetch = async (...of) => {
    work.requests++;
    try {
      return await plain(...of);
    } finally {
      work.requests--;
      work.changed = performance.now();
    }
  };
  new MutationObserver(() => {
    work.changed = performance.now();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
}

/** Waits until the page has shown all that it asked for. A page over a run that writes never has. */
export async function quiet(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { work } = globalThis as unknown as { work: { requests: number; changed: number } };
    return work.requests === 0 && performance.now() - work.changed > 400;
  });
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core finds wrong with the page, in one line each. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    // The page's own rules forbid scripts from elsewhere, so this one comes through the debugger.
    const { readFileSync } = await import('node:fs');
    await page.evaluate(readFileSync(axePath, 'utf8'));
  }
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    return (await axe.run()).violations;
  });
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(
          ({ html, failureSummary }) =>
            `${html.slice(0, 160)} (${failureSummary.replaceAll('\n', ' ').slice(0, 240)})`,
        )
        .join(' | ')}`,
  );
}
