/** A run of `audit` that docs/accuracy.md reports. */
export interface AccuracyRun {
  readonly title: string;
  /** Folder of ../shared/data and the file in it. */
  readonly data: readonly [folder: string, file: string];
  /** The file's name in its repository, where it is another. */
  readonly original?: string;
  /** The rewards that are audited, in the order of the table. */
  readonly rewards: readonly string[];
  /** Options of `audit` besides `--reward`. */
  readonly options: readonly string[];
  /** What the labels are, and what the reader must know of the data. */
  readonly note: string;
}

const evouna = ['fid', 'gpt35', 'chatgpt', 'gpt4', 'newbing'];
const gsm8k = ['6b_finetuning', '6b_verification', '175b_finetuning', '175b_verification'];
const pairs = (
  names: readonly string[],
  completion: (name: string) => string,
  label: (name: string) => string,
) => names.flatMap((name) => ['--completion', completion(name), '--label', label(name)]);

export const runs: readonly AccuracyRun[] = [
  {
    title: 'Mathematical answers',
    data: ['math-equivalence', 'dev.jsonl'],
    rewards: ['math', 'number', 'exact?from=ladder'],
    options: ['--completion', 'pred', '--answer', 'gold', '--label', 'equal'],
    note: 'Pairs of a reference and an answer, labelled under the convention that stands beside them. They are the development half: `math` was written with these labels in sight, so its rate on new pairs is not shown by this table.',
  },
  {
    title: 'Grade-school word problems',
    data: ['gsm8k', 'example_model_solutions.first660.jsonl'],
    original: 'grade_school_math/data/example_model_solutions.jsonl',
    rewards: ['gsm8k'],
    options: [
      '--prompt',
      'question',
      '--answer',
      'ground_truth',
      ...pairs(
        gsm8k,
        (name) => `${name}.solution`,
        (name) => `${name}.is_correct`,
      ),
    ],
    note: 'The first 660 records, four models each. The labels are the repository’s own final-answer match, not people’s.',
  },
  {
    title: 'Short answers to questions, judged by people (TriviaQA part of EVOUNA)',
    data: ['qa-eval-evouna', 'TQ.json'],
    rewards: [
      'qa?split=/',
      'contains?split=/',
      'qa?match=contains&split=/',
      'qa?match=exact&split=/',
      'qa?match=f1&threshold=0.5&split=/',
      'qa?lenient&split=/',
      'qa?lead=0&split=/',
    ],
    options: [
      '--prompt',
      'question',
      '--answer',
      'golden_answer',
      '--drop',
      'improper=true',
      ...pairs(
        evouna,
        (name) => `answer_${name}`,
        (name) => `judge_${name}`,
      ),
    ],
    note: 'Five models’ answers with a human verdict each; improper questions are left out. The rules of `qa` were developed and its options chosen with these rows in sight, so its rate on other questions is not shown by this table.',
  },
  {
    title: 'Short answers to questions, judged by people (NQ-301)',
    data: ['openqa-eval', 'NQ301_human.tsv'],
    rewards: ['qa', 'contains', 'qa?match=exact', 'qa?match=f1&threshold=0.5'],
    options: ['--completion', 'Model answer', '--label', 'Acceptable?', '--gold-from', 'id'],
    note: 'The file has no reference answers: what people accepted in the other rows of a question stands in for them, so a right answer that nobody else gave must count as rejected. Questions without another accepted answer are left out. The false-negative rates say more of the references than of the verifiers.',
  },
  {
    title: 'Reading a judge’s verdict',
    data: ['openqa-eval', 'NQ301_gpt-4.tsv'],
    rewards: ['yesno?gold=yes'],
    options: ['--completion', 'gpt-4', '--label', 'Acceptable?', '--drop', 'Acceptable?='],
    note: 'What GPT-4 wrote when it was asked whether an answer is right. The labels are how the authors of the file read it, not what people thought of the answers; rows that they left open are left out.',
  },
];
