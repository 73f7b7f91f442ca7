import type { Random } from '../../src/core/random.ts';
import type { Maker } from './instruction-cases.ts';
import { capitalized, plainSentence, prose, sentence, times, vocabulary, word } from './instruction-texts.ts';

const relation = (random: Random): string => random.pick(['less than', 'at least']);
const near = (random: Random, n: number): number => Math.max(0, n - 2 + random.integer(5));

/** Sentences in the languages that IFEval asks for and some neighbours that detection mixes up. */
const foreign: { readonly [code: string]: readonly string[] } = {
  ar: ['ذهب الولد إلى المدرسة في الصباح الباكر.', 'هذا كتاب جميل عن تاريخ المدينة القديمة.'],
  bg: ['Времето днес е хубаво и ще отидем на разходка в планината.', 'Тази книга разказва за стария град.'],
  bn: ['আজ আবহাওয়া খুব ভালো এবং আমরা বাজারে যাব।', 'এই বইটি পুরনো শহরের ইতিহাস নিয়ে লেখা।'],
  de: [
    'Heute ist das Wetter schön und wir gehen in den Wald.',
    'Das Buch erzählt von einer alten Stadt am Fluss.',
  ],
  es: [
    'Hoy hace buen tiempo y vamos a pasear por el parque.',
    'El libro cuenta la historia de una ciudad antigua.',
  ],
  fa: ['امروز هوا خوب است و ما به پارک می‌رویم.', 'این کتاب دربارهٔ تاریخ یک شهر قدیمی است.'],
  fi: ['Tänään on kaunis ilma ja menemme kävelylle metsään.', 'Kirja kertoo vanhan kaupungin historiasta.'],
  fr: [
    "Aujourd'hui il fait beau et nous allons nous promener au parc.",
    "Ce livre raconte l'histoire d'une vieille ville.",
  ],
  gu: ['આજે હવામાન સારું છે અને અમે બજારમાં જઈશું.', 'આ પુસ્તક જૂના શહેરના ઇતિહાસ વિશે છે.'],
  hi: ['आज मौसम अच्छा है और हम बाज़ार जाएंगे।', 'यह किताब एक पुराने शहर के इतिहास के बारे में है।'],
  it: [
    'Oggi il tempo è bello e andiamo a passeggiare nel parco.',
    'Il libro racconta la storia di una città antica.',
  ],
  ja: ['今日は天気がいいので、公園を散歩します。', 'この本は古い町の歴史について書かれています。'],
  kn: ['ಇಂದು ಹವಾಮಾನ ಚೆನ್ನಾಗಿದೆ ಮತ್ತು ನಾವು ಮಾರುಕಟ್ಟೆಗೆ ಹೋಗುತ್ತೇವೆ.', 'ಈ ಪುಸ್ತಕ ಹಳೆಯ ನಗರದ ಇತಿಹಾಸದ ಬಗ್ಗೆ ಇದೆ.'],
  ko: ['오늘은 날씨가 좋아서 공원에서 산책을 합니다.', '이 책은 오래된 도시의 역사에 관한 것입니다.'],
  mr: ['आज हवामान चांगले आहे आणि आम्ही बाजारात जाणार आहोत.', 'हे पुस्तक जुन्या शहराच्या इतिहासाबद्दल आहे.'],
  ne: ['आज मौसम राम्रो छ र हामी बजार जान्छौं।', 'यो किताब पुरानो सहरको इतिहासको बारेमा हो।'],
  pa: ['ਅੱਜ ਮੌਸਮ ਚੰਗਾ ਹੈ ਅਤੇ ਅਸੀਂ ਬਾਜ਼ਾਰ ਜਾਵਾਂਗੇ।', 'ਇਹ ਕਿਤਾਬ ਪੁਰਾਣੇ ਸ਼ਹਿਰ ਦੇ ਇਤਿਹਾਸ ਬਾਰੇ ਹੈ।'],
  pl: [
    'Dzisiaj jest ładna pogoda i idziemy na spacer do parku.',
    'Ta książka opowiada historię starego miasta.',
  ],
  pt: ['Hoje o tempo está bom e vamos passear no parque.', 'O livro conta a história de uma cidade antiga.'],
  ru: ['Сегодня хорошая погода, и мы идём гулять в парк.', 'Эта книга рассказывает историю старого города.'],
  sw: [
    'Leo hali ya hewa ni nzuri na tutaenda sokoni pamoja.',
    'Kitabu hiki kinaeleza historia ya mji wa zamani.',
  ],
  ta: ['இன்று வானிலை நன்றாக உள்ளது, நாங்கள் சந்தைக்குச் செல்வோம்.', 'இந்தப் புத்தகம் பழைய நகரத்தின் வரலாறு பற்றியது.'],
  te: ['ఈ రోజు వాతావరణం బాగుంది, మేము మార్కెట్‌కు వెళ్తాము.', 'ఈ పుస్తకం పాత నగర చరిత్ర గురించి.'],
  th: ['วันนี้อากาศดีและเราจะไปเดินเล่นในสวน', 'หนังสือเล่มนี้เล่าประวัติของเมืองเก่า'],
  uk: ['Сьогодні гарна погода, і ми йдемо гуляти в парк.', 'Ця книга розповідає історію старого міста.'],
  ur: ['آج موسم اچھا ہے اور ہم بازار جائیں گے۔', 'یہ کتاب پرانے شہر کی تاریخ کے بارے میں ہے۔'],
  vi: [
    'Hôm nay thời tiết đẹp và chúng tôi đi dạo trong công viên.',
    'Cuốn sách kể về lịch sử của một thành phố cổ.',
  ],
};

