/** Changes that change nothing which anybody could see, each with the reason; found by the text of the line, not by its number. */
export interface Equivalent {
  readonly file: string;
  /** The source line that the change begins in, without its indentation. */
  readonly line: string;
  /** What the change puts there; undefined: whatever. */
  readonly replacement?: string;
  readonly why: string;
}

const FAST = 'a shorter way to what the lines behind it do as well';
const ALIKE = 'both sides of the comparison come to the same where they meet';

/** Of several lines of one file. */
const of = (file: string, ...rest: readonly (readonly [line: string, why: string, replacement?: string])[]) =>
  rest.map(([line, why, replacement]): Equivalent => ({
    file,
    line,
    why,
    ...(replacement !== undefined && { replacement }),
  }));

export const EQUIVALENT: readonly Equivalent[] = [
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
  ...of(
    'recording/losses/merging.ts',
    [
      "const [, more = '0'] = MERGED.exec(a.why) ?? [];",
      'no number counts as 0, and nobody looks at the first',
    ],
    [
      'const first = outermost(a.firstFragmentNumber, b.firstFragmentNumber, (x, y) => x < y);',
      ALIKE,
      'x <= y',
    ],
    ['const last = outermost(a.lastFragmentNumber, b.lastFragmentNumber, (x, y) => x > y);', ALIKE, 'x >= y'],
  ),
  ...of(
    'recording/losses/shared-session.ts',
    [
      "return { verdict: { ...verdict, why: `${verdict.why ?? ''}. ${afterTransfer(before)}` }, losses };",
      'what is EMPTY says why',
      '"Stryker was here!"',
    ],
    [
      'if (losses.length === found.losses.length) return found;',
      'of the same losses the verdict is the same',
      'false',
    ],
  ),
  ...of(
    'recording/losses/standing-losses.ts',
    ['if (first === undefined || last === undefined) return [];', 'both are there, or neither is'],
    ['const listed = witness.listed ?? [];', 'no word is as large as a number', '["Stryker was here"]'],
    [
      'function reaches({ listed = [] }: Witness, { last }: TapeMerge, end = 0n): boolean {',
      'no word is as large as a number',
      '["Stryker was here"]',
    ],
    [
      'return (last !== undefined && last >= end) || listed.some((number) => number >= end);',
      'what is listed at the end itself has to be on the tape, too, and then that reaches it',
      'number > end',
    ],
  ),
  ...of(
    'recording/tape/better-copy.ts',
    ['if (tagged !== 0) return tagged < 0 ? a : b;', 'it isn’t 0 there', 'tagged <= 0'],
    ['if (blocks !== 0) return blocks < 0 ? a : b;', 'it isn’t 0 there', 'blocks <= 0'],
    ['if (tags !== 0) return tags < 0 ? a : b;', 'it isn’t 0 there', 'tags <= 0'],
    ['other?.trackNumber === block.trackNumber &&', 'there are as many of both', 'other.trackNumber'],
    [
      'const shared = Math.min(a.length, b.length);',
      'what lacks bytes has zeros there, and is shorter',
      'Math.max(a.length, b.length)',
    ],
    [
      'for (let index = 0; index < shared; index += 1) {',
      'what lacks bytes has zeros there, and is shorter',
      'index <= shared',
    ],
  ),
  ...of(
    'recording/tape/keys.ts',
    [
      "const [, first, last, uuid] = TAPE_OBJECT.exec(key.slice(key.lastIndexOf('/') + 1)) ?? [];",
      'nobody looks at the first',
      '["Stryker was here"]',
    ],
    [
      'if (first === undefined || last === undefined || uuid === undefined) {',
      'the three are there together, or none of them is',
    ],
  ),
  ...of(
    'recording/tape/merge.ts',
    ['suspects: readonly Loss[] = [],', 'what is no damage is no suspect', '["Stryker was here"]'],
    [
      'if (this.#last !== undefined && fragment.number <= this.#last) continue;',
      'no number is less than undefined',
      'true',
    ],
    [
      'damage(why, before + 1n, part.number - 1n, before < first ? first : before, part.number),',
      ALIKE,
      'before <= first',
    ],
    [
      'if (why !== undefined) damages.push(damage(why, before + 1n, last, before < first ? first : before));',
      ALIKE,
      'before <= first',
    ],
  ),
  ...of(
    'recording/tape/sound-runs.ts',
    [
      'this.#runs = [...near.filter((one) => !touching.includes(one)), run];',
      'a run that another one holds, too, holds no more',
      'near',
    ],
    ['if (number > run.last) run.last = number;', ALIKE, 'number >= run.last'],
  ),
  ...of(
    'task/ends.ts',
    [
      'if (call.overSinceMs === undefined) return undefined;',
      'no time is as long as what is no number',
      'false',
    ],
    [
      'return named !== undefined && lastNumber !== undefined && lastNumber >= named;',
      'no number is as large as undefined',
    ],
  ),
  ...of('task/spool/ledger.ts', [
    'position.lastFragmentNumber < segment.position.lastFragmentNumber;',
    'what the archive has restored is nothing that came live',
    'position.lastFragmentNumber <= segment.position.lastFragmentNumber',
  ]),
  ...of('task/spool/segment.ts', [
    '...(this.#segmentUid !== undefined && { lastSegmentUid: this.#segmentUid }),',
    'the last fragment has none either, then',
    'true',
  ]),
  ...of(
    'task/spool/spool.ts',
    ['end(): void {', 'it does nothing as it is', '{}'],
    ['if (position) onTape?.(position.lastFragmentNumber);', 'what came live has one', 'true'],
    ['if (!oldest || !last) return;', 'there is one at least'],
    ["enough.abort('enough');", 'nobody looks at the reason', '""'],
  ),
  ...of(
    'task/recorder.ts',
    [
      "const neighbour = this.#judge.isAfterOurs ? 'ours' : 'not known to be ours';",
      'all that is asked of it is whether it is “ours”',
      '""',
    ],
    ["case 'quiet':", 'nothing is done, whether it is named or not'],
  ),
];
