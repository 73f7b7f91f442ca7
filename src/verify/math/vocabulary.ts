/** Words that mean something to the reader. Everything is lower case; a reader folds before it asks. */

const split = (text: string) => text.trim().split(/\s+/);

/** Names of functions that plain text and \operatorname spell out. */
export const functionNames: ReadonlySet<string> = new Set(
  split(`sin cos tan cot sec csc sinh cosh tanh coth sech csch arcsin arccos arctan arccot arcsec arccsc asin acos
    atan arsinh arcosh artanh asinh acosh atanh arcsinh arccosh arctanh log ln lg exp sqrt cbrt root abs floor ceil
    max min gcd lcm binom det deg sgn sign frac mod cis`),
);

/** Spelled-out constants and operators, as the command that means the same. */
export const spelledCommands: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pi: 'pi',
    infinity: 'infty',
    infty: 'infty',
    inf: 'infty',
    alpha: 'alpha',
    beta: 'beta',
    gamma: 'gamma',
    delta: 'delta',
    epsilon: 'epsilon',
    theta: 'theta',
    lambda: 'lambda',
    mu: 'mu',
    rho: 'rho',
    sigma: 'sigma',
    tau: 'tau',
    phi: 'phi',
    varphi: 'phi',
    psi: 'psi',
    omega: 'omega',
  }),
);

/** Short words that are never a product of variables. Runs of four letters and more are words unless they look like abcd. */
const shortWords: ReadonlySet<string> = new Set(
  split(`and or the not yes no odd all any one two six ten are has per day days min for its set red men man boy way
    dne nan tie win sun mon tue wed thu fri sat jan feb mar apr jun jul aug sep oct nov dec usd eur gbp now was who
    why how can but let if is of to in so it we as at by an on he do am pm us our out off old new non sum only box
    few lot mph kph sec hrs hour he she her his him you may max see say two ten`),
);

function isShortWord(lower: string): boolean {
  return (
    shortWords.has(lower) ||
    leadWords.has(lower) ||
    changingWords.has(lower) ||
    reasonWords.has(lower) ||
    fillerWords.has(lower)
  );
}

/** Connectives that are dropped when two texts are compared. */
export const fillerWords: ReadonlySet<string> = new Set(
  split(`a an the there is are be am was were it its it's that this of all exist exists answer final`),
);

/** Words that may stand before a value and say nothing about it. */
export const leadWords: ReadonlySet<string> = new Set(
  split(`the answer is are there exactly only a an total of it its value equals equal to we get gets obtain have has
    thus so hence therefore then final solution solutions result be must that this which number count sum area
    probability length volume perimeter distance in all simply just namely i.e ie given by which i my our here was
    were will would can find found conclude left with correct desired required minimum maximum smallest largest
    least greatest possible remainder ratio point points coordinates vertex interval set line curve function equation
    matrix vector ordered pair pairs triple values`),
);

/** Words after (or before) a value that change it, or that make it uncertain: such an answer is not that value. */
export const changingWords: ReadonlySet<string> = new Set(
  split(`not no less more than fewer or maybe perhaps possibly probably if when unless else otherwise except
    excluding without minus plus times divided multiplied over under above below between least most up about around
    roughly nearly almost half twice double triple third quarter dozen hundred thousand million billion trillion
    squared cubed factorial percent between either neither nor none never but versus vs modulo mod choose might could
    may guess unsure uncertain wrong incorrect false any greater smaller larger longer off away from short all every
    each multiple multiples divisor divisors factor factors power powers root roots digit digits even odd prime
    another one other others to through until till depending depends base`),
);

/** Words that introduce a reason or a remark; what follows them is not part of the value. */
export const reasonWords: ReadonlySet<string> = new Set(
  split(`since because as which where who whose so hence thus therefore by using from given for when this that these
    i.e ie namely`),
);

/** Numbers in words, up to what an answer spells out. */
export const numberWords: ReadonlyMap<string, number> = new Map([
  ...split(
    `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
     seventeen eighteen nineteen twenty`,
  ).map((word, i): [string, number] => [word, i]),
  ...split('thirty forty fifty sixty seventy eighty ninety').map((word, i): [string, number] => [
    word,
    30 + 10 * i,
  ]),
]);

export const scaleWords: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1_000_000],
  ['billion', 1_000_000_000],
  ['trillion', 1_000_000_000_000],
]);

export const months: readonly string[] = split(
  'january february march april may june july august september october november december',
);

/** A run of neighbouring letters such as abcd or wxyz: a product of variables. */
export function isAlphabetical(run: string): boolean {
  for (let i = 1; i < run.length; i++) if (run.charCodeAt(i) !== run.charCodeAt(i - 1) + 1) return false;
  return true;
}

/** Whether a plain run of letters (two or more) is a word and not a product of one-letter variables. */
export function looksLikeWord(run: string): boolean {
  const lower = run.toLowerCase();
  if (isShortWord(lower)) return run !== 'am' && run !== 'AM' ? !isProductLike(run) : true;
  if (run.length < 4) return false;
  if (isAlphabetical(run)) return false;
  return /[aeiouyAEIOUY]/.test(run);
}

/** "OF" or "IS" in capitals inside mathematics is a segment or a product; a word is lower case, Capitalised or known upper. */
function isProductLike(run: string): boolean {
  return (
    run.length === 2 &&
    run === run.toUpperCase() &&
    run !== 'OR' &&
    run !== 'NO' &&
    run !== 'PM' &&
    run !== 'AM'
  );
}
