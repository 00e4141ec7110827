/** Settings of what writes down what is said (docs/WORDS.md): with `recognise` or `transcribe` among `liveSinks`. */
import * as v from 'valibot';
import { ATTRIBUTE_NAME, RECOGNISE_LANGUAGE } from '../../contract/languages.ts';
import { LIVE_LIMITS } from '../../contract/limits.ts';
import {
  areTogether,
  FILTER_METHODS,
  PII_CHOICES,
  PII_TYPES,
  TRANSCRIBE_CHOICES_MAX,
  TRANSCRIBE_LANGUAGE,
} from '../../contract/transcribe-choices.ts';
import { parsePatterns } from '../../recording/transcript/masking/patterns.ts';
import { TRANSCRIPT_SOURCES } from '../../recording/transcript/segment.ts';
import { emptyOr, emptyOrWithin, IMAGE, list, oneOf, setting, whole, within } from './values.ts';

/** `tiny.en` takes some 232 MB (`npm run bench -- words`); one of 0.25 vCPU and 1 GB holds recorder, listener and this. */
const RECOGNISER_MIB = { min: 128, max: 16_384, default: 256 };
/** 1024 are a vCPU. 0: what the recorder leaves of its own, which is enough for the smallest models. */
const RECOGNISER_CPU = { min: 0, max: 3_840, default: 0 };
/** A folder in the image, or a name. */
const MODEL = /^[\w./:+-]{1,200}$/;
/** Its language before it where there are several. */
const NAMED = /^([a-z]{2,3}-[A-Z]{2}=)?[0-9A-Za-z._-]{1,200}$/;
const NAMES = 'a name; of several languages en-US=NAME,de-DE=NAME; or empty';
/** What is told of on the event bus. */
const TRANSCRIPT_EVENTS = ['none', 'final', 'all'] as const;

/** @returns undefined where nothing was chosen */
const emptyOrOneOf = <const T extends readonly string[]>(options: T) =>
  v.pipe(
    oneOf(['', ...options]),
    v.transform((text) => options.find((option) => option === text)),
  );

const languages = v.pipe(
  list(TRANSCRIBE_LANGUAGE),
  v.minLength(1, 'none'),
  v.check(
    (given) => areTogether(given),
    `more than ${String(TRANSCRIBE_CHOICES_MAX)}, or several dialects of one`,
  ),
);

const patterns = v.pipe(
  v.string(),
  v.check((text) => {
    try {
      parsePatterns(text);
      return true;
    } catch {
      return false;
    }
  }, 'malformed'),
  v.transform((text) => (text === '' ? undefined : text)),
);

export const WORDS_SETTINGS = {
  recogniseImage: setting(
    'With `recognise`: image of the recogniser, such as of recognisers/whisper. It can do what the recorder can',
    'an image for ARM64 with its tag or digest, or empty',
    '',
    emptyOr(IMAGE),
  ),
  recogniseModel: setting(
    'With `recognise`: the model, a folder in that image. Empty: the image’s own',
    'a folder or a name, or empty',
    '',
    emptyOr(MODEL),
  ),
  recogniseLanguage: setting(
    'With `recognise`: the language that is spoken. Empty: it is found out, or is the model’s',
    'a language such as en, or empty',
    '',
    emptyOr(RECOGNISE_LANGUAGE),
  ),
  recogniseLanguageAttribute: setting(
    'With `recognise` and `keepAttributes`: a contact attribute that names the call’s language. Empty: none does',
    'an attribute’s name, or empty',
    '',
    emptyOr(ATTRIBUTE_NAME),
  ),
  recogniseAttributeLanguages: setting(
    'Languages that this attribute may name',
    'languages such as en, several with commas between, or empty',
    '',
    list(RECOGNISE_LANGUAGE),
  ),
  recogniseMemory: within('MiB that the recogniser may take', RECOGNISER_MIB),
  recogniseCpu: within(
    'CPU units that the task has for it besides; 1024 are a vCPU. 0: what the recorder leaves',
    RECOGNISER_CPU,
  ),
  recogniseBehindSeconds: emptyOrWithin(
    'With `recognise`: what would be written down so much later is left out, and told. Empty: nothing is',
    LIVE_LIMITS.recogniseBehindSeconds,
  ),
  transcribeLanguage: setting(
    'With `transcribe`: the language that is spoken; of several the service finds out which',
    `languages such as en-US, up to ${String(TRANSCRIBE_CHOICES_MAX)} with commas between, one dialect each`,
    'en-US',
    languages,
  ),
  transcribeLanguageAttribute: setting(
    'With `transcribe` and `keepAttributes`: a contact attribute that names the call’s language. Empty: none does',
    'an attribute’s name, or empty',
    '',
    emptyOr(ATTRIBUTE_NAME),
  ),
  transcribeAttributeLanguages: setting(
    'Languages that this attribute may name',
    'languages such as en-US, several with commas between, or empty',
    '',
    list(TRANSCRIBE_LANGUAGE),
  ),
  transcribeVocabulary: setting('With `transcribe`: a custom vocabulary', NAMES, '', list(NAMED)),
  transcribeVocabularyFilter: setting('With `transcribe`: a vocabulary filter', NAMES, '', list(NAMED)),
  transcribeVocabularyFilterMethod: setting(
    'What becomes of words that the filter names',
    `${FILTER_METHODS.join(', ')}, or empty`,
    '',
    emptyOrOneOf(FILTER_METHODS),
  ),
  transcribePii: setting(
    'With `transcribe`: personal data is named (`pii` of a word), or replaced by `[PII]`. Empty: neither',
    `${PII_CHOICES.join(' or ')}, or empty`,
    '',
    emptyOrOneOf(PII_CHOICES),
  ),
  transcribePiiEntities: setting(
    'Which kinds of it. Empty: all',
    'kinds such as NAME,SSN (docs/WORDS.md), or empty',
    '',
    list(new RegExp(`^(${PII_TYPES.join('|')})$`)),
  ),
  transcriptSource: setting(
    'With both: whose words the files beside the WAV have where both have some',
    TRANSCRIPT_SOURCES.join(' or '),
    'recognise',
    oneOf(TRANSCRIPT_SOURCES),
  ),
  transcriptEvents: setting(
    'Event `Transcript Segment` for what is said, as it is written down; `all`: before it is final, too',
    TRANSCRIPT_EVENTS.join(', '),
    'none',
    oneOf(TRANSCRIPT_EVENTS),
  ),
  mask: setting(
    'What is masked beside card numbers in what is written down (docs/WORDS.md). Empty: nothing',
    'patterns such as ###-##-####, several with semicolons between, or empty',
    '',
    patterns,
  ),
  transcriptDays: whole(
    'Days that what was written down is kept, in the table and beside the WAV; 0: as long as the recording, and in the table for ever',
    0,
    LIVE_LIMITS.transcriptDays.max,
    0,
  ),
};
