/** What Amazon Transcribe streaming can be asked for, as the listener reads it and the stack checks it. */

/** The service asks for no more than five to choose from. */
export const TRANSCRIBE_CHOICES_MAX = 5;
/** Such as `en-US`. */
export const TRANSCRIBE_LANGUAGE = /^[a-z]{2,3}-[A-Z]{2}$/;
/** Of a vocabulary, and of a filter: the service's own rule; before it, where there are several, its language. */
export const VOCABULARY_NAME = /^[0-9A-Za-z._-]{1,200}$/;
export const FILTER_METHODS = ['mask', 'remove', 'tag'] as const;
export const PII_CHOICES = ['identify', 'redact'] as const;

/** Kinds of personal data that it tells apart. */
export const PII_TYPES = [
  'ADDRESS',
  'AGE',
  'ALL',
  'BANK_ACCOUNT_NUMBER',
  'BANK_ROUTING',
  'CREDIT_DEBIT_CVV',
  'CREDIT_DEBIT_EXPIRY',
  'CREDIT_DEBIT_NUMBER',
  'DATE_TIME',
  'EMAIL',
  'LICENSE_PLATE',
  'NAME',
  'PASSPORT_NUMBER',
  'PASSWORD',
  'PHONE',
  'PIN',
  'SSN',
  'USERNAME',
  'VEHICLE_IDENTIFICATION_NUMBER',
] as const;

/** @returns whether the service takes them together: one dialect each */
export function areTogether(languages: readonly string[]): boolean {
  const spoken = new Set(languages.map((language) => language.split('-')[0]));
  return spoken.size === languages.length && languages.length <= TRANSCRIBE_CHOICES_MAX;
}
