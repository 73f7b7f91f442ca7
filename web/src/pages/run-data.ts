/** A run and what it writes while the page is open. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, type LiveStep, type RunAnswer, type RunEvent, type RunRow, runPath } from '../api.ts';
import { type Resource, useResource } from '../client.ts';
import { useLive } from '../live.ts';
import { useThrottled } from './throttle.ts';

export interface LiveRun {
  readonly answer: RunAnswer | undefined;
  readonly resource: Resource<RunAnswer>;
  /** The newest row of the run. */
  readonly run: RunRow | undefined;
  /** Steps that came by the stream, in order; a chart takes those that it does not have. */
  readonly tail: readonly LiveStep[];
  readonly events: readonly RunEvent[];
  /** Changes when series must be read anew. */
  readonly version: number;
  readonly gone: boolean;
}

/** So many steps are kept beside the series before those are read anew. */
const tailAtMost = 400;

export function useRun(id: string): LiveRun {
  const [version, setVersion] = useState(0);
  const resource = useResource<RunAnswer>(apiUrl(runPath(id)), version);
  const answer = resource.data;
  const reload = useThrottled(() => setVersion((n) => n + 1), 2000);
  const news = useRef<{ run?: RunRow; steps: LiveStep[]; events: RunEvent[]; gone: boolean }>({
    steps: [],
    events: [],
    gone: false,
  });
  const [shown, setShown] = useState({ ...news.current });
  const show = useThrottled(() => setShown({ ...news.current, steps: [...news.current.steps] }), 400);
  const known = useRef(new Set<string>());
  useEffect(() => {
    known.current = new Set(answer?.metrics.map(({ name }) => name));
  }, [answer]);

  useLive(answer ? { run: id, from: answer.run.last } : undefined, {
    step: (step) => {
      news.current.steps.push(step);
      if (news.current.steps.length > tailAtMost) {
        news.current.steps = news.current.steps.slice(-tailAtMost / 2);
        reload();
      }
      if (Object.keys(step.metrics).some((name) => !known.current.has(name))) reload();
      show();
    },
    run: (run) => {
      if (news.current.run?.status !== run.status) reload();
      news.current.run = run;
      show();
    },
    event: (event) => {
      news.current.events = [...news.current.events, event];
      show();
    },
    evaluation: reload,
    gone: () => {
      news.current.gone = true;
      show();
    },
    truncated: ({ last }) => {
      news.current.steps = news.current.steps.filter(({ step }) => step <= last);
      reload();
    },
    behind: reload,
    back: reload,
  });

  const stored = answer?.events ?? [];
  const keys = new Set(stored.map(eventKey));
  return {
    answer,
    resource,
    run: shown.run ?? answer?.run,
    tail: shown.steps,
    events: [...stored, ...shown.events.filter((event) => !keys.has(eventKey(event)))],
    version,
    gone: shown.gone,
  };
}

function eventKey({ step, kind, time }: RunEvent): string {
  return `${time} ${step} ${kind}`;
}