function language(random: Random): { parameters: { language: string }; text: string } {
  const codes = [...Object.keys(foreign), 'en', 'en', 'en'];
  const code = random.pick(codes);
  const said = (of: string) => (of === 'en' ? prose(random, 3) : random.pick(foreign[of]!));
  const mixed = random.integer(4) === 0 ? ` ${said(random.pick(codes))}` : '';
  return {
    parameters: { language: random.integer(5) === 0 ? random.pick(codes) : code },
    text: said(code) + mixed,
  };
}

export const ifevalMakers: { readonly [id: string]: Maker } = {
  'keywords:existence': (random) => {
    const keywords = times(1 + random.integer(3), () => random.pick(vocabulary));
    return {
      parameters: { keywords },
      text: `${prose(random)} ${keywords.map((k) => random.pick([k, capitalized(k), `${k}s`, `un${k}`])).join(', ')}.`,
    };
  },
  'keywords:frequency': (random) => {
    const keyword = random.pick(vocabulary);
    const n = 1 + random.integer(4);
    return {
      parameters: { keyword, frequency: near(random, n), relation: relation(random) },
      text: times(
        n,
        () => `${sentence(random)} ${random.pick([keyword, capitalized(keyword), `${keyword}ed`])}`,
      ).join(' '),
    };
  },
  'keywords:forbidden_words': (random) => {
    const forbidden_words = times(1 + random.integer(3), () => random.pick(vocabulary));
    const shown = random.pick(forbidden_words);
    return {
      parameters: { forbidden_words },
      text: `${prose(random)} ${random.pick([`${shown}s`, `un${shown}`, shown, `${shown}_x`, `${shown}-like`, `${shown}é`, ''])} end`,
    };
  },
  'keywords:letter_frequency': (random) => {
    const text = prose(random);
    const letter = random.pick([...'etaoinsqzETA']);
    const n = [...text.toLowerCase()].filter((one) => one === letter.toLowerCase()).length;
    return { parameters: { letter, let_frequency: near(random, n), let_relation: relation(random) }, text };
  },
  'language:response_language': language,
  'length_constraints:number_sentences': (random) => {
    const n = 1 + random.integer(6);
    return {
      parameters: { num_sentences: near(random, n), relation: relation(random) },
      text: prose(random, n),
    };
  },
  'length_constraints:number_paragraphs': (random) => {
    const n = 1 + random.integer(4);
    const edge = random.pick(['', '', '***\n', '*** ']);
    return {
      parameters: { num_paragraphs: random.integer(6) === 0 ? n + 1 : n },
      text:
        edge + times(n, () => prose(random, 1)).join(random.pick(['\n***\n', '***', '\n\n***\n\n', ' *** '])),
    };
  },
  'length_constraints:number_words': (random) => {
    const text = prose(random, 3);
    const n = text.split(/\s+/).length;
    return { parameters: { num_words: near(random, n), relation: relation(random) }, text };
  },
  'length_constraints:nth_paragraph_first_word': (random) => {
    const n = 1 + random.integer(4);
    const nth = 1 + random.integer(n);
    const first = random.pick(vocabulary);
    const paragraphs = times(n, () => prose(random, 1).replaceAll('\n', ' '));
    paragraphs[nth - 1] =
      `${random.pick(['', '"', "'", '**', ''])}${random.pick([first, capitalized(first)])}${random.pick(['', ',', '.', '!', "'s"])} ${paragraphs[nth - 1]}`;
    return {
      parameters: {
        num_paragraphs: n,
        nth_paragraph: nth,
        first_word: random.pick([first, capitalized(first)]),
      },
      text: paragraphs.join(random.pick(['\n\n', '\n\n', '\n\n\n', '\n\n\n\n'])),
    };
  },
  'detectable_content:number_placeholders': (random) => {
    const n = random.integer(5);
    return {
      parameters: { num_placeholders: near(random, n) },
      text:
        times(
          n,
          () => `${sentence(random)} ${random.pick(['[name]', '[a b]', '[]', '[x\ny]', '[[z]]', '[u'])}`,
        ).join(' ') || 'none',
    };
  },
  'detectable_content:postscript': (random) => {
    const marker = random.pick(['P.S.', 'P.P.S', 'PS:', 'Note']);
    const shown = random.pick([
      marker,
      marker,
      marker.toLowerCase(),
      marker.replaceAll('.', '. '),
      marker.replace('.', ''),
    ]);
    return {
      parameters: { postscript_marker: marker },
      text: `${prose(random, 2)}\n${shown} ${sentence(random)}`,
    };
  },
  'detectable_format:number_bullet_lists': (random) => {
    const n = random.integer(5);
    const bullet = () => random.pick(['* ', '* ', '- ', '-', '  * ', '*', '** ', '*\n', '\n- ', '*a* ']);
    return {
      parameters: { num_bullets: near(random, n) },
      text: `${sentence(random)}\n${times(n, () => bullet() + sentence(random)).join('\n')}${random.pick(['', '\n', '\n---'])}`,
    };
  },
  'detectable_format:constrained_response': (random) => {
    const answer = random.pick([
      'My answer is yes.',
      'My answer is no.',
      'My answer is maybe.',
      'My answer is Yes.',
      'my answer is no.',
      'My answer is maybe',
    ]);
    return {
      parameters: {},
      text: random.pick([answer, `${answer} ${sentence(random)}`, `${sentence(random)} ${answer}`]),
    };
  },
  'detectable_format:number_highlighted_sections': (random) => {
    const n = random.integer(5);
    const mark = () => random.pick(['*a b*', '**c**', '* *', '****', '*d\ne*', '***f***', '*', '**g*']);
    return {
      parameters: { num_highlights: near(random, n) },
      text: times(n, () => `${mark()} ${word(random)}`).join(' ') || 'plain',
    };
  },
  'detectable_format:multiple_sections': (random) => {
    const section_spliter = random.pick(['Section', 'SECTION', 'Day', 'Part', 'PARAGRAPH']);
    const n = 1 + random.integer(4);
    const head = (i: number) =>
      random.pick([
        `${section_spliter} ${i + 1}`,
        `${section_spliter}${i + 1}`,
        `${section_spliter}  ${i + 1}`,
        `${section_spliter.toLowerCase()} ${i + 1}`,
        `**${section_spliter} ${i + 1}**`,
        `${section_spliter} ${i + 1}1`,
      ]);
    return {
      parameters: { section_spliter, num_sections: near(random, n) },
      text: times(n, (i) => `${head(i)}\n${sentence(random)}`).join('\n'),
    };
  },
  'detectable_format:json_format': (random) => {
    const value = random.pick([
      JSON.stringify({ a: [1, 2.5, null, true], b: { c: sentence(random) } }),
      JSON.stringify([prose(random, 1)], null, 2),
      '"text"',
      '12',
      'NaN',
      '{"a": -Infinity}',
      '{"a": "NaN\\"}"}',
      "{'a': 1}",
      '{"a": 1,}',
      '[1, 2',
      '{"a": 01}',
      '{"a": "x\ty"}',
    ]);
    const fence = random.pick(['', '', '```json\n', '```\n', '```JSON ', '```Json\n', '``` json\n']);
    return { parameters: {}, text: `${fence}${value}${fence === '' ? '' : '\n```'}` };
  },
  'detectable_format:title': (random) => ({
    parameters: {},
    text: `${random.pick(['<<Title>>', '<<a b>>', '<< >>', '<<>>', '<<<x>>>', '<<x\ny>>', '<x>', '<<x>', '<<a>> <<b>>', '<<>>>', '<< <>>'])}\n${sentence(random)}`,
  }),
  'combination:two_responses': (random) => {
    const one = sentence(random);
    const other = random.pick([sentence(random), sentence(random), one, ` ${one}\n`]);
    return {
      parameters: {},
      text: random.pick([
        `${one}\n******\n${other}`,
        `${one}******${other}`,
        `******${one}******${other}******`,
        `${one}\n*******\n${other}`,
        `${one}******${other}******${one}`,
      ]),
    };
  },
  'combination:repeat_prompt': (random) => {
    const prompt = prose(random, 2);
    return {
      parameters: { prompt_to_repeat: prompt },
      text: random.pick([
        `${prompt} ${sentence(random)}`,
        `  ${prompt.toUpperCase()}\n${sentence(random)}`,
        `${sentence(random)} ${prompt}`,
      ]),
    };
  },
  'startend:end_checker': (random) => {
    const end_phrase = random.pick([
      'Any other questions?',
      'Is there anything else I can help with?',
      'The end.',
      sentence(random),
    ]);
    const shown = random.pick([
      end_phrase,
      end_phrase,
      end_phrase.toUpperCase(),
      `${end_phrase}"`,
      `${end_phrase} `,
      end_phrase.slice(0, -1),
    ]);
    return { parameters: { end_phrase }, text: `${prose(random, 2)} ${shown}` };
  },
  'startend:quotation': (random) => ({
    parameters: {},
    text: random.pick([
      `"${prose(random, 2)}"`,
      ` "${sentence(random)}"\n`,
      `“${sentence(random)}”`,
      '"',
      '""',
      `"${sentence(random)}`,
    ]),
  }),
  'change_case:capital_word_frequency': (random) => {
    const n = random.integer(6);
    const text = times(
      n,
      () =>
        `${random.pick([word(random).toUpperCase(), 'NASA', 'A', "I'M", 'U.S.', 'X-RAY', 'A1', '3D', 'IT.'])} ${plainSentence(random, 3)}`,
    ).join(' ');
    return {
      parameters: { capital_frequency: near(random, n), capital_relation: relation(random) },
      text: text || 'none here',
    };
  },
  'change_case:english_capital': (random) => ({
    parameters: {},
    text: (random.integer(6) === 0
      ? language(random).text
      : plainSentence(random, 3 + random.integer(20))
    ).toUpperCase(),
  }),
  'change_case:english_lowercase': (random) => ({
    parameters: {},
    text: (random.integer(6) === 0
      ? language(random).text
      : plainSentence(random, 3 + random.integer(20))
    ).toLowerCase(),
  }),
  'punctuation:no_comma': (random) => ({
    parameters: {},
    text: prose(random, 3).replaceAll(',', random.pick(['', '，', '‚', ','])),
  }),
};
