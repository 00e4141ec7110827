/** The configuration of `transcribe`, out of environment variables. */
import { bounded, type Environment, optional, required } from '../../../contract/environment.ts';
import { LIVE_LIMITS } from '../../../contract/limits.ts';
import {
  areTogether,
  FILTER_METHODS,
  PII_CHOICES,
  PII_TYPES,
  TRANSCRIBE_CHOICES_MAX,
  TRANSCRIBE_LANGUAGE,
  VOCABULARY_NAME,
} from '../../../contract/transcribe-choices.ts';
import { LIVE_VARIABLES, TRANSCRIBE_VARIABLES } from '../../../contract/variables.ts';
import { parsePatterns, type Pattern } from '../../../recording/transcript/masking/patterns.ts';
import { type EventSettings, eventSettings } from '../event-settings.ts';
import { attributeIn, type AttributeVariables } from '../language-attribute.ts';
import { listIn, refuse } from '../lists.ts';
import type { LanguageChoice, NameFor } from './language.ts';

/** What the service is asked for, and what is made of its answers. */
export interface ServiceSettings extends LanguageChoice {
  readonly filterMethod: 'mask' | 'remove' | 'tag' | undefined;
  readonly pii: 'identify' | 'redact' | undefined;
  /** Empty: all. */
  readonly piiTypes: readonly string[];
  /** Undefined: for good. */
  readonly keepDays: number | undefined;
  readonly patterns: readonly Pattern[];
  /** 1 but for a stand-in. */
  readonly scale: number;
}

export interface TranscribeSettings extends ServiceSettings {
  readonly name: 'transcribe';
  readonly callsTable: string | undefined;
  readonly transcriptsTable: string;
  /** Undefined: nobody is told of what is said. */
  readonly told: EventSettings | undefined;
}

const V = LIVE_VARIABLES;
const T = TRANSCRIBE_VARIABLES;
const LANGUAGES = 'languages such as en-US';
const ATTRIBUTE: AttributeVariables = {
  attribute: T.attribute,
  languages: T.attributeLanguages,
  pattern: TRANSCRIBE_LANGUAGE,
  what: LANGUAGES,
};
const DEFAULT_LANGUAGE = 'en-US';
const LOOPBACK = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?\/?$/;
const KNOWN_PII_TYPES: ReadonlySet<string> = new Set(PII_TYPES);

/** @throws RecordingError that names the variable, and says what is allowed. */
export function transcribeSettings(env: Environment): TranscribeSettings {
  const service = serviceSettings(env);
  const callsTable = service.attribute ? required(env, V.callsTable) : optional(env, V.callsTable);
  return {
    ...service,
    name: 'transcribe',
    callsTable,
    told: toldOf(env, service),
    transcriptsTable: required(env, V.transcriptsTable),
  };
}

/** What isn’t final isn’t redacted: nobody is told of it. */
function toldOf(env: Environment, { pii }: ServiceSettings): EventSettings | undefined {
  const told = eventSettings(env);
  if (told?.partials === true && pii === 'redact')
    refuse(V.transcriptEvents, `final, since ${T.pii} is redact`);
  return told;
}

/** @throws RecordingError that names the variable, and says what is allowed. */
export function serviceSettings(env: Environment): ServiceSettings {
  const days = bounded(env, V.transcriptDays, LIVE_LIMITS.transcriptDays);
  const languages = languagesIn(env);
  const piiTypes = listIn(env, T.piiTypes, (type) => KNOWN_PII_TYPES.has(type), 'types of personal data');
  const pii = oneOf(env, T.pii, PII_CHOICES);
  if (pii === undefined && piiTypes.length > 0) refuse(T.pii, 'set, since there are types');
  if (pii === 'redact' && languages.length > 1)
    refuse(T.pii, 'something else: the service redacts nothing where it finds out the language');
  const filters = namesIn(env, T.filters);
  const filterMethod = oneOf(env, T.filterMethod, FILTER_METHODS);
  if (filters.length > 0 !== (filterMethod !== undefined))
    refuse(T.filterMethod, `set where ${T.filters} is, and nowhere else`);
  return {
    languages,
    attribute: attributeIn(env, ATTRIBUTE),
    vocabularies: namesIn(env, T.vocabularies),
    filters,
    filterMethod,
    pii,
    piiTypes,
    keepDays: days === Infinity ? undefined : Math.round(days),
    patterns: parsePatterns(optional(env, V.mask) ?? ''),
    scale: scaleIn(env),
  };
}

function languagesIn(env: Environment): readonly string[] {
  const given = listIn(env, T.languages, isLanguage, LANGUAGES);
  const languages = given.length === 0 ? [DEFAULT_LANGUAGE] : given;
  if (!areTogether(languages))
    refuse(T.languages, `at most ${String(TRANSCRIBE_CHOICES_MAX)} languages, one dialect of each`);
  return languages;
}

function namesIn(env: Environment, variable: string): NameFor[] {
  const isName = (text: string) => {
    const { language, name } = nameFor(text);
    return VOCABULARY_NAME.test(name) && (language === undefined || isLanguage(language));
  };
  return listIn(env, variable, isName, 'names, each with its language before it: en-US=NAME').map(nameFor);
}

function nameFor(text: string): NameFor {
  const at = text.indexOf('=');
  return at < 0
    ? { language: undefined, name: text }
    : { language: text.slice(0, at), name: text.slice(at + 1) };
}

/** Faster than the service can hear is of use to a stand-in alone. */
function scaleIn(env: Environment): number {
  const scale = bounded(env, T.scale, LIVE_LIMITS.transcribeScale);
  if (scale !== 1 && !LOOPBACK.test(optional(env, T.endpoint) ?? ''))
    refuse(T.scale, `1, unless ${T.endpoint} is on this machine (http://127.0.0.1)`);
  return scale;
}

function isLanguage(text: string): boolean {
  return TRANSCRIBE_LANGUAGE.test(text);
}

function oneOf<T extends string>(env: Environment, variable: string, names: readonly T[]): T | undefined {
  const text = optional(env, variable);
  const known = names.find((name) => name === text);
  if (text !== undefined && known === undefined) refuse(variable, `one of ${names.join(', ')}`);
  return known;
}
