/** Of matroska/, changes that change nothing which anybody could see. */
import { ALIKE, type Equivalent, FAST, of } from './naming.ts';

export const EQUIVALENT_IN_MATROSKA: readonly Equivalent[] = [
  ...of(
    'matroska/bytes.ts',
    ['header.id = idLength === 1 ? first : readUint(bytes, at, sizeAt);', FAST, 'false'],
    ['return { id: 0, size: 0, payload: 0 };', 'a header is written before it is read'],
  ),
  ...of(
    'matroska/document.ts',
    ['if (id !== ID.Info && id !== ID.Tracks && id !== ID.Tags) return;', FAST, 'false'],
    ['return scale >= NANOSECONDS_PER_MS', ALIKE, 'scale > NANOSECONDS_PER_MS'],
  ),
  ...of('matroska/elements.ts', ['default:', 'undefined is taken for false']),
  ...of(
    'matroska/reader.ts',
    ["if (this.#level === 'cluster') this.#takeBlocks();", FAST, 'false'],
    ["if (this.#level === 'cluster') this.#takeBlocks();", FAST, '""'],
    [
      'while (bytes[queue.at] === ID.SimpleBlock && readHeader(bytes, queue.at, end, header)) {',
      FAST,
      'false',
    ],
    ['#takeBlocks(): void {', FAST, '{}'],
    [
      'const limit = Math.min(this.#clusterEnd, this.#segmentEnd, this.#start + this.#fragmentBytesMax);',
      FAST,
      'this.#start - this.#fragmentBytesMax',
    ],
    ['if (header.size === UNKNOWN_SIZE || blockEnd > end) return;', FAST, 'true'],
    ['if (header.size === UNKNOWN_SIZE || blockEnd > end) return;', FAST, 'blockEnd >= end'],
    ['if (readHeader(queue.bytes, queue.at, queue.end, this.#header)) return true;', FAST, 'false'],
  ),
  ...of(
    'matroska/repeats.ts',
    ['readonly #kept: Kept[] = [];', 'what is kept of nothing is like nothing'],
    ['if (this.#viewed !== bytes) {', 'the same view is made anew', 'true'],
    ['for (; at + 4 <= length; at += 4) {', FAST, 'false'],
    ['for (; at + 4 <= length; at += 4) {', FAST, 'at + 4 < length'],
  ),
  ...of(
    'matroska/salvage.ts',
    ['if (!error) return;', FAST, 'false'],
    ['if (from < 0) return;', 'the first byte is never looked for', 'from <= 0'],
    [
      'for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {',
      'the first byte is never looked for',
      'at > 0',
    ],
  ),
  ...of(
    'matroska/statement.ts',
    [
      'if (tracks.length >= COUNT_LIMITS.tracks) throw new BadElement(TOO_MANY.tracks, child.payload);',
      'the document says the same of all its tracks; here it bounds memory',
    ],
    ['} catch (error) {', 'nothing else is thrown there, and no value is undefined', '{}'],
    ['if (error instanceof BadElement) return undefined;', 'nothing else is thrown there', 'true'],
    ['if (error instanceof BadElement) return error;', 'nothing else is thrown there', 'true'],
    [
      "if (id === ID.Channels) channels = readSafeUint(bytes, payload, end, 'a track’s Channels');",
      'an Audio that can’t be read is left out without a word',
      '""',
    ],
    [
      "if (id === ID.BitDepth) bitDepth = readSafeUint(bytes, payload, end, 'a track’s BitDepth');",
      'an Audio that can’t be read is left out without a word',
      '""',
    ],
  ),
  ...of(
    'matroska/tags.ts',
    [
      'return text !== undefined && isFragmentNumber(text) ? BigInt(text) : undefined;',
      'to a RegExp undefined is the word “undefined”',
      'true',
    ],
    [
      'return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;',
      'to a RegExp undefined is the word “undefined”',
      'true',
    ],
    [
      "return { id: id !== undefined && /^[0-9]{1,9}$/.test(id) ? Number(id) : 0, code: code ?? id ?? '' };",
      'to a RegExp undefined is the word “undefined”',
      'true',
    ],
    [
      "return { id: id !== undefined && /^[0-9]{1,9}$/.test(id) ? Number(id) : 0, code: code ?? id ?? '' };",
      'one of both is there',
      '"Stryker was here!"',
    ],
    [
      'if (text === undefined || !/^[0-9]{1,12}(?:\\.[0-9]{1,9})?$/.test(text)) return undefined;',
      'to a RegExp undefined is the word “undefined”',
      'false',
    ],
  ),
];
