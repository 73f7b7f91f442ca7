import { expect, test } from 'vitest';
import { variedField } from './varied-field.ts';

test('a field and its values: numbers, factors, other JSON scalars', () => {
  expect(variedField('optimizer.learningRate=0.001,1e-2,x0.5,x2.0')).toEqual({
    field: 'optimizer.learningRate',
    values: [0.001, 0.01, 'x0.5', 'x2'],
  });
  expect(variedField('old="sampled", "recomputed"').values).toEqual(['sampled', 'recomputed']);
  expect(variedField('old=sampled, recomputed,token-level_2,xtra,x').values).toEqual([
    'sampled',
    'recomputed',
    'token-level_2',
    'xtra',
    'x',
  ]);
  expect(variedField('flag=true,false').values).toEqual([true, false]);
});

test.each([
  ['optimizer.learningRate', 'expected FIELD=V1,V2'],
  ['=1', 'expected FIELD=V1,V2'],
  ['a..b=1', 'expected FIELD=V1,V2'],
  ['groups=', "'' is neither a number"],
  ['groups=1,,2', "'' is neither a number"],
  ['old=one word', "'one word' is neither a number"],
  ['old=1st', "'1st' is neither a number"],
  ['old=a,"a"', '"a" is there twice'],
  ['groups=1e999', "'1e999' is neither"],
  ['groups=null', "'null' is neither"],
  ['groups=[1]', "'[1]' is neither"],
  ['groups="x2"', `'"x2"' is neither`],
  ['groups=x0', "'x0' is no factor"],
  ['groups=x-1', "'x-1' is no factor"],
  ['groups=x1e999', "'x1e999' is no factor"],
  ['groups=x0.5.1', "'x0.5.1' is neither"],
  ['groups=1,1.0', '1 is there twice'],
  ['groups=x2,x2.0', '"x2" is there twice'],
])('%s is refused', (text, line) => {
  expect(() => variedField(text)).toThrow(line);
});
