/**
 * What writes down what is said, where that is deployed: what the listener is told of it, and the recogniser, a container of the
 * task that no rights are given to, and that has those of the task all the same.
 */
import { LIVE_LIMITS } from '../../contract/limits.ts';
import { LIVE_SOCKETS } from '../../contract/names.ts';
import { RECOGNISER_VARIABLES, TRANSCRIBE_VARIABLES } from '../../contract/variables.ts';
import type { Config } from '../config/config.ts';
import type { Storage } from '../data/storage.ts';
import { tellsOfWords, writesDown } from '../policies/live.ts';
import { programEnvironment } from './program-environment.ts';

/** Seconds between words that aren't final, where anybody is told of such. */
const PARTIAL_SECONDS = 2;

/** Of the listener's variables (LIVE_VARIABLES) those of words. */
export function wordsVariables(config: Config, stored: Storage) {
  const of = (value: string | undefined) => (writesDown(config) ? value : undefined);
  const isRecognised = config.liveSinks.includes('recognise');
  return {
    // What runs a program in the listener's own container, which holds Node alone.
    recogniser: undefined,
    recogniseSocket: isRecognised ? LIVE_SOCKETS.words : undefined,
    recogniseHungSeconds: isRecognised ? hungSeconds(config)?.toString() : undefined,
    recogniseBehindSeconds: isRecognised ? config.recogniseBehindSeconds?.toString() : undefined,
    recogniseLanguageAttribute: isRecognised ? config.recogniseLanguageAttribute : undefined,
    recogniseAttributeLanguages: isRecognised ? listed(config.recogniseAttributeLanguages) : undefined,
    transcriptsTable: of(stored.transcriptsTable.name),
    transcriptDays: of(keptDays(config)?.toString()),
    mask: of(config.mask),
    transcriptEvents: tellsOfWords(config) ? config.transcriptEvents : undefined,
    eventBus: tellsOfWords(config) ? config.eventBusName : undefined,
  };
}

/** From the tape nothing comes for the length of a segment or two, maybe amid what somebody says; undefined: as it is by default. */
function hungSeconds({ liveApart, segmentSeconds }: Config): number | undefined {
  const { default: usual, max } = LIVE_LIMITS.recogniseHungSeconds;
  return liveApart ? Math.min(usual + 2 * segmentSeconds, max) : undefined;
}

/** Undefined: for ever. */
function keptDays({ transcriptDays }: Pick<Config, 'transcriptDays'>): number | undefined {
  return transcriptDays === 0 ? undefined : transcriptDays;
}

function listed(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(',');
}

/** What the listener is told of Amazon Transcribe. */
export function transcribeEnvironment(config: Config): Record<string, string> {
  if (!config.liveSinks.includes('transcribe')) return {};
  return programEnvironment(TRANSCRIBE_VARIABLES, {
    languages: listed(config.transcribeLanguage),
    attribute: config.transcribeLanguageAttribute,
    attributeLanguages: listed(config.transcribeAttributeLanguages),
    vocabularies: listed(config.transcribeVocabulary),
    filters: listed(config.transcribeVocabularyFilter),
    filterMethod: config.transcribeVocabularyFilterMethod,
    pii: config.transcribePii,
    piiTypes: listed(config.transcribePiiEntities),
    // For a stand-in.
    scale: undefined,
    endpoint: undefined,
  });
}

export function recogniserEnvironment(config: Config): Record<string, string> {
  return programEnvironment(RECOGNISER_VARIABLES, {
    socket: LIVE_SOCKETS.words,
    model: config.recogniseModel,
    language: config.recogniseLanguage,
    partialSeconds: config.transcriptEvents === 'all' ? String(PARTIAL_SECONDS) : undefined,
  });
}
