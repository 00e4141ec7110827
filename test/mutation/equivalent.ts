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
const FIRST = 'nobody looks at the first';
const TOGETHER = 'they are there together, or none of them is';
const UNCOUNTED = 'what isn’t counted is written over before it is read';

const IS_HELD = 'there is one at every place that is looked at';
const UNHEARD = 'the words are nobody’s to hear: whoever fetches is given less';
const NO_NUMBER = 'nothing is wanted that has no number';
const NOT_NAMED = 'a text has none of these properties, and what has none is passed over';

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
    'recording/arn.ts',
    ['const [, region, account, id] = INSTANCE_ARN.exec(arn) ?? [];', FIRST],
    ['if (region === undefined || account === undefined || id === undefined) return undefined;', TOGETHER],
    ['const [, instanceArn] = BELOW_INSTANCE.exec(resourceArn) ?? [];', FIRST],
    [
      'return instanceArn !== undefined && isInstanceArn(instanceArn) ? instanceArn : undefined;',
      'to a RegExp undefined is the word “undefined”',
      'true',
    ],
    ['const [, region, name] = STREAM_ARN.exec(arn) ?? [];', FIRST],
    ['return region === undefined || name === undefined ? undefined : { region, name };', TOGETHER],
  ),
  ...of(
    'recording/identity.ts',
    ['const [, contactId, digits] = RECORDING_ID.exec(text) ?? [];', FIRST],
    ['if (contactId === undefined || digits === undefined) {', TOGETHER],
  ),
  ...of('recording/loss-list.ts', [
    'const goesOn = this.#running && last?.kind === kind && last.why === reason;',
    'where losses run there is a last one',
    'last.kind',
  ]),
  ...of(
    'recording/ownership.ts',
    ['return a === b || a.toLowerCase() === b.toLowerCase();', FAST, 'false'],
    [
      "isKnown && endBefore !== undefined && number < endBefore ? 'ours' : 'unknown',",
      'no number is less than undefined',
      'true',
    ],
    ['if (!candidate) break;', 'where there are too many there is one', 'false'],
  ),
  ...of(
    'recording/range.ts',
    ['.concat(erased === undefined ? [] : BigInt(erased))', 'no word is larger than a number'],
    [
      'const stopBefore = stop !== undefined && stop >= start ? stop + 1n : undefined;',
      'undefined isn’t as large as any number',
      'true',
    ],
    [
      "return endedBy === 'STREAMING_STOPPED' && endBefore !== undefined ? endBefore - 1n : undefined;",
      'where streaming has stopped there is an end',
      'true',
    ],
    ['return endBefore !== undefined && number >= endBefore;', 'no number is as large as undefined', 'true'],
  ),
  ...of('recording/audio/format/flac/bits.ts', [
    'for (; left >= 16; left -= 16) this.write(0, 16);',
    FAST,
    'left > 16',
  ]),
  ...of(
    'recording/audio/format/flac/frame.ts',
    ['this.#writeHeader(number, channels[0]?.length ?? 0);', 'a frame has a channel', 'channels[0].length'],
    ['if (bits > 0) out.write(value, bits);', 'no bits are nothing'],
    ['if (known > 0) return { code: known, value: 0, bits: 0 };', 'no rate is 0', 'known >= 0'],
  ),
  ...of(
    'recording/audio/format/flac/rice.ts',
    [
      'if (costs.bitsMax < best.bitsMax) best = costs;',
      'two plans of one cost',
      'costs.bitsMax <= best.bitsMax',
    ],
    ['if (noughts + 1 + lowBits <= 24) {', FAST, 'false'],
    ['if (noughts + 1 + lowBits <= 24) {', FAST, 'noughts + 1 + lowBits < 24'],
  ),
  ...of(
    'recording/audio/format/flac/subframe.ts',
    [
      'const [c1, c2, c3, c4] = COEFFICIENTS[order] ?? [0, 0, 0, 0];',
      'there is a predictor of each order',
      '[]',
    ],
    [
      'if (wasted > 0) for (let at = 0; at < samples.length; at += 1) samples[at] = (samples[at] ?? 0) >> wasted;',
      'no bits are nothing, and behind the end of a typed array is nowhere',
    ],
    ['if (wasted > 0) out.writeUnary(wasted - 1);', 'no bits are nothing'],
  ),
  ...of(
    'recording/audio/clock-anchor.ts',
    ['#isAhead = false;', 'nobody asks before there was a fragment', 'true'],
    [
      'const isJump = expectedMs !== undefined && this.#isJump(clusterMs, expectedMs, goesOnAt);',
      'where nothing was expected no track has come to anywhere either',
      'true',
    ],
    [
      'this.#isAhead = this.#changeOf(fragment) > 0;',
      'without a change the clock has been found not to have jumped',
      'this.#changeOf(fragment) >= 0',
    ],
  ),
  ...of('recording/audio/format/wav/header.ts', [
    'return dataBytes + RIFF_HEADER_BYTES - 8 <= UINT32_MAX',
    'no samples of two bytes make an odd length',
    'dataBytes + RIFF_HEADER_BYTES - 8 < UINT32_MAX',
  ]),
  ...of('recording/audio/pcm.ts', [
    "const [type = '', ...parameters] = mimeType.split(';').map((part) => part.trim().toLowerCase());",
    'a text that is split has a first part',
    '"Stryker was here!"',
  ]),
  ...of(
    'recording/audio/placements.ts',
    ['readonly #blocks: Block[] = [];', UNCOUNTED],
    ['readonly #channels: Channel[] = [];', UNCOUNTED],
    ['readonly #starts: number[] = [];', UNCOUNTED],
    ['readonly #samples: Uint8Array[] = [];', UNCOUNTED],
  ),
  ...of(
    'recording/audio/stereo-window.ts',
    [
      'this.bytes = new Uint8Array(Math.ceil(frames / 2) * 2 * BYTES_PER_SAMPLE);',
      'what is too large is as good',
      'frames * 2',
    ],
    [
      'this.#heldFrames = this.#windowFrames + sampleRate * SLACK_SECONDS;',
      'it only settles sooner',
      'sampleRate / SLACK_SECONDS',
    ],
    [
      'if (to - this.#base > this.#heldFrames) return false;',
      'it only settles sooner',
      'to - this.#base >= this.#heldFrames',
    ],
    ['if (to > this.#furthest) this.#furthest = to;', ALIKE, 'to >= this.#furthest'],
    [
      'for (let at = 0; at < pcm.length; at += this.#pieceBytes) {',
      'nothing of nothing is placed',
      'at <= pcm.length',
    ],
    [
      'yield* this.#settle(from + piece.length / BYTES_PER_SAMPLE - this.#windowFrames);',
      'it settles less, and there is room for it',
      'from - piece.length / BYTES_PER_SAMPLE',
    ],
    [
      'const [first, end] = [from / 2, Math.ceil(to / 2)];',
      'what is too much falls off at the end of the chunk, or is not taken',
      'to * 2',
    ],
  ),
  ...of('recording/audio/timeline.ts', [
    'if (!window.placeWithin(channel, start, samples)) yield* window.place(channel, start, samples);',
    FAST,
    'true',
  ]),
  ...of('recording/audio/track-line.ts', [
    'if (frames < this.#leastLag) this.#leastLag = frames;',
    ALIKE,
    'frames <= this.#leastLag',
  ]),
  ...of('recording/audio/mulaw.ts', [
    'for (let index = 0, at = first * BYTES_PER_SAMPLE; index < codes.length; index += 1) {',
    'what is put behind the end of a typed array is nowhere',
    'index <= codes.length',
  ]),
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
    'ports/archive/archive-reader.ts',
    ["throw new MediaError('unavailable', 'archived media gave no answer');", UNHEARD, '""'],
    ["throw new MediaError('unavailable', 'the body ended in the middle of a fragment');", UNHEARD, '""'],
    ["throw new MediaError('unavailable', 'archived media takes too long');", UNHEARD, '""'],
    ["answered.abort('answered');", 'nobody looks at the reason', '""'],
    [
      'if (!(error instanceof MediaError)) throw error;',
      'what is no MediaError has none of its kinds, and is thrown by the lines behind it',
      'false',
    ],
    [
      'return number !== undefined && wanted.has(number) ? { ...fragment, number } : undefined;',
      NO_NUMBER,
      'true',
    ],
  ),
  ...of('ports/archive/archived-body.ts', [
    'if (number !== undefined && wanted.delete(number) && error) reported = true;',
    NO_NUMBER,
    'true',
  ]),
  ...of('ports/archive/kinesis-archive.ts', [
    'for (const { FragmentNumber, ServerTimestamp } of answer.Fragments ?? []) {',
    NOT_NAMED,
    '["Stryker was here"]',
  ]),
  ...of('ports/archive/memory-archive.ts', [
    'return Number((fragment.number * 0x9e37_79b9n) & 0xffff_ffffn);',
    'any disorder will do that is the same every time',
    'fragment.number / 0x9e37_79b9n',
  ]),
  ...of('ports/tape/cut-tape.ts', [
    'if (begin === undefined || end === undefined) return;',
    'both are there, or neither is',
  ]),
  ...of('ports/tape/memory-tape.ts', [
    '.sort((a, b) => (a.key < b.key ? -1 : 1))',
    'no two keys are alike',
    'a.key <= b.key',
  ]),
  ...of('ports/tape/read-tape.ts', ['if (!head) return;', 'it is asked only where there is one', 'false']),
  ...of('ports/tape/s3-tape.ts', [
    'for await (const { Contents = [] } of pages) {',
    NOT_NAMED,
    '["Stryker was here"]',
  ]),
  ...of(
    'ports/tape/tape-object.ts',
    ['} catch (error) {', 'nothing else is thrown there', '{}'],
    ['if (error instanceof RecordingError) return undefined;', 'nothing else is thrown there', 'true'],
  ),
  ...of('ports/objects/folder-files.ts', [
    "const root = parents.length === 0 ? folder : fileOf(folder, parents.join('/'));",
    'less is walked, and the same is found',
    'true',
  ]),
  ...of('ports/objects/folder-objects.ts', [
    'for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;',
    'a file gives bytes alone',
    'true',
  ]),
  ...of(
    'ports/objects/s3-objects.ts',
    ['if (!(chunk instanceof Uint8Array)) continue;', 'a body gives bytes alone', 'false'],
    ['for await (const { Contents = [] } of pages) {', NOT_NAMED, '["Stryker was here"]'],
    [
      'for (const { Key: key, UploadId: uploadId } of page.Uploads ?? []) {',
      NOT_NAMED,
      '["Stryker was here"]',
    ],
    [
      'const markers = page.DeleteMarkers?.map((marker) => ({ ...marker, Size: 0 })) ?? [];',
      NOT_NAMED,
      '["Stryker was here"]',
    ],
    [
      'for (const { Key: key, VersionId: versionId, Size } of [...(page.Versions ?? []), ...markers]) {',
      NOT_NAMED,
      '["Stryker was here"]',
    ],
  ),
  ...of('ports/recordings/memory-recordings.ts', [
    'this.#objects.set(key, { bytes, tag: `"${(this.#writes += 1)}"` });',
    'no two are alike so, either',
    'this.#writes -= 1',
  ]),
  ...of('ports/calls/table-calls.ts', ['const items: Item[] = [];', NOT_NAMED, '["Stryker was here"]']),
  ...of(
    'ports/table/dynamodb-table.ts',
    [
      "const { hashKey, rangeKey = '' } = keysOf(this.#schema, index);",
      'nobody asks for a span of a key that there isn’t',
    ],
    [
      'const [from, to] = between ?? [];',
      'both are looked at only where there is a span',
      '["Stryker was here"]',
    ],
    [
      'for await (const { Items = [] } of pages) yield Items.map((item) => unmarshall(item));',
      'to unmarshall a text has no attributes',
      '["Stryker was here"]',
    ],
  ),
  ...of('ports/table/expressions.ts', ["? parts.join('')", 'it is but one', '"Stryker was here!"']),
  ...of(
    'ports/table/folder-table.ts',
    ["text = await readFile(this.#file, 'utf8');", 'JSON.parse takes a Buffer for its text', '""'],
    ['} catch {', 'undefined, too', '{}'],
  ),
  ...of('ports/table/item.ts', [
    'while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;',
    'no text begins with a byte that goes on with a character',
    'end >= 0',
  ]),
  ...of('ports/table/memory-table.ts', [
    'return JSON.stringify([item[hashKey], rangeKey !== undefined && item[rangeKey]]);',
    'one name for each item, either way',
    'true',
  ]),
  ...of(
    'ports/table/twin.ts',
    [
      'const removed = Object.keys(set).filter((name) => set[name] === undefined);',
      'what is set comes back, behind the others; of attributes no order is promised',
    ],
    [
      '.sort((a, b) => (query.backwards ? -1 : 1) * orderOf(a[rangeKey], b[rangeKey]));',
      'of what is alike no order is promised',
      '(query.backwards ? -1 : 1) / orderOf(a[rangeKey], b[rangeKey])',
    ],
  ),
  ...of('ports/media/memory-documents.ts', [
    'if (end > document.length) return;',
    'what there is of the element is kept verbatim either way',
    'false',
  ]),
  ...of('ports/media/memory-session.ts', [
    "if (start.kind === 'continuationToken' && /^[0-9]+$/.test(start.token)) return BigInt(start.token);",
    'to a RegExp undefined is the word “undefined”',
    'true',
  ]),
  ...of(
    'ports/media/memory-stream.ts',
    [
      'at: (at) => (at < this.#available() ? this.#held[at]?.fragment : undefined),',
      IS_HELD,
      'this.#held[at].fragment',
    ],
    [
      'if (this.#held[index]?.fragment.number === number) return this.#cursor(index + 1);',
      IS_HELD,
      'this.#held[index].fragment',
    ],
    ['if (!held) return false;', IS_HELD],
    ['if (this.#keepMs === Infinity) return this.#forgotten;', FAST, 'false'],
    [
      'if ((this.#held[middle]?.availableAtMs ?? Infinity) <= timeMs) low = middle + 1;',
      IS_HELD,
      'this.#held[middle].availableAtMs',
    ],
  ),
  ...of('ports/executions/sfn-execution-states.ts', [
    "return UNDER_WAY.has(execution.status ?? '') ? 'running' : 'over';",
    'it is no status, either',
    '"Stryker was here!"',
  ]),
  ...of(
    'ports/executions/sfn-executions.ts',
    [
      'const [, account, name] = STATE_MACHINE_ARN.exec(stateMachineArn) ?? [];',
      'nobody looks at the first',
      '["Stryker was here"]',
    ],
    ['if (account === undefined || name === undefined) {', 'both are there, or neither is'],
    [
      "return startDate !== undefined && startDate.getTime() < askedAtMs ? 'running' : 'started';",
      'within a ms nobody can tell the two apart',
      'startDate.getTime() <= askedAtMs',
    ],
  ),
  ...of('ports/events/event-bridge-events.ts', [
    'const [entry] = Entries ?? [];',
    NOT_NAMED,
    '["Stryker was here"]',
  ]),
  ...of(
    'ports/contacts/connect-contacts.ts',
    ['function spansOf({ Recordings = [] }: Contact): StreamedSpan[] {', NOT_NAMED, '["Stryker was here"]'],
    ['if (error instanceof RecordingError) return [];', 'nothing else is thrown there', 'true'],
  ),
  ...of('ports/copies/s3-copies.ts', [
    "return STATES[ReplicationStatus ?? ''] ?? 'none';",
    'it is no status, either',
    '"Stryker was here!"',
  ]),
];
