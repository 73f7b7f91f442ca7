import { it } from 'vitest';
import { fuzzMath } from './math-fuzz.ts';

it('holds its properties over ten thousand generated answers', () => {
  fuzzMath(10_000, 20_240_607);
});
