/** The language in which a call is transcribed: the setting's, or what an attribute of its contact names. */
import type { Clock } from '../../../ports/runtime/clock.ts';
import type { Telemetry } from '../../../ports/runtime/telemetry.ts';
import { within } from '../../../ports/runtime/within.ts';
import type { TranscribeRequest } from '../../../ports/transcribe/transcribe.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import type { Recording } from '../../../recording/identity.ts';

/** A vocabulary, or a filter. */
export interface NameFor {
  /** Undefined: the setting's own. */
  readonly language: string | undefined;
  readonly name: string;
}

export interface LanguageChoice {
  /** One; or several, of which the service finds out which is spoken. */
  readonly languages: readonly string[];
  /** Undefined: no attribute is looked at. */
  readonly attribute: { readonly name: string; readonly among: readonly string[] } | undefined;
  readonly vocabularies: readonly NameFor[];
  readonly filters: readonly NameFor[];
}

type LanguageRequest = Pick<TranscribeRequest, 'languages' | 'vocabularies' | 'filters'>;

export interface LanguagePorts {
  readonly calls:
    { get(recording: Recording): Promise<Pick<CallRecord, 'attributes'> | undefined> } | undefined;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'warn'>;
}

const READ_MS = 3_000;

/** Never rejects: a call whose attribute can't be read, or names another language, is transcribed in the setting's. */
export async function languageRequest(
  choice: LanguageChoice,
  recording: Recording,
  ports: LanguagePorts,
): Promise<LanguageRequest> {
  const named = await namedLanguage(choice, recording, ports);
  const languages = named === undefined ? choice.languages : [named];
  const namesOf = (all: readonly NameFor[]) =>
    all.flatMap(({ language, name }) =>
      (language === undefined ? named === undefined : languages.includes(language)) ? [name] : [],
    );
  return { languages, vocabularies: namesOf(choice.vocabularies), filters: namesOf(choice.filters) };
}

async function namedLanguage(
  { attribute }: LanguageChoice,
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
