/** Characters that stand for a piece of LaTeX or ASCII mathematics. */
const replacements: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '‐': '-',
  '‑': '-',
  '‒': '-',
  '﹣': '-',
  '×': '\\times ',
  '✕': '\\times ',
  '✖': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '∙': '\\cdot ',
  '•': '\\cdot ',
  '∗': '*',
  '÷': '\\div ',
  '∕': '/',
  '⁄': '/',
  '±': '\\pm ',
  '∓': '\\mp ',
  '√': '\\usqrt ',
  '∛': '\\ucbrt ',
  '∜': '\\ufthrt ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '⩽': '\\le ',
  '≦': '\\le ',
  '≥': '\\ge ',
  '⩾': '\\ge ',
  '≧': '\\ge ',
  '≠': '\\ne ',
  '≈': '\\approx ',
  '≃': '\\approx ',
  '≅': '\\cong ',
  '≡': '\\equiv ',
  '∈': '\\in ',
  '∉': '\\notin ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∖': '\\setminus ',
  '⊂': '\\subset ',
  '⊆': '\\subseteq ',
  '∅': '\\emptyset ',
  Ø: '\\emptyset ',
  ø: '\\emptyset ',
  '⌀': '\\emptyset ',
  ℝ: '\\mathbb{R}',
  ℤ: '\\mathbb{Z}',
  ℕ: '\\mathbb{N}',
  ℚ: '\\mathbb{Q}',
  ℂ: '\\mathbb{C}',
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '〈': '\\langle ',
  '〉': '\\rangle ',
  '∣': '\\mid ',
  '∥': '\\parallel ',
  '→': '\\to ',
  '⇒': '\\Rightarrow ',
  '∧': ' and ',
  '∨': ' or ',
  '¬': '\\neg ',
  '∠': '\\angle ',
  '°': '\\degree ',
  º: '\\degree ',
  '˚': '\\degree ',
  '′': "'",
  '’': "'",
  '‘': "'",
  '″': "''",
  '…': '\\ldots ',
  '⋯': '\\ldots ',
  '∑': '\\sum ',
  '∏': '\\prod ',
  '∫': '\\int ',
  '∂': '\\partial ',
  ϕ: '\\phi ',
  φ: '\\phi ',
  ε: '\\epsilon ',
  ϵ: '\\epsilon ',
  ϑ: '\\theta ',
  ϱ: '\\rho ',
  ς: '\\sigma ',
  '“': '"',
  '”': '"',
  '、': ',',
  '。': '.',
  '₵': '\\cent ',
  '¢': '\\cent ',
  '€': '\\euro ',
  '£': '\\pounds ',
  '¥': '\\yen ',
  '₹': '\\rupee ',
  '％': '%',
  '℃': '\\degree C',
  '℉': '\\degree F',
};

const greek = [
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho',
  'sigma tau upsilon phi chi psi omega',
]
  .join(' ')
  .split(' ');
const greekCharacters = 'αβγδεζηθικλμνξοπρστυφχψω';
const capitals: Readonly<Record<string, string>> = {
  Γ: 'Gamma',
  Δ: 'Delta',
  Θ: 'Theta',
  Λ: 'Lambda',
  Ξ: 'Xi',
  Π: 'Pi',
  Σ: 'Sigma',
  Υ: 'Upsilon',
  Φ: 'Phi',
  Ψ: 'Psi',
  Ω: 'Omega',
};

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ';
const superscriptPlain = '0123456789+-=()ni';
const subscripts = '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙₐₑₓₖ';
const subscriptPlain = '0123456789+-=()naexk';
const vulgar = '½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒↉';
const vulgarPlain = '1/2 1/3 2/3 1/4 3/4 1/5 2/5 3/5 4/5 1/6 5/6 1/7 1/8 3/8 5/8 7/8 1/9 1/10 0/3'.split(' ');

const table = new Map<string, string>(Object.entries(replacements));
for (let i = 0; i < greek.length; i++) {
  const character = greekCharacters[i]!;
  if (!table.has(character)) table.set(character, `\\${greek[i]} `);
}
for (const [character, name] of Object.entries(capitals)) table.set(character, `\\${name} `);
for (let i = 0; i < vulgar.length; i++) {
  const [above, below] = vulgarPlain[i]!.split('/');
  table.set(vulgar[i]!, `\\frac{${above}}{${below}}`);
}

/** Marks over the digit before them that show a recurring decimal. */
const recurringMarks = new Set(['\u0305', '\u0304', '\u0307', '\u0306']);

/** Characters without width or meaning: zero-width spaces and joiners, direction marks, soft hyphens, invisible operators. */
function isInvisible(code: number): boolean {
  return (
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff ||
    code === 0xad ||
    (code >= 0xfe00 && code <= 0xfe0f)
  );
}

/** Whether a text is pure ASCII, and so needs no rewriting. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 126) return false;
  return true;
}

/**
 * Unicode mathematics as ASCII with LaTeX commands: signs, Greek letters, vulgar fractions, runs of superscripts and
 * subscripts, full-width and mathematical alphabets. Linear in the length; never throws. Recurring marks (a combining
 * line or dot over digits) become \overline.
 */
export function toAscii(text: string): string {
  if (isAscii(text)) return text;
  let out = '';
  for (let i = 0; i < text.length; ) {
    const code = text.codePointAt(i)!;
    const character = String.fromCodePoint(code);
    i += character.length;
    if (code <= 126) {
      const mark = text[i] ?? '';
      if (code >= 48 && code <= 57 && recurringMarks.has(mark)) {
        out += mark === '\u0307' ? `\\dot{${character}}` : `\\overline{${character}}`;
        i++;
      } else out += character;
      continue;
    }
    if (isInvisible(code)) continue;
    const mapped = table.get(character);
    if (mapped !== undefined) {
      out += mapped;
      continue;
    }
    const above = superscripts.indexOf(character);
    if (above >= 0 && character.length === 1) {
      let run = superscriptPlain[above]!;
      while (i < text.length && superscripts.includes(text[i]!))
        run += superscriptPlain[superscripts.indexOf(text[i++]!)];
      out += `^{${run}}`;
      continue;
    }
    const below = subscripts.indexOf(character);
    if (below >= 0 && character.length === 1) {
      let run = subscriptPlain[below]!;
      while (i < text.length && subscripts.includes(text[i]!))
        run += subscriptPlain[subscripts.indexOf(text[i++]!)];
      out += `_{${run}}`;
      continue;
    }
    const folded = character.normalize('NFKC');
    out += folded === character ? character : toAsciiOnce(folded);
  }
  return out;
}

/** A compatibility form may itself be a mapped character (a mathematical bold pi is a pi); one more look, no recursion. */
function toAsciiOnce(text: string): string {
  let out = '';
  for (const character of text) out += table.get(character) ?? character;
  return out;
}
