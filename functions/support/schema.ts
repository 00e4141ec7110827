/** What Connect's names and times look like, wherever they come in. */
import * as v from 'valibot';
import { isInstanceArn } from '../../recording/arn.ts';
import { isContactId } from '../../recording/identity.ts';

export const ContactId = v.pipe(v.string(), v.check(isContactId, 'a contact id'));

/** A text that Connect or its users chose: any characters but control characters, up to a length. */
export function label(lengthMax: number) {
  return v.pipe(
    v.string(),
    v.maxLength(lengthMax),
    v.check((text) => !/\p{Cc}/u.test(text), 'a text without control characters'),
  );
}

/** The ARN of a queue, an agent and the like. */
export const ResourceArn = label(512);
export const ResourceName = label(256);

export const InstanceArn = v.pipe(v.string(), v.check(isInstanceArn));

/** The time as the call record has it: ISO 8601, UTC, with milliseconds. */
export const IsoTime = v.pipe(
  v.string(),
  v.maxLength(40),
  v.isoTimestamp(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
  v.transform((text) => new Date(text).toISOString()),
);
