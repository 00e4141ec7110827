/** Of recording/, changes that change nothing which anybody could see. */
import { ALIKE, type Equivalent, FAST, of } from './naming.ts';

const FIRST = 'nobody looks at the first';
const TOGETHER = 'they are there together, or none of them is';
const NO_NUMBER = 'undefined isn’t as large as any number, nor is any as large as it';
const NOWHERE = 'what is masked up to nowhere is nothing';
const UNMASKED = 'what isn’t true isn’t masked';
const UNCOUNTED = 'what isn’t counted is written over before it is read';

export const EQUIVALENT_IN_RECORDING: readonly Equivalent[] = [
  ...of('recording/losses/judgement.ts', [
    'if (fragmentsListed !== undefined && merge.numbers.size >= fragmentsListed)',
    NO_NUMBER,
    'true',
  ]),
  ...of(
    'recording/losses/merging.ts',
    [
      'const isAfter = first === undefined || BigInt(first) <= BigInt(loss.firstFragmentNumber ?? -1);',
      'one that begins where it does is known already',
      'BigInt(first) < BigInt(loss.firstFragmentNumber ?? -1)',
    ],
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
    ['return end !== undefined && listedUpTo !== undefined && listedUpTo >= end;', NO_NUMBER, 'true'],
    [
      '(isVerified && !hadStopped) || (earlier.endReason !== undefined && SAW_THE_END.has(earlier.endReason));',
      'undefined is no such end',
      'true',
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
    'recording/next-known.ts',
    [
      'if (knownFrom === undefined || verification === undefined) return false;',
      'nothing is before a time that isn’t told',
      'false',
    ],
    [
      'if (endReason !== undefined && SAW_THE_END.has(endReason)) return false;',
      'undefined is no such end',
      'true',
    ],
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
    ['if (bits > 0) out.write(value, bits);', 'no bits are nothing', 'true', 'bits >= 0'],
    ['if (known > 0) return { code: known, value: 0, bits: 0 };', 'no rate is 0', 'known >= 0'],
    [
      'return { code: RATE_IN_STREAM_INFO, value: 0, bits: 0 };',
      'where nothing is told noughts are written, which is that code',
      '{}',
    ],
  ),
  ...of('recording/audio/format/flac/flac.ts', [
    'const frameBytes = { min: max === 0 ? 0 : min, max };',
    'of infinitely many noughts are written, too',
    'false',
  ]),
  ...of(
    'recording/audio/format/flac/rice.ts',
    [
      'for (let partition = 0, begin = from; partition < 1 << order; partition += 1) {',
      'the sum behind the last one is written over before it is read',
      'partition <= 1 << order',
    ],
    [
      'for (let pair = 0; 2 * pair < count; pair += 1)',
      'the sum behind the last one is written over before it is read',
      '2 * pair <= count',
    ],
    [
      'for (let mean = sum / count; mean > 2 && lowBits < LOW_BITS_MAX; mean /= 2) lowBits += 1;',
      'two codings of one cost',
      'mean >= 2',
    ],
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
      'if (order * bits + plan.bitsMax < samples.length * bits) {',
      'two codings of one cost',
      'order * bits + plan.bitsMax <= samples.length * bits',
    ],
    [
      'let [last0, last1, last2, last3] = [0, 0, 0, 0];',
      'what is made of the first of them is in no sum that counts',
      '[]',
    ],
    [
      'const [c1, c2, c3, c4] = COEFFICIENTS[order] ?? [0, 0, 0, 0];',
      'there is a predictor of each order',
      '[]',
    ],
    [
      'if (wasted > 0) for (let at = 0; at < samples.length; at += 1) samples[at] = (samples[at] ?? 0) >> wasted;',
      'no bits are nothing, and behind the end of a typed array is nowhere',
      'true',
      'wasted >= 0',
      'at <= samples.length',
    ],
    ['if (wasted > 0) out.writeUnary(wasted - 1);', 'no bits are nothing', 'true', 'wasted >= 0'],
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
    ['readonly #blocks: Block[] = [];', UNCOUNTED, '["Stryker was here"]'],
    ['readonly #channels: Channel[] = [];', UNCOUNTED, '["Stryker was here"]'],
    ['readonly #starts: number[] = [];', UNCOUNTED, '["Stryker was here"]'],
    ['readonly #samples: Uint8Array[] = [];', UNCOUNTED, '["Stryker was here"]'],
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
  ...of(
    'recording/audio/timeline.ts',
    ['if (rate === undefined) return;', 'where no rate is known nothing has been placed', 'false'],
    [
      'if (!window.placeWithin(channel, start, samples)) yield* window.place(channel, start, samples);',
      FAST,
      'true',
    ],
  ),
  ...of('recording/audio/track-line.ts', [
    'if (frames < this.#leastLag) this.#leastLag = frames;',
    ALIKE,
    'frames <= this.#leastLag',
  ]),
  ...of(
    'recording/audio/placer.ts',
    ['if (channel === undefined) continue;', 'a block of no channel has been left out before', 'false'],
    [
      'if (start !== undefined && wanted <= start + jitterFrames && wanted >= start - jitterFrames)',
      'nothing is near to undefined',
      'true',
    ],
    ['if (end > this.#furthest) this.#furthest = end;', ALIKE, 'end >= this.#furthest'],
    ['if (end !== undefined && wanted <= end) {', 'nothing is before undefined', 'true'],
    ['if (end !== undefined && wanted <= end) {', 'what is at the end itself goes on there', 'wanted < end'],
    [
      'Math.round((((beginMs ?? -Infinity) - (this.#originMs ?? 0)) * sampleRate) / 1000),',
      'what is too far off is no gap either',
      '+Infinity',
    ],
    [
      'if (line.half === undefined && audio.length % BYTES_PER_SAMPLE === 0) return audio;',
      FAST,
      'false',
      'audio.length * BYTES_PER_SAMPLE',
    ],
    [
      'if (block === undefined || block.trackNumber === trackNumber) continue;',
      'there is a block at each place',
      'false',
    ],
    [
      'for (let at = blocks.length - 1; at >= 0; at -= 1) {',
      'behind the end of the list is no block',
      'blocks.length + 1',
    ],
  ),
  ...of('recording/audio/mulaw.ts', [
    'for (let index = 0, at = first * BYTES_PER_SAMPLE; index < codes.length; index += 1) {',
    'what is put behind the end of a typed array is nowhere',
    'index <= codes.length',
  ]),
  ...of(
    'recording/transcript/masking/cards.ts',
    [
      'return length === undefined || !first || !last ? [] : [{ first: first.word, last: last.word }];',
      NOWHERE,
      '["Stryker was here"]',
    ],
    [
      'if (run && isGoingOn) return run.digits.at(-(LENGTH.max - 1))?.word ?? run.digits[0]?.word;',
      'a run has a digit',
      'run.digits[0].word',
    ],
    ['let between = FILLERS_MAX + 1;', 'the first digits begin a run, whatever is before', 'FILLERS_MAX - 1'],
    [
      'if (!FIRST_DIGITS.includes(String(digits[start]?.value))) return undefined;',
      'it is asked of digits that are there',
      'digits[start].value',
    ],
    [
      'const doubled = (digits.length - index) % 2 === 0 ? value * 2 : value;',
      'a sum is even where the difference is',
      'digits.length + index',
    ],
    [
      'sum += doubled > 9 ? doubled - 9 : doubled;',
      'tens below 0 are tens, too',
      'sum -= doubled > 9 ? doubled - 9 : doubled',
    ],
  ),
  ...of(
    'recording/transcript/masking/marks.ts',
    ['if (!masked.includes(true)) return { ...utterance, text: textOf(utterance) };', FAST, 'false'],
    [
      'if (mark) out.push({ ...mark, endFrame: Math.max(mark.endFrame, word.endFrame) });',
      'behind a masked word there is its mark',
      'true',
    ],
  ),
  ...of(
    'recording/transcript/masking/masker.ts',
    [
      'masked.slice(own).map((is, index) => is || (open !== undefined && own + index >= open)),',
      NO_NUMBER,
      'true',
    ],
    ['const masked = words.map(() => false);', UNMASKED, '() => undefined'],
    ['return { utterance, words, masked: words.map(() => false) };', UNMASKED, '() => undefined'],
    [
      'return open.length === 0 ? undefined : Math.max(Math.min(...open), words.length - HELD_WORDS_MAX);',
      'the least of none is infinite, and nothing lies behind it',
      'false',
    ],
  ),
  ...of(
    'recording/transcript/masking/patterns.ts',
    [
      "function placesOf([, kind = '', least = '1', most = least]: RegExpExecArray): Place[] {",
      'what matches has a kind',
      '"Stryker was here!"',
    ],
    [
      "const rest = text.replace(/\\{[0-9]{1,2}(?:,[0-9]{1,2})?\\}/g, '');",
      'it is looked through for braces alone',
      '"Stryker was here!"',
    ],
    [
      'for (let index = first; index < words.length; index += 1) {',
      'behind the last word is none, which ends it',
      'index <= words.length',
    ],
    ['if (!word) break;', 'there is a word at each index', 'false'],
    ['if (next.isNone) return { last, isOpen: false };', FAST, 'false'],
    ['get isNone(): boolean {', FAST, '{}'],
    [
      'if (digits !== undefined && digits !== symbols) next.add(this.#after(digits));',
      'the same once more adds nothing',
      'true',
    ],
    ['return last === undefined ? [] : [{ first, last }];', NOWHERE, 'false', '["Stryker was here"]'],
    [
      "({ symbols }, index) => symbols !== '' && patterns.some((pattern) => walk(pattern, words, index).isOpen),",
      'nothing is open behind a word without letters and digits',
      'true',
      '"Stryker was here!"',
    ],
  ),
  ...of(
    'recording/transcript/masking/spoken.ts',
    [
      "const times = TIMES.get(neighbour(symbols, index, -1) ?? '') ?? 1;",
      'neither says how many times',
      '"Stryker was here!"',
    ],
    [
      "const isTimes = isOpen || (TIMES.has(own) && digitsOf(next ?? '') !== undefined);",
      'neither says a digit',
      '"Stryker was here!"',
    ],
  ),
  ...of(
    'recording/transcript/masking/tokens.ts',
    [
      'return tokensOfWords(text, words) ?? tokensOfWords(joined(words), words) ?? [];',
      'a text that is joined of words is made of them',
      '["Stryker was here"]',
    ],
    [
      'while (at < text.length && /\\s/.test(text.charAt(at))) at += 1;',
      'nothing is blank behind the end of a text',
      'true',
      'at <= text.length',
    ],
  ),
  ...of('recording/transcript/document.ts', ['} catch {', 'without a word it gives undefined, too', '{}']),
  ...of('recording/transcript/said.ts', ['} catch {', 'without a word it gives undefined, too', '{}']),
  ...of(
    'recording/transcript/merge.ts',
    ["preferred: TranscriptSource = 'recognise',", 'it comes first by its name, too', '""'],
    [
      '(a, b) => Number(b === preferred) - Number(a === preferred) || (a < b ? -1 : 1),',
      'one of the two that there are is preferred',
      'true',
      'false',
      'a <= b',
      'a >= b',
      '+1',
    ],
    [
      'if (!first || !last) return [];',
      'a run has words',
      'false',
      '!first && !last',
      '["Stryker was here"]',
    ],
    [
      'const [from, to] = [tokens[indexes[0] ?? 0]?.from, tokens[indexes.at(-1) ?? 0]?.to];',
      'each word has a token',
      'tokens[indexes[0] ?? 0].from',
      'tokens[indexes.at(-1) ?? 0].to',
    ],
  ),
  ...of('recording/transcript/segment.ts', [
    'return a < b ? -1 : a > b ? 1 : 0;',
    'whoever sorts asks what comes before what, and no more',
    'true',
    'false',
    'a >= b',
    'a <= b',
  ]),
  ...of(
    'recording/transcript/writer.ts',
    [
      'constructor(facts: RowFacts, written: readonly TranscriptRow[] = []) {',
      'a word has no source',
      '["Stryker was here"]',
    ],
    ['if (!kept.includes(false)) return [utterance];', FAST, 'false'],
    [
      'startFrame: from === 0 ? utterance.startFrame : (words[0]?.startFrame ?? utterance.startFrame),',
      'a part has words',
      'words[0].startFrame',
    ],
    [
      'to === utterance.words.length ? utterance.endFrame : (words.at(-1)?.endFrame ?? utterance.endFrame),',
      'a part has words',
      'words.at(-1).endFrame',
    ],
    [
      'text: utterance.text.slice(tokens[from]?.from, tokens[to - 1]?.to),',
      'each word has a token',
      'tokens[from].from',
      'tokens[to - 1].to',
    ],
  ),
];
