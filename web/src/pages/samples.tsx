/** What was said: the groups of a step side by side, or all samples under filters. */
import { apiUrl, type RunAnswer, runPath, type StepsAnswer } from '../api.ts';
import { useResource } from '../client.ts';
import { setQuery, useAddress, withQuery } from '../router.ts';
import { AllSamples } from '../samples/all-samples.tsx';
import { Groups } from '../samples/groups.tsx';
import { Empty, Failure, Link, Loading } from '../ui/parts.tsx';

export function SamplesTab({ answer, last, live }: { answer: RunAnswer; last: number; live: boolean }) {
  const address = useAddress();
  const split = address.query.get('split') ?? answer.splits[0] ?? 'train';
  const all = address.query.get('view') === 'all';
  const run = answer.run.id;
  // The list of steps is read anew while a run writes, but not at every step, and when it ended.
  const version = live ? Math.floor(last / 5) : `to ${last}`;
  const steps = useResource<StepsAnswer>(apiUrl(`${runPath(run)}/steps`, { split }), version);
  if (steps.error && !steps.data) return <Failure error={steps.error} retry={steps.reload} />;
  if (!steps.data) return <Loading what="the samples" />;
  if (steps.data.steps.length === 0)
    return (
      <Empty title="No samples are stored yet">
        {live
          ? 'Samples are stored from the first step on that takes rollouts; a warm start has none.'
          : 'This run stored metrics only. Samples are kept every `samplesEvery` steps, and supervised steps have none.'}
      </Empty>
    );
  return (
    <div class="samples-tab">
      <div class="toolbar">
        <fieldset class="segmented" aria-label="View">
          <Link href={withQuery(address, { view: null })} aria-current={all ? undefined : 'true'}>
            Groups of a step
          </Link>
          <Link href={withQuery(address, { view: 'all' })} aria-current={all ? 'true' : undefined}>
            All samples
          </Link>
        </fieldset>
        {steps.data.splits.length > 1 && (
          <label class="field">
            Split
            <select
              value={split}
              onChange={(event) =>
                setQuery({
                  split: event.currentTarget.value,
                  step: null,
                  group: null,
                  sample: null,
                  at: null,
                })
              }
            >
              {steps.data.splits.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {all ? (
        <AllSamples run={run} split={split} steps={steps.data} last={last} live={live} version={version} />
      ) : (
        <Groups run={run} split={split} steps={steps.data.steps} live={live} />
      )}
    </div>
  );
}
