import { z } from 'zod';
import { rewards } from '../catalogue/index.ts';
import type { Json, RewardDefinition, RewardExample } from '../core/index.ts';
import { defineCommand } from './command.ts';

export const command = defineCommand<object>({
  configure: (parser) => parser.argument('[name]', 'one reward, with its options and examples', undefined),
  run: async ([name]) => {
    const definitions = (name === undefined ? rewards.names : [name]).map(
      (one) => rewards.get(one).definition,
    );
    return {
      json: definitions.map(toJson),
      text: name === undefined ? table(definitions) : definitions.map(page).join('\n'),
    };
  },
});

function toJson(definition: RewardDefinition): Json {
  const {
    name,
    version,
    summary,
    source,
    scope = 'sample',
    trainable = true,
    options,
    examples,
  } = definition;
  const { $schema: _, ...schema } = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
  const about = {
    name,
    version,
    summary,
    source: source ?? null,
    scope,
    trainable,
    options: schema,
    examples,
  };
  return JSON.parse(JSON.stringify(about)) as Json;
}

function table(definitions: readonly RewardDefinition[]): string {
  const width = Math.max(...definitions.map(({ name }) => name.length));
  return [
    ...definitions.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`),
    '',
    "'assay rewards NAME' shows the options and examples of one.",
  ].join('\n');
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Property[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
}

function page(definition: RewardDefinition): string {
  const { name, summary, source, scope = 'sample', options, examples } = definition;
  const schema = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
  const properties = Object.entries((schema.properties ?? {}) as { [option: string]: Property });
  const lines = [`${name}: ${summary}`];
  if (source) lines.push(`source: ${source}`);
  if (scope !== 'sample') lines.push(`scope: ${scope}`);
  if (properties.length > 0) lines.push('', 'options');
  for (const [option, property] of properties) {
    const fallback = property.default === undefined ? '' : ` (default ${JSON.stringify(property.default)})`;
    lines.push(`  ${option}: ${kind(property)}${fallback}`);
    if (property.description) lines.push(`      ${property.description}`);
  }
  lines.push('', 'examples', ...examples.flatMap((example) => show(name, example)));
  return lines.join('\n');
}

function kind(property: Property): string {
  if (property.enum) return property.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (property.anyOf) return property.anyOf.map(kind).join(' | ');
  return property.const === undefined ? (property.type ?? 'any') : JSON.stringify(property.const);
}

/** The file line and the spec that give an example's value: `score` runs it as it stands. */
function show(
  name: string,
  { prompt, completion, answer, tokens, data, options, value }: RewardExample,
): string[] {
  const row = { prompt, completion, answer, completion_tokens: tokens, ...data };
  const spec = options === undefined ? name : JSON.stringify({ name, options });
  return [`  ${spec}`, `    ${JSON.stringify(row)}  →  ${value ?? 'no verdict'}`];
}
