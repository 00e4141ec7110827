/** What was heard, as the service says it: results, of which those that aren’t final change. */
import type { HeardUtterance, HeardWord } from './hearing.ts';
import type { StreamSettings } from './request.ts';

/** For what words are taken that aren’t finished; undefined: for their beginning. */
const MISHEARD = ['uh', undefined, 'the', undefined, 'what'] as const;

type Result = Readonly<Record<string, unknown>>;

/** Digits stand for all that is personal here. */
const PERSONAL = /\d/;
const PUNCTUATION = /^(.*?)([.,?!]+)$/;

export function resultOf(
  utterance: HeardUtterance,
  { sampleRate, languages, pii }: StreamSettings,
  random: () => number,
): Result {
  const { id, channel, isFinal } = utterance;
  const seconds = (frame: number) => Number((frame / sampleRate).toFixed(3));
  // Neither redacted nor identified before the segment is complete.
  const words = isFinal && pii === 'redact' ? utterance.words.map(redacted) : unsure(utterance, random);
  const [language] = languages;
  return {
    ResultId: id,
    StartTime: seconds(utterance.startFrame),
    EndTime: seconds(utterance.endFrame),
    IsPartial: !isFinal,
    ChannelId: `ch_${String(channel)}`,
    LanguageCode: language,
    ...(languages.length > 1 && { LanguageIdentification: [{ LanguageCode: language, Score: 0.9 }] }),
    Alternatives: [
      {
        Transcript: words.map(({ text }) => text).join(' '),
        Items: words.flatMap((word) => itemsOf(word, isFinal, seconds)),
        ...(isFinal &&
          pii === 'identify' && { Entities: words.flatMap((word) => entitiesOf(word, seconds)) }),
      },
    ],
  };
}

function redacted(word: HeardWord): HeardWord {
  return PERSONAL.test(word.text) ? { ...word, text: '[PII]' } : word;
}

/** While it isn’t final, the last word is often taken for another one. */
function unsure({ words, isFinal }: HeardUtterance, random: () => number): readonly HeardWord[] {
  const last = words.at(-1);
  if (isFinal || last === undefined || random() < 0.3) return words;
  const dice = random();
  const length = Math.max(1, Math.floor(last.text.length * dice));
  const other = MISHEARD[Math.floor(dice * MISHEARD.length)] ?? last.text.slice(0, length);
  return [...words.slice(0, -1), { ...last, text: other }];
}

function itemsOf(
  { text, startFrame, endFrame }: HeardWord,
  isFinal: boolean,
  seconds: (frame: number) => number,
) {
  const [, word = text, mark] = PUNCTUATION.exec(text) ?? [];
  const times = { StartTime: seconds(startFrame), EndTime: seconds(endFrame) };
  return [
    { Content: word, Type: 'pronunciation', ...times, ...(isFinal && { Confidence: 0.95 }) },
    ...(mark === undefined
      ? []
      : [{ Content: mark, Type: 'punctuation', StartTime: times.EndTime, EndTime: times.EndTime }]),
  ];
}

function entitiesOf({ text, startFrame, endFrame }: HeardWord, seconds: (frame: number) => number) {
  if (!PERSONAL.test(text)) return [];
  const times = { StartTime: seconds(startFrame), EndTime: seconds(endFrame) };
  return [{ ...times, Category: 'PII', Type: 'PHONE', Content: text, Confidence: 0.9 }];
}
