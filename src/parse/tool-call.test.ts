import { expect, test } from 'vitest';
import { jsonIn, toolCalls } from './index.ts';

const names = (text: string, dialect: Parameters<typeof toolCalls>[1]) => {
  const found = toolCalls(text, dialect);
  return found.problem ?? found.calls.map((call) => [call.name, call.arguments]);
};

test('each dialect reads its own calls', () => {
  expect(names('{"name": "a", "arguments": "{\\"x\\": 1}"}', 'json')).toEqual([['a', { x: 1 }]]);
  expect(names('[{"function": {"name": "a", "arguments": {}}}]', 'json')).toEqual([['a', {}]]);
  expect(names('<tool_call>{"name":"a"}</tool_call> <tool_call>{"name":"b"}</tool_call>', 'element')).toEqual(
    [
      ['a', {}],
      ['b', {}],
    ],
  );
  expect(names('<tool_call>{"name":"a"}', 'element')).toBe('<tool_call> is never closed');
  expect(names('<search> Qwen2.5-7B: who won? </search>', 'nameColonQuery')).toEqual([
    ['Qwen2.5-7B', { query: 'who won?' }],
  ]);
  expect(names('<think>x</think><answer>Paris</answer>', 'searchOrAnswer')).toEqual([
    ['answer', { query: 'Paris' }],
  ]);
  expect(names('```bash\nls\nDONE\n```', 'command')).toEqual([
    ['run', { command: 'ls' }],
    ['DONE', {}],
  ]);
  expect(names('DONE', 'command')).toEqual([['DONE', {}]]);
  expect(names('```ls -l```', 'command')).toBe('there is no fenced block');
});

test('hostile text is no call and no exception', () => {
  for (const text of [
    '',
    '<tool_call>'.repeat(5000),
    '['.repeat(50_000),
    '{"name": 1}',
    '<tool_call>[]</tool_call>',
  ])
    for (const dialect of ['json', 'element', 'nameColonQuery', 'searchOrAnswer', 'command'] as const)
      expect(() => toolCalls(text, dialect)).not.toThrow();
});

test('the widest closed run in prose is the JSON', () => {
  expect(jsonIn('so {"a": {"b": [1]}} end')).toMatchObject({ value: { a: { b: [1] } } });
  expect(jsonIn('first [1] then {"b": 2}', { which: 'first' })).toMatchObject({ value: [1] });
  expect(jsonIn('she said "no" {"a": "}"}')).toMatchObject({ value: { a: '}' } });
});
