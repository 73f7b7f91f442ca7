import { describe } from '../core/index.ts';
import { isRecipe } from '../train/index.ts';
import { defineCommand } from './command.ts';
import { loadRecipe, recipeNames } from './load.ts';

export const command = defineCommand<Record<string, never>>({
  configure: (parser) => parser.argument('[name]', 'one recipe in full'),
  run: async ([named]) => {
    const list = await Promise.all((named === undefined ? recipeNames() : [named]).map(about));
    const text = list
      .map(({ name, kind, paper, summary, arms }) =>
        [
          `${name}${kind === 'study' ? ' (study)' : ''}${paper ? ` [${paper}]` : ''}: ${summary ?? ''}`,
          `  arms: ${arms.join(', ')}`,
        ].join('\n'),
      )
      .join('\n');
    return {
      json: describe(named === undefined ? list.map(({ options: _, ...rest }) => rest) : list[0]),
      text: named === undefined ? text : `${text}\n${JSON.stringify(describe(list[0]!.options), null, 2)}`,
    };
  },
});

async function about(name: string) {
  const found = await loadRecipe(name);
  const options = isRecipe(found) ? found.recipe : found.study;
  const arms = isRecipe(found)
    ? ['main', ...Object.keys(found.recipe.arms ?? {})]
    : Object.keys(found.study.arms);
  const { paper, summary, metric, expected } = options;
  return {
    name: found.name,
    kind: found.kind,
    paper,
    summary,
    arms,
    metric,
    expected,
    options: found.options,
  };
}
