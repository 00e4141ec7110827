/** The language of a call that an attribute of its contact names, for whatever writes down what is said in it. */
import { type Environment, optional } from '../../contract/environment.ts';
import { ATTRIBUTE_NAME } from '../../contract/languages.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import { within } from '../../ports/runtime/within.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import type { Recording } from '../../recording/identity.ts';
import { listIn, refuse } from './lists.ts';

export interface LanguageAttribute {
  readonly name: string;
  /** What it may say; anything else is not followed. */
  readonly among: readonly string[];
}

/** Where it is configured, and what it may say. */
export interface AttributeVariables {
  readonly attribute: string;
  readonly languages: string;
  readonly pattern: RegExp;
  /** Of the pattern: such as `languages such as en-US`. */
  readonly what: string;
}

export interface LanguagePorts {
  /** Undefined: the attribute is read nowhere. */
  readonly calls:
    { get(recording: Recording): Promise<Pick<CallRecord, 'attributes'> | undefined> } | undefined;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'warn'>;
}

const READ_MS = 3_000;

/** @returns undefined where no attribute is looked at. @throws RecordingError that names the variable, and says what is allowed. */
export function attributeIn(
  env: Environment,
  { attribute, languages, pattern, what }: AttributeVariables,
): LanguageAttribute | undefined {
  const name = optional(env, attribute);
  const among = listIn(env, languages, (text) => pattern.test(text), what);
  if (name === undefined) return undefined;
  if (!ATTRIBUTE_NAME.test(name)) refuse(attribute, 'a contact attribute’s name');
  if (among.length === 0) refuse(languages, `set, since ${attribute} is`);
  return { name, among };
}

/**
 * Never rejects: a call whose attribute can't be read, or names another language, is heard in the setting's. The call's record
 * holds its attributes before anything is begun that could listen.
 * @returns undefined where the setting's own holds
 */
export async function namedLanguage(
  attribute: LanguageAttribute | undefined,
  recording: Recording,
  { calls, clock, telemetry }: LanguagePorts,
): Promise<string | undefined> {
  if (attribute === undefined || calls === undefined) return undefined;
  try {
    const call = await within(clock, READ_MS, 'the calls table', () => calls.get(recording));
    const named = call?.attributes?.[attribute.name];
    if (named === undefined || attribute.among.includes(named)) return named;
    // It may be anything: a log is no place for it.
    telemetry.warn('the contact’s attribute names no language that is allowed');
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    telemetry.warn('the contact’s language can’t be read', { error: name });
  }
  return undefined;
}
