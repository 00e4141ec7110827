/** Of ports/, changes that change nothing which anybody could see. */
import { type Equivalent, FAST, of } from './naming.ts';

const IS_HELD = 'there is one at every place that is looked at';
const UNHEARD = 'the words are nobody’s to hear: whoever fetches is given less';
const NO_NUMBER = 'nothing is wanted that has no number';
const UNASKED = 'what is undefined isn’t sent';
const NOT_NAMED = 'a text has none of these properties, and what has none is passed over';

export const EQUIVALENT_IN_PORTS: readonly Equivalent[] = [
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
  ...of(
    'ports/objects/folder-objects.ts',
    [
      'for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;',
      'a file gives bytes alone',
      'true',
    ],
    [
      'range && { start: range.from, ...(range.to !== Infinity && { end: range.to - 1 }) },',
      'a file is read up to Infinity by default',
      'true',
    ],
  ),
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
    'true',
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
  ...of(
    'ports/media/memory-documents.ts',
    [
      'if (end > document.length) return;',
      'what there is of the element is kept verbatim either way',
      'false',
    ],
    ['} catch (error) {', 'nothing else is thrown there', '{}'],
    ['if (!(error instanceof BadElement)) throw error;', 'nothing else is thrown there', 'false'],
  ),
  ...of(
    'ports/calls/call-attributes.ts',
    [
      'const fewer = Math.min(held.length - 1, Math.floor((held.length * bytesMax) / bytes));',
      'where they are too much, so many as fit are fewer',
      'held.length + 1',
    ],
    [
      'return bytes <= bytesMax || fewer <= LOSS_KINDS.length ? held : boundedLosses(losses, fewer, bytesMax);',
      'as many as there are kinds are never too much',
      'false',
      'fewer < LOSS_KINDS.length',
    ],
    ["if (value === undefined || value === '') return [];", 'no fact is undefined, by its type', 'false'],
    [
      "return [[name, typeof value === 'object' && value !== null ? boundedTexts(value) : value]];",
      'no fact is null, by its type',
      'true',
    ],
  ),
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
  ...of('ports/calls/call-item.ts', [
    'const damaged = new Set(whole.issues.map(({ path }) => path?.[0]?.key));',
    'a path has a first part',
    'path?.[0].key',
  ]),
  ...of(
    'ports/transcribe/sdk-transcribe.ts',
    [
      "signal.addEventListener('abort', destroy, { once: true });",
      'a signal is aborted but once',
      '{}',
      'false',
    ],
    [
      'const { TranscriptResultStream: events = [] } = await client.send(',
      'the SDK gives a stream, or fails',
      '["Stryker was here"]',
    ],
    [
      'yield (event?.Transcript?.Results ?? []).flatMap((result) => resultOf(result) ?? []);',
      NOT_NAMED,
      '["Stryker was here"]',
    ],
    [
      'yield (event?.Transcript?.Results ?? []).flatMap((result) => resultOf(result) ?? []);',
      'the SDK hands on no other event',
      'event.Transcript',
    ],
    ['...(filterMethod !== undefined && { VocabularyFilterMethod: filterMethod }),', UNASKED, 'true'],
    ['...(vocabularies[0] !== undefined && { VocabularyName: vocabularies[0] }),', UNASKED, 'true'],
    ['...(filters[0] !== undefined && { VocabularyFilterName: filters[0] }),', UNASKED, 'true'],
    ['const [alternative] = result.Alternatives ?? [];', NOT_NAMED, '["Stryker was here"]'],
    [
      'entities: (alternative?.Entities ?? []).flatMap(({ Type: type, StartTime: start, EndTime: end }) =>',
      NOT_NAMED,
      '["Stryker was here"]',
    ],
  ),
  ...of('ports/runtime/clock.ts', [
    "signal?.addEventListener('abort', done, { once: true });",
    'it takes itself off',
    '{}',
    'false',
  ]),
  ...of(
    'ports/runtime/in-order.ts',
    ['const job = { work: undefined, result: undefined };', 'what isn’t there is undefined, too', '{}'],
    [
      'return done.flatMap(({ result }) => (result ? [result.value] : []));',
      'what is done has a result',
      '["Stryker was here"]',
    ],
    ['if (!job || !work) return;', 'both are there, or neither is', '!job && !work'],
  ),
  ...of(
    'ports/access-logs/log-line.ts',
    ["time = '',", 'it is no time, either', '"Stryker was here!"'],
    ["for (let times = 0; times < 2 && text.includes('%'); times += 1) {", FAST, '""'],
    ['} catch {', 'what can’t be decoded can’t be the second time, either', '{}'],
  ),
  ...of(
    'ports/access-logs/s3-access-logs.ts',
    ['for await (const { Contents = [] } of pages) {', NOT_NAMED, '["Stryker was here"]'],
    ['for await (const { CommonPrefixes = [] } of pages) {', NOT_NAMED, '["Stryker was here"]'],
    [
      "rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS_MAX);",
      'a text that is split has a last part',
      '"Stryker was here!"',
    ],
  ),
  ...of('ports/checkpoints/table-checkpoints.ts', [
    'standing.ended !== undefined && standing.owner === claim.owner && standing.attempt === claim.attempt;',
    'until it has ended, nothing is refused to whoever holds it',
    'true',
  ]),
  ...of('ports/contacts/connect-contacts.ts', [
    "if (StorageType !== 'KINESIS_VIDEO_STREAM' || FragmentStartNumber === undefined) return [];",
    'undefined is no fragment number, either',
    'false',
  ]),
  ...of('ports/contacts/function-contacts.ts', [
    "return readAnswer(JSON.parse(Payload?.transformToString() ?? 'null'));",
    'the SDK gives a payload, though it be empty',
    'Payload.transformToString',
    '""',
  ]),
  ...of('ports/transcripts/table-transcripts.ts', [
    "if (typeof segmentId !== 'string') continue;",
    'it is the table’s key, and a text',
    'false',
  ]),
  ...of('ports/objects/run-marker.ts', [
    "return error instanceof Error && 'code' in error && error.code === 'EPERM';",
    'what process.kill throws is an error that has a code',
    'true',
    "error instanceof Error || 'code' in error",
  ]),
  ...of('ports/recordings/memory-recordings.ts', ["readonly bucket = 'memory';", 'any name does', '""']),
];
