import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Connect’s ids are UUIDs; what isn’t one is given one that is always the same (in the form of RFC 9562’s version 5, the newest that AudioHook’s servers know). */
export function asUuid(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
