/** The frame around every page, and which page an address means. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { apiUrl, type Session } from './api.ts';
import { useResource } from './client.ts';
import { useConnection } from './live.ts';
import { AlarmsPage } from './pages/alarms.tsx';
import { AuditPage } from './pages/audit.tsx';
import { ComparePage } from './pages/compare.tsx';
import { RunPage } from './pages/run.tsx';
import { RunsPage } from './pages/runs.tsx';
import { useAddress } from './router.ts';
import { ThemeButton } from './theme.tsx';
import { Empty, Link } from './ui/parts.tsx';

const sections = [
  { href: '/', name: 'Runs', is: (path: string) => path === '/' || path.startsWith('/run/') },
  { href: '/compare', name: 'Compare', is: (path: string) => path === '/compare' },
  { href: '/audit', name: 'Audit', is: (path: string) => path === '/audit' },
  { href: '/alarms', name: 'Alarms', is: (path: string) => path === '/alarms' },
] as const;

export function App() {
  const { path } = useAddress();
  const session = useResource<Session>(apiUrl('/session'));
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="topbar">
        <Link href="/" class="brand" aria-label="Assay: all runs">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" fill="#1f5fbf" />
            <path
              d="M7 23 13 14l5 5 7-11"
              fill="none"
              stroke="#fff"
              stroke-width="3"
              stroke-linecap="round"
            />
          </svg>
          <b>Assay</b>
        </Link>
        <nav aria-label="Sections">
          {sections.map(({ href, name, is }) => (
            <Link key={href} href={href} aria-current={is(path) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <div class="end">
          <ConnectionSign />
          <ThemeButton />
        </div>
      </header>
      <Main path={path}>{page(path, session.data)}</Main>
    </>
  );
}

function page(path: string, session: Session | undefined) {
  const run = /^\/run\/([^/]+)(?:\/(samples|config|alarms))?\/?$/.exec(path);
  if (run) return <RunPage key={run[1]} id={decoded(run[1]!)} tab={run[2] ?? 'charts'} session={session} />;
  if (path === '/') return <RunsPage session={session} />;
  if (path === '/compare') return <ComparePage />;
  if (path === '/audit') return <AuditPage />;
  if (path === '/alarms') return <AlarmsPage />;
  return (
    <Empty title="There is no such page">
      The dashboard has <Link href="/">runs</Link>, <Link href="/compare">a comparison</Link>,{' '}
      <Link href="/audit">audits</Link> and <Link href="/alarms">alarms</Link>.
    </Empty>
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Moves the focus to a new page, so that a keyboard or a screen reader starts at its top and not in the old place. */
function Main({ path, children }: { path: string; children: ComponentChildren }) {
  const element = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) element.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return (
    <main id="main" ref={element} tabIndex={-1}>
      {children}
    </main>
  );
}

const connectionWords = {
  none: ['', ''],
  connecting: ['connecting', ''],
  live: ['live', 'good'],
  lost: ['not connected', 'bad'],
} as const;

function ConnectionSign() {
  const connection = useConnection();
  const [said, tone] = connectionWords[connection];
  return (
    <span
      class="connection"
      role="status"
      title={connection === 'live' ? 'This page updates by itself' : undefined}
    >
      {connection !== 'none' && <span class={`dot ${tone}`} aria-hidden="true" />}
      <span>{said}</span>
    </span>
  );
}
