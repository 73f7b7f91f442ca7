/**
 * Answers that say nothing, in the forms in which policies were seen to fool judges: openers and words for 'solution' in
 * several languages (Zhao et al. 2025, 'One token to fool LLM-as-a-judge'; the RL-Verifier-Pitfalls probes).
 */
const openers = [
  'solution',
  'answer',
  'final answer',
  'the answer is',
  'the final answer is',
  'thought process',
  'reasoning',
  'explanation',
  'step by step',
  'lets solve this problem step by step',
  'let us solve this problem step by step',
  'lets think step by step',
  'let us think step by step',
  'to solve this problem',
  'as an expert i confirm this is right',
  'okay',
  'ok',
  'sure',
  '解',
  '解答',
  '答案',
  'かいせつ',
  'respuesta',
  'solución',
  'lösung',
  'réponse',
  'antwort',
] as const;

const known = new Set<string>(openers.map(contentForm));

/** How much of a text is looked at; a longer one has content. */
const longest = 400;

/**
 * Why a text is no answer that a judge should see: empty, symbols only, markup only, or an opener with nothing after it.
 * Undefined for anything else; a single letter or digit ('B', '7') is an answer.
 */
export function contentGuard(text: string): string | undefined {
  if (text.length > longest && /[\p{L}\p{N}]/u.test(text.slice(0, longest))) return undefined;
  const bare = text
    .slice(0, 10 * longest)
    .replace(/<!--[^>]{0,400}-->|<\/?[A-Za-z][^<>]{0,200}>/g, ' ')
    .replace(/\\boxed\s*\{\s*\}|\\(?:text|mathrm|boxed)\b/g, ' ');
  if (text.trim() === '') return 'the answer is empty';
  if (!/[\p{L}\p{N}]/u.test(bare)) return 'the answer has neither a letter nor a digit';
  return known.has(contentForm(bare)) ? 'the answer is an opener with nothing after it' : undefined;
}

function contentForm(text: string): string {
  return text
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}
