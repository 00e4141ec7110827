/** A line of S3's server access logs (S3 user guide, "Amazon S3 server access log format"). */
import type { LoggedRequest } from './access-logs.ts';

/**
 * Fields are apart by one space; any may be `-`, and more may follow than are known of. What is read lies before all that
 * the client chose but the key, which is encoded, and the Request-URI: between its quotes are a method, a path and a
 * protocol, none of which has a space. So nothing that a client sends can stand for another field.
 */
const LINE =
  /^\S+ (\S+) \[([^\]]+)\] (\S+) (\S+) (\S+) (\S+) (\S+) (?:"[^ ]* [^ ]* [^ ]*"|"-"|-) (\d{3}|-) (\S+) (\d+|-)(?: |$)/;
/** `06/Feb/2019:00:00:38 +0000` */
const TIME = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;

/** @returns undefined where it isn't one */
export function requestIn(line: string): LoggedRequest | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [
    ,
    bucket = '',
    time = '',
    from,
    requester,
    requestId = '',
    operation = '',
    key,
    status,
    error,
    bytes,
  ] = match.map(given);
  const at = timeOf(time);
  if (at === undefined || bucket === '') return undefined;
  return {
    bucket,
    at,
    requestId,
    operation,
    bytes: Number(bytes ?? 0),
    ...(from !== undefined && { from }),
    ...(requester !== undefined && { requester }),
    ...(key !== undefined && { key: decoded(key) }),
    ...(status !== undefined && { status: Number(status) }),
    ...(error !== undefined && { error }),
  };
}

const given = (field: string | undefined) => (field === '-' ? undefined : field);

function timeOf(text: string): string | undefined {
  if (!TIME.test(text)) return undefined;
  const ms = Date.parse(text.replace(TIME, '$1 $2 $3 $4 $5$6'));
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** S3 encodes keys, some characters twice; what can't be decoded stays as it is. */
function decoded(key: string): string {
  let text = key;
  for (let times = 0; times < 2 && text.includes('%'); times += 1) {
    try {
      text = decodeURIComponent(text);
    } catch {
      return text;
    }
  }
  return text;
}
