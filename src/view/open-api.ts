import { z } from 'zod';
import { apiRoot, refusal } from './api.ts';
import type { Route } from './routes.ts';

/** The OpenAPI 3.1 document of the routes, made from the schemas that check them. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = `${apiRoot}${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return { openapi: '3.1.0', info: { title: 'Assay dashboard', version }, paths };
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as { properties?: object; required?: string[] };
const media = (schema: object) => ({ 'application/json': { schema } });

function operation({ path, summary, query, body, answer }: Route): object {
  const asked = query && schemaOf(query, 'input');
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(asked?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: asked?.required?.includes(name) ?? false,
    schema,
  }));
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && { requestBody: { required: true, content: media(schemaOf(body, 'input')) } }),
    responses: {
      200: {
        description: 'done',
        content: answer ? media(schemaOf(answer, 'output')) : { 'text/event-stream': {} },
      },
      '4XX': { description: 'refused', content: media(schemaOf(refusal, 'output')) },
      503: {
        description: 'the store cannot be read now',
        content: media(schemaOf(refusal, 'output')),
      },
    },
  };
}
