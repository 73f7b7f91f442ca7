import type { AnyCommand } from './command.ts';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: AnyCommand }>;
}

export type CommandTable = { readonly [name: string]: Entry };

/** Every command, in the order of the help. Each is its own file, loaded only when it is the one to run. */
export const commands: CommandTable = {
  train: { summary: 'train a policy by a recipe', load: () => import('./train.ts') },
  score: { summary: 'score a file of completions with a reward', load: () => import('./score.ts') },
  audit: {
    summary: 'error rates of a reward against labels, comparisons, probes',
    load: () => import('./audit.ts'),
  },
  rewards: {
    summary: 'the rewards that can be selected by name, with options and examples',
    load: () => import('./rewards.ts'),
  },
  recipes: { summary: 'list the recipes and studies', load: () => import('./recipes.ts') },
  reproduce: {
    summary: "run a recipe's arms over seeds and judge what was expected",
    load: () => import('./reproduce.ts'),
  },
  serve: { summary: 'the reward server that trainers call', load: () => import('./serve.ts') },
  worker: {
    summary: 'score rows that other machines put into a queue',
    load: () => import('./worker.ts'),
  },
  view: { summary: 'the dashboard over the run store, in the browser', load: () => import('./view.ts') },
  bench: { summary: 'run the benchmarks of a checkout', load: () => import('./bench.ts') },
};
