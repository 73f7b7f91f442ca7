import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { detectLanguage } from '../language.ts';
import { outcome } from '../outcome.ts';

/** The codes that the detector knows. */
export const languageCodes =
  'af ar bg bn ca cs cy da de el en es et fa fi fr gu he hi hr hu id it ja kn ko lt lv mk ml mr ne nl no pa pl pt ro ru sk sl so sq sv sw ta te th tl tr uk ur vi zh-cn zh-tw'.split(
    ' ',
  );

export const language: readonly Constraint[] = [
  constraint(
    'language:response_language',
    z.object({ language: z.enum(languageCodes) }),
    (text, { language: asked }) => {
      const found = detectLanguage(text);
      if (found === undefined) return outcome(true, 'has no letters to tell a language by');
      return outcome(found === asked, `is in '${found}', '${asked}' asked`);
    },
  ),
];
