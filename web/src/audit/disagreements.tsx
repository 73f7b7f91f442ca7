/** Where a reward and the labels, or two rewards, say different things: both readings side by side. */

import { useState } from 'preact/hooks';
import type { AuditDisagreement } from '../api.ts';
import { count, number } from '../format.ts';
import { setQuery, useAddress } from '../router.ts';
import { ModelText } from '../samples/model-text.tsx';
import { Badge, type Tone } from '../ui/parts.tsx';

const kinds: { readonly [kind: string]: readonly [string, Tone] } = {
  falsePositive: ['wrongly accepted', 'bad'],
  falseNegative: ['wrongly rejected', 'warn'],
  noVerdict: ['no verdict', 'silent'],
  apart: ['readings apart', 'accent'],
};
const shownAtOnce = 25;

export function Disagreements({
  list,
  hasSecond,
}: {
  list: readonly AuditDisagreement[];
  hasSecond: boolean;
}) {
  const { query } = useAddress();
  const [shown, setShown] = useState(shownAtOnce);
  const kind = query.get('kind');
  const category = query.get('category');
  const present = [...new Set(list.map((each) => each.kind))];
  const categories = [...new Set(list.flatMap((each) => each.category ?? []))].sort();
  const found = list.filter(
    (each) => (kind === null || each.kind === kind) && (category === null || each.category === category),
  );
  return (
    <section aria-label="Disagreements">
      <div class="toolbar">
        <h3>{count(list.length, 'disagreement')}</h3>
        {present.length > 1 && (
          <select
            aria-label="Kind of disagreement"
            value={kind ?? ''}
            onChange={(event) => setQuery({ kind: event.currentTarget.value })}
          >
            <option value="">every kind</option>
            {present.map((each) => (
              <option key={each} value={each}>
                {kinds[each]![0]} ({list.filter((one) => one.kind === each).length})
              </option>
            ))}
          </select>
        )}
        {categories.length > 1 && (
          <select
            aria-label="Category"
            value={category ?? ''}
            onChange={(event) => setQuery({ category: event.currentTarget.value })}
          >
            <option value="">every category</option>
            {categories.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        )}
      </div>
      {list.length === 0 && <p class="muted">None is stored in this audit.</p>}
      <div class="disagreements">
        {found.slice(0, shown).map((each) => (
          <One key={`${each.line} ${each.column} ${each.id}`} of={each} hasSecond={hasSecond} />
        ))}
      </div>
      {found.length > shown && (
        <button type="button" class="button" onClick={() => setShown(shown + shownAtOnce)}>
          Show more: {found.length - shown} left
        </button>
      )}
    </section>
  );
}

function One({ of, hasSecond }: { of: AuditDisagreement; hasSecond: boolean }) {
  const [said, tone] = kinds[of.kind]!;
  return (
    <article class="panel disagreement" aria-label={`Line ${of.line}: ${said}`}>
      <header>
        <Badge tone={tone}>{said}</Badge>
        <span>
          line {of.line}
          {of.column !== '' && <span class="muted"> · {of.column}</span>}
        </span>
        <bdi class="mono muted">{of.id}</bdi>
        {of.category !== null && (
          <Badge>
            <bdi>{of.category}</bdi>
          </Badge>
        )}
        {of.label !== null && <span class="push">labelled {of.label ? 'right' : 'wrong'}</span>}
      </header>
      <div class="body">
        {of.prompt && (
          <details>
            <summary>Prompt</summary>
            <ModelText text={of.prompt.text} whole={of.prompt.cut ? undefined : of.prompt.length} />
          </details>
        )}
        {of.completion && (
          <>
            <span class="muted">Completion</span>
            <ModelText text={of.completion.text} />
          </>
        )}
        <dl class="readings">
          {of.reference !== null && (
            <div>
              <dt>Reference</dt>
              <dd>
                <bdi class="mono">{of.reference}</bdi>
              </dd>
            </div>
          )}
          <Reading title={hasSecond ? 'First reads' : 'Read as'} of={of.first} />
          {of.second && <Reading title="Second reads" of={of.second} />}
        </dl>
      </div>
    </article>
  );
}

function Reading({ title, of }: { title: string; of: AuditDisagreement['first'] }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {of.value === null ? (
          <Badge tone="silent">∅ {of.cause ?? 'no verdict'}</Badge>
        ) : (
          <b>{number(of.value)}</b>
        )}{' '}
        {of.answer !== null && <bdi class="mono">{of.answer}</bdi>}
        {of.reason !== null && (
          <>
            {' '}
            <bdi class="muted">{of.reason}</bdi>
          </>
        )}
      </dd>
    </div>
  );
}
