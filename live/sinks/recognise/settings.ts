/** The configuration of `recognise`, out of environment variables. */
import { bounded, type Environment, optional, required } from '../../../contract/environment.ts';
import { RECOGNISE_LANGUAGE } from '../../../contract/languages.ts';
import { LIVE_LIMITS } from '../../../contract/limits.ts';
import { LIVE_VARIABLES } from '../../../contract/variables.ts';
import { parsePatterns, type Pattern } from '../../../recording/transcript/masking/patterns.ts';
import { type EventSettings, eventSettings } from '../event-settings.ts';
import { attributeIn, type AttributeVariables, type LanguageAttribute } from '../language-attribute.ts';

export interface RecogniseSettings {
  readonly name: 'recognise';
  /** A program that this one runs, or a socket to which one connects. */
  readonly by: { readonly command: string } | { readonly socket: string };
  /** Undefined: no attribute is looked at. */
  readonly attribute: LanguageAttribute | undefined;
  readonly callsTable: string | undefined;
  readonly transcriptsTable: string;
  readonly hungMs: number;
  /** Infinity: nothing is left out. */
  readonly behindMs: number;
  /** Undefined: for good. */
  readonly keepDays: number | undefined;
  readonly patterns: readonly Pattern[];
  /** Undefined: nobody is told of what is said. */
  readonly told: EventSettings | undefined;
}

const ATTRIBUTE: AttributeVariables = {
  attribute: LIVE_VARIABLES.recogniseLanguageAttribute,
  languages: LIVE_VARIABLES.recogniseAttributeLanguages,
  pattern: RECOGNISE_LANGUAGE,
  what: 'languages such as en',
};

/** @throws RecordingError that names the variable, and says what is allowed. */
export function languageAttributeOf(env: Environment): LanguageAttribute | undefined {
  return attributeIn(env, ATTRIBUTE);
}

/** @throws RecordingError that names the variable, or says what a pattern is. */
export function recogniseSettings(env: Environment): RecogniseSettings {
  const socket = optional(env, LIVE_VARIABLES.recogniseSocket);
  const days = bounded(env, LIVE_VARIABLES.transcriptDays, LIVE_LIMITS.transcriptDays);
  const attribute = languageAttributeOf(env);
  return {
    name: 'recognise',
    by: socket === undefined ? { command: required(env, LIVE_VARIABLES.recogniser) } : { socket },
    attribute,
    callsTable: attribute && required(env, LIVE_VARIABLES.callsTable),
    transcriptsTable: required(env, LIVE_VARIABLES.transcriptsTable),
    hungMs: 1000 * bounded(env, LIVE_VARIABLES.recogniseHungSeconds, LIVE_LIMITS.recogniseHungSeconds),
    behindMs: 1000 * bounded(env, LIVE_VARIABLES.recogniseBehindSeconds, LIVE_LIMITS.recogniseBehindSeconds),
    keepDays: days === Infinity ? undefined : Math.round(days),
    told: eventSettings(env),
    patterns: parsePatterns(optional(env, LIVE_VARIABLES.mask) ?? ''),
  };
}
