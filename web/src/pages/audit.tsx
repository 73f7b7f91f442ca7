/** What audits found of the rewards themselves: error rates, disagreements, probes. */
import { type AuditAnswer, type AuditRow, type AuditsAnswer, apiUrl } from '../api.ts';
import { Curve } from '../audit/curve.tsx';
import { Disagreements } from '../audit/disagreements.tsx';
import { Pair, Probes, RatesTable } from '../audit/tables.tsx';
import { useResource } from '../client.ts';
import { dateTime } from '../format.ts';
import { useAddress, withQuery } from '../router.ts';
import { codeOf } from '../ui/code.ts';
import { Badge, Empty, Failure, Link, Loading, Scroll, useTitle } from '../ui/parts.tsx';

const kinds: { readonly [kind: string]: string } = {
  rates: 'error rates',
  agreement: 'agreement of two rewards',
  comparison: 'comparison of two rewards',
  probes: 'probes',
  rescore: 're-scoring of a run',
};

export function AuditPage() {
  const address = useAddress();
  const list = useResource<AuditsAnswer>(apiUrl('/audits'));
  const name = address.query.get('audit') ?? list.data?.audits[0]?.name;
  const found = useResource<AuditAnswer>(
    name === undefined ? null : apiUrl(`/audits/${encodeURIComponent(name)}`),
  );
  useTitle(name === undefined ? 'Audit' : `Audit ${name}`);
  if (list.error && !list.data) return <Failure error={list.error} retry={list.reload} />;
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <h1>Audit</h1>
          <p class="sub">How often a reward is wrong, where, and what gets past it.</p>
        </div>
      </div>
      {!list.data && <Loading what="the audits" />}
      {list.data?.unreadable.map((each) => (
        <p key={each.file} class="bad-text">
          {each.file}: {each.error}
        </p>
      ))}
      {list.data && list.data.audits.length === 0 && name === undefined && (
        <Empty
          title="No audit is stored yet"
          command={'npx assay audit answers.jsonl --reward math --label correct --out'}
        >
          An audit measures a reward against labels. With <code>--out</code> it is kept in{' '}
          <span class="mono">{list.data.folder}</span> and shown here.
        </Empty>
      )}
      {list.data && name !== undefined && (
        <div class="audit">
          <nav class="audit-list" aria-label="Audits">
            <ul>
              {list.data.audits.map((row) => (
                <li key={row.name}>
                  <Link
                    href={withQuery(address, { audit: row.name, kind: null, category: null })}
                    aria-current={row.name === name ? 'page' : undefined}
                  >
                    <AuditName row={row} />
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <div class="audit-body">
            {found.error && !found.data && <Failure error={found.error} retry={found.reload} />}
            {!found.data && !found.error && <Loading what="the audit" />}
            {found.data && <Found answer={found.data} />}
          </div>
        </div>
      )}
    </>
  );
}

function AuditName({ row }: { row: AuditRow }) {
  return (
    <>
      <span class="audit-title">
        <bdi>{row.reward ?? row.name}</bdi>
        {row.second !== null && (
          <>
            {' '}
            and <bdi>{row.second}</bdi>
          </>
        )}
        <Badge tone={row.ok ? 'good' : 'bad'}>{row.ok ? '✓ ok' : '✗ over its limits'}</Badge>
      </span>
      <span class="muted">
        {kinds[row.kind]}
        {row.source !== null && (
          <>
            {' '}
            of <bdi>{row.source}</bdi>
          </>
        )}
      </span>
      <span class="muted">{row.headline}</span>
    </>
  );
}

function Found({ answer }: { answer: AuditAnswer }) {
  const { audit, rates, byCategory, byColumn, curve, threshold, disagreements, pair, probes, rescore } =
    answer;
  return (
    <div class="stack">
      <header class="audit-head">
        <h2>
          <bdi>{audit.reward ?? audit.name}</bdi>
          {audit.source !== null && (
            <span class="muted">
              {' '}
              on <bdi>{audit.source}</bdi>
            </span>
          )}
        </h2>
        <span class="muted">
          {kinds[audit.kind]} · {dateTime(audit.time)} · <span class="mono">{audit.name}</span>
        </span>
      </header>
      {rates && (
        <RatesTable title="Against the labels" rows={{ all: rates, ...byCategory }} firstColumn="Category" />
      )}
      {Object.keys(byColumn).length > 1 && (
        <RatesTable title="By completion field" rows={byColumn} firstColumn="Field" />
      )}
      {curve.length > 1 && <Curve curve={curve} threshold={threshold} />}
      {pair && <Pair pair={pair} first={audit.reward ?? 'first'} second={audit.second ?? 'second'} />}
      {probes && <Probes probes={probes} />}
      {(rates || pair) && (
        <Disagreements key={audit.name} list={disagreements} hasSecond={audit.second !== null} />
      )}
      {rescore != null && (
        <section class="panel" aria-label="Re-scoring">
          <header>
            <h3>What changed</h3>
          </header>
          <Scroll class="body code" label="What changed">
            <pre>{codeOf(rescore)}</pre>
          </Scroll>
        </section>
      )}
    </div>
  );
}
