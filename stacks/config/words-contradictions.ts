/** Settings of what writes down what is said that are fine by themselves, and wrong together. */
import type { Config } from './config.ts';
import { WORD_SINKS } from './live-settings.ts';
import type { SettingName } from './settings.ts';
import { WORDS_SETTINGS } from './words-settings.ts';

/** Those without a meaning where nobody listens: what is kept goes by `transcriptDays` for as long as it is there. */
export const WORDS_NAMES = Object.keys(WORDS_SETTINGS).filter(
  (name): name is Exclude<keyof typeof WORDS_SETTINGS, 'transcriptDays'> =>
    name in WORDS_SETTINGS && name !== 'transcriptDays',
);
/** They say something of words, whatever writes them down. */
const OF_EITHER = ['transcriptEvents', 'mask'] as const;

/** @param isSet whether a setting was given at all */
export function ofWords(config: Config, isSet: (name: SettingName) => boolean): string[] {
  const { liveSinks } = config;
  if (liveSinks.length === 0) return [];
  const named = WORD_SINKS.filter((sink) => liveSinks.includes(sink));
  const lines: string[] = [];
  if (named.length === 0)
    for (const name of OF_EITHER.filter(isSet))
      lines.push(
        `${name} is set, but liveSinks names neither ${WORD_SINKS.join(' nor ')}: allowed is ${name} with one of them`,
      );
  if (isSet('transcriptSource') && named.length < WORD_SINKS.length)
    lines.push(
      `transcriptSource is set, but liveSinks doesn’t name both ${WORD_SINKS.join(' and ')}: allowed is both, or none`,
    );
  for (const sink of named) lines.push(...ofAttribute(config, sink));
  return liveSinks.includes('transcribe') ? [...lines, ...ofTranscribe(config)] : lines;
}

function ofTranscribe(config: Config): string[] {
  return [...ofFilter(config), ...ofPii(config)];
}

function ofAttribute(config: Config, sink: (typeof WORD_SINKS)[number]): string[] {
  const name = `${sink}LanguageAttribute` as const;
  const languages = `${sink}AttributeLanguages` as const;
  const isNamed = config[name] !== undefined;
  const lines = together({ [name]: isNamed, [languages]: config[languages].length > 0 });
  if (isNamed && !config.keepAttributes)
    lines.push(
      `${name} is set, but keepAttributes is false: allowed is keepAttributes=true, since the attribute is read from the call record`,
    );
  return lines;
}

function ofFilter({ transcribeVocabularyFilter, transcribeVocabularyFilterMethod }: Config): string[] {
  return together({
    transcribeVocabularyFilter: transcribeVocabularyFilter.length > 0,
    transcribeVocabularyFilterMethod: transcribeVocabularyFilterMethod !== undefined,
  });
}

function ofPii(config: Config): string[] {
  const { transcribePii, transcribePiiEntities, transcribeLanguage, transcriptEvents } = config;
  const lines: string[] = [];
  if (transcribePiiEntities.length > 0 && transcribePii === undefined)
    lines.push('transcribePiiEntities is set, but transcribePii is not: allowed is both, or none');
  if (transcribePii !== 'redact') return lines;
  if (transcribeLanguage.length > 1)
    lines.push(
      'transcribePii is redact, but transcribeLanguage names several: allowed is one, since the service redacts nothing where it finds out the language',
    );
  if (transcriptEvents === 'all')
    lines.push(
      'transcribePii is redact, but transcriptEvents is all: allowed is final, since the service redacts nothing before it is final',
    );
  return lines;
}

/** @param given two settings, of which both are, or none is */
function together(given: Readonly<Record<string, boolean>>): string[] {
  const set = Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  const unset = Object.keys(given).filter((name) => !set.includes(name));
  if (set.length === 0) return [];
  return unset.map((name) => `${set.join()} is set, but ${name} is not: allowed is both, or none`);
}
