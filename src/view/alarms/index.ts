import type { AlarmsAnswer, AlarmsListAnswer, FalseAlarms } from '../api.ts';
import { duplicates } from './duplicates.ts';
import { lengthRunaway } from './length-runaway.ts';
import measured from './measured.json' with { type: 'json' };
import { noVerdicts } from './no-verdicts.ts';
import { partSaturating } from './part-saturating.ts';
import { rewardWithoutHeldOut } from './reward-without-heldout.ts';
import type { Looked, RunSigns } from './rule.ts';

export type { Finding, Looked, Rule, RunSigns } from './rule.ts';
export { type RunSignsOf, signsOf } from './signs.ts';

type RuleName = AlarmsAnswer['alarms'][number]['rule'];

interface AnyRule {
  readonly rule: RuleName;
  readonly options: { readonly [name: string]: number };
  readonly says: string;
  look(signs: RunSigns): Looked;
}

/** Every rule with its default options. */
export const alarmRules: readonly AnyRule[] = [
  bound(rewardWithoutHeldOut),
  bound(lengthRunaway),
  bound(partSaturating),
  bound(noVerdicts),
  bound(duplicates),
];

function bound<Options extends { readonly [name: string]: number }>(rule: {
  readonly rule: RuleName;
  readonly options: Options;
  says(options: Options): string;
  look(signs: RunSigns, options: Options): Looked;
}): AnyRule {
  return {
    rule: rule.rule,
    options: rule.options,
    says: rule.says(rule.options),
    look: (signs) => rule.look(signs, rule.options),
  };
}

const falseAlarms = measured.rules as { readonly [rule: string]: FalseAlarms | undefined };

/** Every rule in words, with its measured rate of false alarms. */
export function statedRules(): AlarmsListAnswer['rules'] {
  return alarmRules.map(({ rule, says, options }) => ({
    rule,
    says,
    options: { ...options },
    falseAlarms: falseAlarms[rule] ?? null,
  }));
}

/** What every rule says of a run, the alarms that last first, each rule with its measured rate of false alarms. */
export function alarmsOf(signs: RunSigns): AlarmsAnswer {
  const looked = alarmRules.map((rule) => ({ rule, found: rule.look(signs) }));
  const alarms = looked.flatMap(({ rule: { rule }, found }) =>
    'findings' in found ? found.findings.map((one) => ({ rule, ...one, metrics: [...one.metrics] })) : [],
  );
  return {
    alarms: alarms.sort((a, b) => Number(b.open) - Number(a.open) || b.from - a.from),
    rules: looked.map(({ rule: { rule, says, options }, found }) => ({
      rule,
      says,
      options: { ...options },
      looked: !('cannot' in found),
      why: 'cannot' in found ? found.cannot : null,
      falseAlarms: falseAlarms[rule] ?? null,
    })),
  };
}
