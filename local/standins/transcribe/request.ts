/** What a stream is asked for: the request’s headers, refused as the service refuses them. */
import type { IncomingHttpHeaders } from 'node:http2';
import { ServiceError } from '../json.ts';

export interface StreamSettings {
  readonly sampleRate: number;
  readonly sessionId: string | undefined;
  /** One; several, of which the one that is spoken is found out. */
  readonly languages: readonly string[];
  readonly pii: 'identify' | 'redact' | undefined;
}

const PREFIX = 'x-amzn-transcribe-';
const PII_TYPES =
  'ADDRESS BANK_ACCOUNT_NUMBER BANK_ROUTING CREDIT_DEBIT_CVV CREDIT_DEBIT_EXPIRY CREDIT_DEBIT_NUMBER EMAIL NAME PHONE PIN SSN AGE DATE_TIME LICENSE_PLATE PASSPORT_NUMBER PASSWORD USERNAME VEHICLE_IDENTIFICATION_NUMBER ALL'.split(
    ' ',
  );
const LANGUAGE = /^[a-z]{2,3}-[A-Z]{2}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const RATE = { min: 8_000, max: 48_000 };

type Given = (name: string) => string | undefined;

/** @throws ServiceError, a BadRequestException */
export function streamSettings(headers: IncomingHttpHeaders): StreamSettings {
  const given: Given = (name) => {
    const value = headers[`${PREFIX}${name}`];
    return typeof value === 'string' ? value : undefined;
  };
  const sampleRate = Number(given('sample-rate'));
  if (!Number.isInteger(sampleRate) || sampleRate < RATE.min || sampleRate > RATE.max)
    refuse('MediaSampleRateHertz is not valid');
  if (given('media-encoding') !== 'pcm') refuse('this stand-in takes pcm alone');
  if (given('enable-channel-identification') !== 'true' || given('number-of-channels') !== '2')
    refuse('this stand-in takes two channels alone: EnableChannelIdentification and NumberOfChannels of 2');
  const sessionId = given('session-id');
  if (sessionId !== undefined && !UUID.test(sessionId)) refuse('SessionId is not a UUID');
  const languages = languagesIn(given);
  return { sampleRate, sessionId, languages, pii: piiIn(given) };
}

/** The answer repeats what was asked for. */
export function answeredHeaders(headers: IncomingHttpHeaders, sessionId: string): Record<string, string> {
  const asked = Object.entries(headers).filter((entry): entry is [string, string] => {
    return entry[0].startsWith(PREFIX) && typeof entry[1] === 'string';
  });
  return { ...Object.fromEntries(asked), [`${PREFIX}session-id`]: sessionId };
}

function languagesIn(given: Given): string[] {
  const one = given('language-code');
  const isFoundOut = given('identify-language') === 'true';
  if ((one === undefined) !== isFoundOut) refuse('give either LanguageCode or IdentifyLanguage');
  const languages = one === undefined ? (given('language-options') ?? '').split(',') : [one];
  if (languages.some((language) => !LANGUAGE.test(language))) refuse('a language code is not valid');
  if (!isFoundOut) return languages;
  if (languages.length < 2) refuse('LanguageOptions needs two languages at least');
  if (new Set(languages.map((language) => language.split('-')[0])).size < languages.length)
    refuse('LanguageOptions may have one dialect of a language alone');
  if (given('vocabulary-name') !== undefined || given('vocabulary-filter-name') !== undefined)
    refuse('with IdentifyLanguage, VocabularyNames and VocabularyFilterNames are to be used');
  if (given('content-redaction-type') !== undefined || given('language-model-name') !== undefined)
    refuse('IdentifyLanguage can’t be combined with redaction or a custom language model');
  return languages;
}

function piiIn(given: Given): StreamSettings['pii'] {
  const [identify, redact] = [given('content-identification-type'), given('content-redaction-type')];
  const types = given('pii-entity-types');
  if (identify !== undefined && redact !== undefined)
    refuse('ContentIdentificationType and ContentRedactionType can’t both be given');
  if (types === undefined) return identify ? 'identify' : redact ? 'redact' : undefined;
  if (identify === undefined && redact === undefined)
    refuse('PiiEntityTypes needs a type of content handling');
  if (types.split(',').some((type) => !PII_TYPES.includes(type))) refuse('PiiEntityTypes is not valid');
  return identify ? 'identify' : 'redact';
}

function refuse(message: string): never {
  throw new ServiceError('BadRequestException', message);
}
