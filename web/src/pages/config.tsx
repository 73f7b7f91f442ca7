/** The recipe that a run ran, as it was stored, and what came of it. */
import { type RunAnswer, runPage } from '../api.ts';
import { percent } from '../format.ts';
import { codeOf } from '../ui/code.ts';
import { download, Link, Scroll } from '../ui/parts.tsx';
import { StatusBadge } from '../ui/run-parts.tsx';

export function ConfigTab({ answer }: { answer: RunAnswer }) {
  const { run, config, summary, stages, siblings } = answer;
  return (
    <div class="config stack">
      <section class="panel">
        <header>
          <h2>Recipe</h2>
          <button
            type="button"
            class="button small push"
            onClick={() =>
              download(`${run.id}.json`, 'application/json', `${JSON.stringify(config, null, 2)}\n`)
            }
          >
            Save as JSON
          </button>
        </header>
        <Scroll class="body code" label="The recipe">
          <pre>{codeOf(config)}</pre>
        </Scroll>
      </section>
      <div class="columns">
        {stages.length > 0 && (
          <section class="panel">
            <header>
              <h2>Stages</h2>
            </header>
            <table>
              <tbody>
                {stages.map(({ name, from, to }) => (
                  <tr key={`${name} ${from}`}>
                    <th scope="row">
                      <bdi>{name}</bdi>
                    </th>
                    <td class="num">
                      steps {from} to {to}
                    </td>
                    <td class="num">
                      <Link href={`${runPage(run.id)}?from=${from}&to=${to}`}>charts</Link>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {siblings.length > 0 && (
          <section class="panel">
            <header>
              <h2>Other seeds and arms</h2>
              <Link
                class="button small push"
                href={`/compare?runs=${[run.id, ...siblings.map(({ id }) => id)].slice(0, 50).map(encodeURIComponent).join(',')}`}
              >
                Compare all
              </Link>
            </header>
            <table>
              <tbody>
                {siblings.slice(0, 100).map((each) => (
                  <tr key={each.id}>
                    <th scope="row">
                      <Link href={runPage(each.id)}>
                        {each.arm ?? 'main'} <span class="muted">seed {each.seed}</span>
                      </Link>
                    </th>
                    <td>
                      <StatusBadge run={{ status: each.status, activity: null, error: null }} />
                    </td>
                    <td class="num">{percent(each.after)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {summary != null && (
          <section class="panel">
            <header>
              <h2>What came of it</h2>
            </header>
            <Scroll class="body code" label="The summary">
              <pre>{codeOf(summary)}</pre>
            </Scroll>
          </section>
        )}
      </div>
    </div>
  );
}
