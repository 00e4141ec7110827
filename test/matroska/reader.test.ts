import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../matroska/errors.ts';
import { documentOf, type Fragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import { Repeats } from '../../matroska/repeats.ts';
import {
  blockPayload,
  childrenOf,
  concat,
  ELEMENT,
  type Element,
  encode,
  layout,
  leaf,
  master,
  tags,
  text,
  uint,
  UNKNOWN_IDS,
  vint,
  withSize,
} from '../support/matroska.ts';
import { contentOf, readBody } from '../support/read-body.ts';
import {
  EPOCH_MS,
  known,
  sampleCluster,
  sampleDocument,
  sampleHeader,
  simpleBlock,
  trailingTags,
  unknown,
} from './sample.ts';

/** A fragment's only Cluster, of these children. */
function clusterOf(...children: readonly Element[]): Element {
  return withSize(master(ELEMENT.Cluster, ...children), true, 1);
}

const timestamp = (value: number | bigint): Element => leaf(ELEMENT.Timestamp, uint(value, 8));

/** An EBML header and a Segment of unknown size of these children. */
function segmentOf(...children: readonly Element[]): Uint8Array {
  return encode(sampleHeader(), withSize(master(ELEMENT.Segment, ...children), true, 8));
}

function only(bytes: Uint8Array): Fragment {
  const { fragments, error } = readBody(bytes);
  const [fragment, ...more] = fragments;
  if (!fragment || more.length > 0 || error) throw error ?? new Error(`${fragments.length} fragments`);
  return fragment;
}

describe('a fragment', () => {
  it('has its bytes verbatim, and its blocks', () => {
    const before = encode(...sampleDocument({ number: 1n }));
    const bytes = encode(...sampleDocument({ number: 2n }));
    const fragment = readBody(concat(before, bytes)).fragments[1];

    expect(fragment?.offset).toBe(before.length);
    expect(fragment && documentOf(fragment)).toEqual(bytes);
    expect(fragment && contentOf(fragment).blocks.slice(0, 3)).toEqual([
      { trackNumber: 1, timeMs: EPOCH_MS, audio: uint(1, 6) },
      { trackNumber: 2, timeMs: EPOCH_MS, audio: uint(2, 6) },
      { trackNumber: 1, timeMs: EPOCH_MS + 64, audio: uint(65, 6) },
    ]);
  });

  it('stays as it was while the reader goes on', () => {
    const body = concat(
      ...Array.from({ length: 200 }, (_, index) => encode(...sampleDocument({ number: BigInt(index) }))),
    );
    const { fragments } = readBody(body, [1_000]);
    expect(Buffer.concat(fragments.flatMap(({ pieces }) => pieces)).equals(body)).toBe(true);
    expect(
      new Set(fragments.flatMap(({ pieces }) => pieces.map(({ buffer }) => buffer))).size,
    ).toBeGreaterThan(1);
  });

  it('is a view of chunks that are large enough, also where they cut it', () => {
    const body = concat(
      ...Array.from({ length: 20 }, (_, index) => encode(...sampleDocument({ number: BigInt(index) }))),
      encode(...sampleDocument({ number: 20n })).subarray(0, -5),
    );
    const { fragments } = readBody(body, [6_000]);
    expect(fragments.map(contentOf)).toEqual(readBody(body, [10]).fragments.map(contentOf));
    expect(fragments).toHaveLength(21);
    const pieces = fragments.flatMap((fragment) => fragment.pieces);
    expect(pieces.filter(({ buffer }) => buffer === body.buffer)).toEqual(pieces.slice(0, -1));
    expect(pieces.length).toBeGreaterThan(21);
  });

  it('is announced by the number in its leading tags', () => {
    const reader = new FragmentReader();
    const bytes = encode(...sampleDocument({ number: 77n }));
    reader.push(bytes.subarray(0, 40));
    expect(reader.next()).toBeUndefined();
    expect(reader.pendingNumber).toBeUndefined();
    reader.push(bytes.subarray(40, bytes.length - 1));
    expect(reader.next()).toBeUndefined();
    expect(reader.pendingNumber).toBe(77n);
    expect(reader.offset).toBe(bytes.length - 1);
    reader.push(bytes.subarray(bytes.length - 1));
    expect(reader.next()?.number).toBe(77n);
    expect(reader.pendingNumber).toBeUndefined();
  });

  it('has as its time exactly what Cluster and block say', () => {
    const times = Array.from({ length: 1_000 }, (_, index) => EPOCH_MS + index * 97);
    const clusters = times.map((time) => clusterOf(timestamp(time), simpleBlock(1, 0)));
    expect(only(segmentOf(...clusters)).blocks.map(({ timeMs }) => timeMs)).toEqual(times);
  });

  it('takes an empty TimestampScale as the default', () => {
    const info = master(ELEMENT.Info, leaf(ELEMENT.TimestampScale, new Uint8Array()));
    const fragment = only(segmentOf(info, clusterOf(timestamp(5), simpleBlock(1, 2))));
    expect(fragment.blocks[0]?.timeMs).toBe(7);
  });

  it('has the time of its first Cluster', () => {
    const info = (scale: number) => master(ELEMENT.Info, leaf(ELEMENT.TimestampScale, uint(scale)));
    const clusters = [clusterOf(timestamp(EPOCH_MS)), clusterOf(timestamp(EPOCH_MS + 128))];
    expect(only(segmentOf(...clusters)).clusterMs).toBe(EPOCH_MS);
    expect(only(segmentOf(info(500_000), clusterOf(timestamp(6)))).clusterMs).toBe(3);
    expect(only(segmentOf(info(2_000_000), clusterOf(timestamp(6)))).clusterMs).toBe(12);
    expect(only(segmentOf(tags([['a', 'b']]))).clusterMs).toBeUndefined();
  });

  it('has a tag without a name, too, and none from elsewhere than Tags', () => {
    const value = master(ELEMENT.Tag, master(ELEMENT.SimpleTag, leaf(ELEMENT.TagString, text('v'))));
    expect([...only(segmentOf(master(ELEMENT.Tags, value))).tags]).toEqual([['', 'v']]);
    expect([...only(segmentOf(master(ELEMENT.Info, value))).tags]).toEqual([]);
  });

  it('has names and tags of 64 KiB', () => {
    const long = 'x'.repeat(65_536);
    expect(only(segmentOf(tags([['long', long]]))).tags.get('long')).toBe(long);
  });

  it('has negative times too', () => {
    expect(only(segmentOf(clusterOf(timestamp(0), simpleBlock(1, -5)))).blocks[0]?.timeMs).toBe(-5);
  });

  it.each([
    [126, 1],
    [127, 1],
    [127, 2],
    [128, 2],
    [2 ** 14 - 1, 2],
    [2 ** 53 - 1, 8],
  ])('reads track number %i in %i bytes', (number, width) => {
    const block = leaf(ELEMENT.SimpleBlock, blockPayload(vint(number, width), 0, 0, uint(9)));
    expect(only(segmentOf(clusterOf(timestamp(0), block))).blocks[0]?.trackNumber).toBe(number);
  });

  it('may have no audio in a block, and no Cluster at all', () => {
    const empty = only(segmentOf(clusterOf(timestamp(0), simpleBlock(1, 0, new Uint8Array()))));
    expect(empty.blocks.map(({ audio }) => audio.length)).toEqual([0]);
    expect(only(segmentOf(tags([['a', 'b']])))).toMatchObject({ blocks: [], wholeness: 'structural' });
  });

  it('keeps the last tag of a name, and what has no value', () => {
    const nameOnly = master(
      ELEMENT.Tags,
      master(ELEMENT.Tag, master(ELEMENT.SimpleTag, leaf(ELEMENT.TagName, text('c')))),
    );
    const fragment = only(
      segmentOf(
        tags([
          ['a', '1'],
          ['b', '2'],
        ]),
        tags([['a', '3']]),
        nameOnly,
      ),
    );
    expect([...fragment.tags]).toEqual([
      ['a', '3'],
      ['b', '2'],
      ['c', ''],
    ]);
  });
});

describe('a fragment comes', () => {
  /** @returns what the last byte brings. */
  function withLastByte(bytes: Uint8Array): Fragment | undefined {
    const reader = new FragmentReader();
    reader.push(bytes.subarray(0, -1));
    expect(reader.next()).toBeUndefined();
    reader.push(bytes.subarray(-1));
    return reader.next();
  }

  it('with the last byte of its trailing tags', () => {
    expect(withLastByte(encode(...sampleDocument()))?.wholeness).toBe('tagged');
  });

  it.each([unknown(1), unknown(8), known(1), known(8)])(
    'with the last byte of a Segment of known size, its Clusters of size %o',
    (cluster) => {
      const options = { segment: known(8), cluster, ending: [sampleCluster(EPOCH_MS, cluster)] };
      expect(withLastByte(encode(...sampleDocument(options)))?.wholeness).toBe('structural');
    },
  );

  it.each([
    ['GetMedia spells it', 'AWS_KINESISVIDEO_ERROR_ID', '4500', 4500],
    ['archived media spells it', 'AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE', '3000', 3000],
    ['it has a code alone', 'AWS_KINESISVIDEO_ERROR_CODE', 'INTERNAL', 0],
  ])('with an error report, as %s, though the body stays open', (_, name, value, id) => {
    const report = tags([
      ['AWS_KINESISVIDEO_FRAGMENT_NUMBER', '7'],
      [name, value],
    ]);
    for (const segment of [unknown(8), known(8)]) {
      const document = [
        sampleHeader(),
        withSize(master(ELEMENT.Segment, report), segment.unknown, segment.width),
      ];
      expect(withLastByte(encode(...document))).toMatchObject({ number: 7n, error: { id }, blocks: [] });
    }
  });

  it('with the next EBML header where the trailing tags are missing', () => {
    const bytes = encode(...sampleDocument({ ending: [] }), ...sampleDocument({ number: 2n }));
    const { fragments } = readBody(bytes, [1]);
    expect(fragments.map(({ number, wholeness }) => [number, wholeness])).toEqual([
      [1n, 'structural'],
      [2n, 'tagged'],
    ]);
  });

  it('torn with the next EBML header where its own sizes promise more', () => {
    const elements = sampleDocument({ segment: known(8), ending: [] });
    const bytes = encode(...elements);
    const lastTags = layout(elements).findLast(({ id }) => id === ELEMENT.Tags);
    const body = concat(bytes.subarray(0, lastTags?.start), encode(...sampleDocument({ number: 2n })));
    expect(readBody(body).fragments.map(({ number, wholeness }) => [number, wholeness])).toEqual([
      [1n, 'torn'],
      [2n, 'tagged'],
    ]);
  });

  it('whole although the continuation token stands before its Cluster, which proves nothing', () => {
    const document = sampleDocument({ clusters: [trailingTags(1n), sampleCluster(EPOCH_MS)], ending: [] });
    const { fragments, error } = readBody(encode(...document, ...sampleDocument({ number: 2n })));
    expect(error).toBeUndefined();
    expect(fragments.map(({ wholeness, blocks }) => [wholeness, blocks.length])).toEqual([
      ['structural', 4],
      ['tagged', 8],
    ]);
  });

  it('tagged but without a Cluster only when it is clear that none follows', () => {
    const bytes = encode(...sampleDocument({ clusters: [] }));
    const { fragments, cameAt } = readBody(concat(bytes, encode(...sampleDocument({ number: 2n }))), [1]);
    expect(fragments.map(({ wholeness }) => wholeness)).toEqual(['tagged', 'tagged']);
    expect(cameAt[0]).toBe(bytes.length + 5);
    expect(readBody(bytes).fragments[0]?.wholeness).toBe('tagged');
  });
});

describe('between fragments', () => {
  it('passes over what may still follow the trailing tags in their Segment', () => {
    const rest = [
      tags([['late', '1']]),
      leaf(ELEMENT.Cues, new Uint8Array(9)),
      leaf(ELEMENT.Void, new Uint8Array(300)),
      leaf(ELEMENT.CRC32, new Uint8Array(4)),
      ...UNKNOWN_IDS.map((id) => leaf(id, new Uint8Array(3))),
    ];
    const first = sampleDocument({ ending: [trailingTags(1n), ...rest] });
    const { fragments, error } = readBody(encode(...first, ...sampleDocument({ number: 2n })));
    expect(error).toBeUndefined();
    expect(fragments.map(({ number }) => number)).toEqual([1n, 2n]);
    expect(fragments[0]?.tags.has('late')).toBe(false);
  });

  it('counts what it passes over against no fragment’s limit', () => {
    const gap = leaf(ELEMENT.Void, new Uint8Array(900));
    const bytes = encode(gap, gap, gap, ...sampleDocument({ clusters: [sampleCluster(EPOCH_MS)] }));
    const { fragments, error } = readBody(bytes, [10], { fragmentBytesMax: 1_000 });
    expect(error).toBeUndefined();
    expect(fragments).toHaveLength(1);
  });

  it('begins with Void if need be', () => {
    const bytes = encode(leaf(ELEMENT.Void, new Uint8Array(5)), ...sampleDocument());
    expect(only(bytes)).toMatchObject({ offset: 7, number: 1n });
  });
});

describe('finish', () => {
  it('gives nothing where nothing has come, or only part of an EBML header', () => {
    expect(readBody(new Uint8Array()).fragments).toEqual([]);
    expect(readBody(encode(sampleHeader()).subarray(0, -1)).fragments).toEqual([]);
  });

  it('is the end: afterwards there is nothing more, not even half a block', () => {
    const elements = sampleDocument();
    const lastBlock = layout(elements).findLast(({ id }) => id === ELEMENT.SimpleBlock);
    const reader = new FragmentReader();
    const { start = 0, payload = 0 } = lastBlock ?? {};
    reader.push(encode(...elements).subarray(0, payload + 3));
    expect(reader.next()).toBeUndefined();
    const tornBytes = payload + 3 - start;
    expect(reader.finish()).toMatchObject({ wholeness: 'torn', tornBytes, blocks: { length: 7 } });
    expect(reader.next()).toBeUndefined();
    expect(reader.finish()).toBeUndefined();
  });
});

type Wrap = (culprit: Element) => Element[];

const inSegment: Wrap = (culprit) => sampleDocument({ clusters: [culprit] });
const inCluster: Wrap = (culprit) => inSegment(clusterOf(timestamp(0), culprit));
const inKnownCluster: Wrap = (culprit) => inSegment(master(ELEMENT.Cluster, timestamp(0), culprit));
const inInfo: Wrap = (culprit) => inSegment(master(ELEMENT.Info, culprit));
const inTrackEntry: Wrap = (culprit) =>
  inSegment(master(ELEMENT.Tracks, master(ELEMENT.TrackEntry, culprit)));
const inSimpleTag: Wrap = (culprit) =>
  inSegment(master(ELEMENT.Tags, master(ELEMENT.Tag, master(ELEMENT.SimpleTag, culprit))));
const afterTags: Wrap = (culprit) => sampleDocument({ ending: [trailingTags(1n), culprit] });
const alone: Wrap = (culprit) => [culprit];

const block = (payload: Uint8Array): Element => leaf(ELEMENT.SimpleBlock, payload);
const ONE = vint(1, 1);
const BEYOND_SAFE = uint(2n ** 53n, 8);
const LONG_TEXT = text('x'.repeat(65_537));

interface Fault {
  readonly what: string;
  readonly culprit: Element;
  readonly wrap: Wrap;
  readonly message: RegExp;
  readonly at: 'start' | 'payload';
}

function fault(
  what: string,
  culprit: Element,
  wrap: Wrap,
  message: RegExp,
  at: Fault['at'] = 'payload',
): Fault {
  return { what, culprit, wrap, message, at };
}

function misplaced(what: string, culprit: Element, wrap: Wrap, message = /stands where it can’t/): Fault {
  return fault(what, culprit, wrap, message, 'start');
}

const LACED = [0x02, 0x04, 0x06, 0x86].flatMap((flags) => {
  const payload = blockPayload(ONE, 0, flags, uint(1));
  const inGroup: Wrap = (culprit) => inCluster(master(ELEMENT.BlockGroup, culprit));
  return [
    fault(`lacing, flags ${flags}`, block(payload), inCluster, /laced.*refused/),
    fault(`lacing, flags ${flags}, in a BlockGroup`, leaf(ELEMENT.Block, payload), inGroup, /laced.*refused/),
  ];
});

const FAULTS: readonly Fault[] = [
  ...LACED,
  fault(
    'a block before its time',
    simpleBlock(1, 0),
    (one) => inSegment(clusterOf(one)),
    /before its Cluster’s/,
  ),
  fault(
    'a block before the time of its own Cluster, the second',
    simpleBlock(1, 0),
    (culprit) => sampleDocument({ clusters: [clusterOf(timestamp(0)), clusterOf(culprit)] }),
    /before its Cluster’s/,
  ),
  fault('an empty block', block(new Uint8Array()), inCluster, /shorter than its header/),
  fault('a block without flags', block(uint(0x810000, 3)), inCluster, /shorter than its header/),
  fault('a block without a track number', block(new Uint8Array(20)), inCluster, /shorter than its header/),
  fault(
    'a block’s track beyond 2^53',
    block(blockPayload(vint(2n ** 53n, 8), 0, 0, ONE)),
    inCluster,
    /: a track number is beyond 2\^53/,
  ),
  fault(
    'a TrackNumber beyond 2^53',
    leaf(ELEMENT.TrackNumber, BEYOND_SAFE),
    inTrackEntry,
    /: a TrackNumber is beyond 2\^53/,
  ),
  fault(
    'a Timestamp beyond 2^53',
    leaf(ELEMENT.Timestamp, BEYOND_SAFE),
    inCluster,
    /: a Cluster Timestamp is beyond/,
  ),
  fault('a Timestamp of 9 bytes', leaf(ELEMENT.Timestamp, uint(1, 9)), inCluster, /longer than 8 bytes/),
  fault('a TimestampScale of 0', leaf(ELEMENT.TimestampScale, uint(0)), inInfo, /: a TimestampScale is 0/),
  fault(
    'a TimestampScale of 9 bytes',
    leaf(ELEMENT.TimestampScale, uint(1, 9)),
    inInfo,
    /: a TimestampScale is longer/,
  ),
  misplaced(
    'a child of unknown size',
    withSize(leaf(ELEMENT.Title, text('t')), true),
    inInfo,
    /larger than its parent/,
  ),
  fault('a SegmentUUID of 17 bytes', leaf(ELEMENT.SegmentUUID, uint(0, 17)), inInfo, /longer than 16 bytes/),
  fault(
    'a long TagName',
    leaf(ELEMENT.TagName, LONG_TEXT),
    inSimpleTag,
    /: a TagName is longer than 65536 bytes/,
  ),
  fault(
    'a long TagString',
    leaf(ELEMENT.TagString, LONG_TEXT),
    inSimpleTag,
    /: a TagString is longer than 65536 bytes/,
  ),
  fault(
    'a long Name',
    leaf(ELEMENT.Name, LONG_TEXT),
    inTrackEntry,
    /: a track’s Name is longer than 65536 bytes/,
  ),
  fault(
    'a long CodecID',
    leaf(ELEMENT.CodecID, LONG_TEXT),
    inTrackEntry,
    /: a CodecID is longer than 65536 bytes/,
  ),
  misplaced(
    'a SimpleBlock outside a Cluster',
    simpleBlock(1, 0),
    inSegment,
    /element 0xa3 stands where it can’t/,
  ),
  misplaced('a BlockGroup outside a Cluster', master(ELEMENT.BlockGroup), inSegment),
  misplaced('a Timestamp outside a Cluster', timestamp(1), inSegment),
  misplaced('a Segment in a Segment', withSize(master(ELEMENT.Segment), true), inSegment),
  misplaced('a Segment in a Cluster', withSize(master(ELEMENT.Segment), true), inCluster),
  misplaced('Cues in a Cluster of known size', leaf(ELEMENT.Cues, uint(0)), inKnownCluster),
  misplaced('a Cluster in a Cluster of known size', clusterOf(), inKnownCluster),
  misplaced('Tags of unknown size', withSize(master(ELEMENT.Tags), true), inSegment, /be of unknown size/),
  misplaced(
    'a SimpleBlock of unknown size',
    withSize(simpleBlock(1, 0), true),
    inCluster,
    /be of unknown size/,
  ),
  misplaced('an EBML header of unknown size', withSize(sampleHeader(), true), alone, /be of unknown size/),
  misplaced(
    'a Segment before any EBML header',
    master(ELEMENT.Segment),
    alone,
    /an EBML header is expected here, not element 0x18538067/,
  ),
  misplaced('Tags before any EBML header', master(ELEMENT.Tags), alone, /an EBML header is expected/),
  misplaced(
    'Cues after the EBML header',
    leaf(ELEMENT.Cues, uint(0)),
    (one) => [sampleHeader(), one],
    /a Segment is expected after the EBML header, not element 0x1c53bb6b/,
  ),
  misplaced('a Cluster after the trailing tags', clusterOf(), afterTags, /an EBML header is expected/),
  misplaced('a block after the trailing tags', simpleBlock(1, 0), afterTags, /an EBML header is expected/),
  misplaced(
    'a Segment after the trailing tags',
    master(ELEMENT.Segment),
    afterTags,
    /an EBML header is expected/,
  ),
];

describe('malformed bytes', () => {
  it.each(FAULTS)('$what', ({ culprit, wrap, message, at }) => {
    const before = encode(...sampleDocument({ number: 9n }));
    const elements = wrap(culprit);
    const place = layout(elements).find(({ element }) => element === culprit)?.[at];
    const isFirst = wrap === alone && message.source.includes('EBML header is');
    const body = isFirst ? encode(...elements) : concat(before, encode(...elements));

    // Byte by byte, but for what is there only because something is long.
    for (const chunkBytes of [[body.length], [body.length > 10_000 ? 997 : 1]]) {
      const { error } = readBody(body, chunkBytes);
      expect(error).toBeInstanceOf(MalformedError);
      expect(error?.message).toMatch(message);
      expect(error?.offset).toBe((place ?? NaN) + (isFirst ? 0 : before.length));
    }
  });

  it('names the fragment, where its number has come, and fails from then on', () => {
    const reader = new FragmentReader();
    reader.push(encode(...sampleDocument({ number: 8n, clusters: [simpleBlock(1, 0)] })));
    const thrown = [() => reader.next(), () => reader.next(), () => reader.finish()].map((read) => {
      try {
        read();
      } catch (error) {
        return error;
      }
      return undefined;
    });
    expect(thrown[0]).toMatchObject({ name: 'MalformedError', fragmentNumber: 8n });
    expect(thrown).toEqual([thrown[0], thrown[0], thrown[0]]);
  });

  it('names the fragment also where the element that tells its number is broken further on', () => {
    const elements = tags([['AWS_KINESISVIDEO_FRAGMENT_NUMBER', '8']]);
    const broken = { ...elements, body: concat(encode(...childrenOf(elements)), Uint8Array.of(0x73)) };
    expect(readBody(segmentOf(broken)).error).toMatchObject({ fragmentNumber: 8n });
  });

  it.each([
    ['a page of HTML', '<html><body>503 Service Unavailable</body></html>', /an EBML header is expected/],
    [
      'JSON',
      '{"message":"The security token included in the request is expired"}',
      /an EBML header is expected/,
    ],
    ['zeros', '\0\0\0\0', /no element id begins like this; is this a GetMedia body\?$/],
    ['a WAV file', 'RIFF\u0024\0\0\0WAVEfmt ', /an EBML header is expected/],
  ])('such as %s fail at byte 0', (_, content, message) => {
    for (const chunkBytes of [[content.length], [1]]) {
      const { error } = readBody(text(content), chunkBytes);
      expect(error?.offset).toBe(0);
      expect(error?.message).toMatch(message);
    }
  });

  it('such as a size without a length marker fail at the size', () => {
    const { error } = readBody(concat(uint(ELEMENT.EBML), Uint8Array.of(0)));
    expect(error).toMatchObject({
      offset: 4,
      message: expect.stringContaining('has no length marker') as unknown,
    });
  });

  it('are told from what is wrong with the program', () => {
    class Broken extends Repeats {
      override read(): never {
        throw new RangeError('not of the bytes');
      }
    }
    const reader = new FragmentReader({}, new Broken());
    reader.push(encode(...sampleDocument()));
    expect(() => reader.next()).toThrow(RangeError);
  });
});

describe('malformed bytes can be passed over', () => {
  const fragment = (number: bigint) =>
    encode(...sampleDocument({ number, clusters: [sampleCluster(EPOCH_MS)] }));

  /** The numbers that are read, with whatever is malformed passed over. */
  function numbersIn(body: Uint8Array, chunkBytes: number): (bigint | undefined)[] {
    const reader = new FragmentReader();
    const numbers: (bigint | undefined)[] = [];
    for (let at = 0; at < body.length; at += chunkBytes) {
      reader.push(body.subarray(at, at + chunkBytes));
      for (let isMore = true; isMore;) {
        try {
          const next = reader.next();
          if (next) numbers.push(next.number);
          isMore = next !== undefined;
        } catch (error) {
          if (!(error instanceof MalformedError)) throw error;
          reader.passOver();
        }
      }
    }
    return numbers;
  }

  const half = fragment(3n).subarray(60);
  it.each<[string, Uint8Array]>([
    ['zeros', new Uint8Array(100)],
    ['text', text('<html><body>503 Service Unavailable</body></html>')],
    ['a fragment without its beginning', half],
    ['an EBML header with nothing behind it', fragment(3n).subarray(0, 20)],
    ['the beginning of an EBML header', Uint8Array.of(0, 0x1a, 0x45)],
    ['an EBML header of unknown size', encode(withSize(sampleHeader(), true))],
  ])('%s', (_, garbage) => {
    const body = concat(fragment(1n), fragment(2n), garbage, fragment(4n), fragment(5n));
    for (const chunkBytes of [body.length, 100, 7, 1]) {
      expect(numbersIn(body, chunkBytes).filter((number) => number !== undefined)).toEqual([1n, 2n, 4n, 5n]);
      expect(numbersIn(concat(garbage, fragment(4n)), chunkBytes)).toContain(4n);
    }
  });

  it('with what lies before the fault in the same element, though it look like a fragment', () => {
    const inner = fragment(3n);
    const spoilt = encode(
      ...sampleDocument({
        number: 2n,
        clusters: [master(ELEMENT.Info, leaf(ELEMENT.Title, inner), leaf(ELEMENT.TimestampScale, uint(0)))],
      }),
    );
    const body = concat(fragment(1n), spoilt, fragment(4n));
    expect(numbersIn(body, body.length)).toEqual([1n, 4n]);
  });

  it('and nothing is where nothing was malformed', () => {
    const reader = new FragmentReader();
    reader.passOver();
    reader.push(fragment(1n).subarray(0, 50));
    reader.next();
    reader.passOver();
    reader.push(fragment(1n).subarray(50));
    expect(reader.next()?.number).toBe(1n);
  });

  it('and leave nothing that is on its way', () => {
    const reader = new FragmentReader();
    reader.push(new Uint8Array(100));
    expect(() => reader.next()).toThrow(MalformedError);
    reader.passOver();
    expect([reader.next(), reader.isMidway, reader.finish()]).toEqual([undefined, false, undefined]);
  });
});

describe('a reader is midway', () => {
  const bytes = encode(...sampleDocument());
  const after = (length: number) => {
    const reader = new FragmentReader();
    reader.push(bytes.subarray(0, length));
    reader.next();
    return reader.isMidway;
  };

  it('from the first byte of a document up to, but not with, its last', () => {
    const headerBytes = encode(sampleHeader()).length;
    for (const length of [1, headerBytes, headerBytes + 40, bytes.length - 1])
      expect(after(length)).toBe(true);
    expect([after(0), after(bytes.length)]).toEqual([false, false]);
  });
});

describe('what stands between fragments', () => {
  it.each([
    ['an element of 4 KiB', leaf(UNKNOWN_IDS[2], new Uint8Array(4_096)), undefined],
    [
      'a longer one',
      leaf(UNKNOWN_IDS[2], new Uint8Array(4_097)),
      /of 4097 bytes is too large to stand between/,
    ],
    [
      'an EBML header, however long',
      master(
        ELEMENT.EBML,
        leaf(ELEMENT.DocType, text('matroska')),
        leaf(ELEMENT.Void, new Uint8Array(5_000)),
      ),
      undefined,
    ],
  ])('may be %s, or not', (_, element, message) => {
    const [header, segment] = sampleDocument({ number: 2n });
    const next = element.id === ELEMENT.EBML ? [element, segment] : [element, header, segment];
    const elements = next.flatMap((one) => one ?? []);
    const { error, fragments } = readBody(encode(...sampleDocument({ number: 1n }), ...elements));
    expect(fragments).toHaveLength(message ? 1 : 2);
    if (message) expect(error?.message).toMatch(message);
    else expect(error).toBeUndefined();
  });

  it.each([
    ['in a Segment', (...more: Element[]) => sampleDocument({ ending: more })],
    [
      'in a Cluster',
      (...more: Element[]) => sampleDocument({ clusters: [clusterOf(timestamp(0), ...more)] }),
    ],
  ])('is no unknown element %s that would swallow those that follow', (_, documentWith) => {
    const holding = (bytes: number) => encode(...documentWith(leaf(UNKNOWN_IDS[2], new Uint8Array(bytes))));
    expect(readBody(holding(4_096)).error).toBeUndefined();
    const { fragments, error } = readBody(concat(holding(4_097), encode(...sampleDocument({ number: 9n }))));
    expect(fragments).toEqual([]);
    expect(error?.message).toMatch(/of 4097 bytes is too large for an unknown element/);
  });

  it('is no element that would swallow those that follow', () => {
    const fragment = encode(...sampleDocument({ number: 9n }));
    const huge = concat(uint(UNKNOWN_IDS[2]), vint(64_000, 3));
    const { fragments, error } = readBody(concat(fragment, huge, fragment, fragment, fragment));
    expect(fragments.map(({ number }) => number)).toEqual([9n]);
    expect(error?.message).toContain('too large to stand between fragments');
  });
});

describe('an absurd size fails before any of its payload has come', () => {
  const LIMIT = 1_000_000;
  const TERABYTE = vint(2n ** 40n, 8);
  const MAXIMUM = vint(2n ** 56n - 2n, 8);
  const header = encode(sampleHeader());
  const segment = encode(withSize(master(ELEMENT.Segment), true, 8));
  const cluster = encode(clusterOf(timestamp(0)));

  it.each([
    ['an EBML header', new Uint8Array(), ELEMENT.EBML],
    ['a Segment', header, ELEMENT.Segment],
    ['Void between documents', new Uint8Array(), ELEMENT.Void],
    ['Void before a Segment', header, ELEMENT.Void],
    ['Tags', concat(header, segment), ELEMENT.Tags],
    ['an unknown element', concat(header, segment), UNKNOWN_IDS[2]],
    ['a Cluster', concat(header, segment), ELEMENT.Cluster],
    ['a SimpleBlock', concat(header, segment, cluster), ELEMENT.SimpleBlock],
  ])('%s', (_, before, id) => {
    for (const size of [TERABYTE, MAXIMUM, vint(LIMIT, 3)]) {
      const reader = new FragmentReader({ fragmentBytesMax: LIMIT });
      reader.push(concat(before, uint(id), size));
      expect(() => reader.next()).toThrow(
        expect.objectContaining({ name: 'MalformedError', offset: before.length }),
      );
    }
  });

  it('and so does a fragment that grows beyond the limit bit by bit', () => {
    const blocks = Array.from({ length: 20 }, () => simpleBlock(1, 0, new Uint8Array(1_000)));
    const bytes = encode(...sampleDocument({ clusters: [clusterOf(timestamp(0), ...blocks)] }));
    const limits = { fragmentBytesMax: 10_000 };
    const { message, offset } = readBody(bytes, [100], limits).error ?? {};
    expect(message).toMatch(/larger than 10000 bytes/);
    for (const chunkBytes of [[bytes.length], [1_500, bytes.length]])
      expect(readBody(bytes, chunkBytes, limits).error).toMatchObject({ message, offset });
    expect(readBody(bytes, [100], { fragmentBytesMax: bytes.length }).error).toBeUndefined();
    expect(readBody(bytes, [100], { fragmentBytesMax: bytes.length - 1 }).error).toBeDefined();
  });

  it('and so do a child that is larger than its Cluster, and a Cluster that is larger than its Segment', () => {
    const cases = [
      concat(header, segment, uint(ELEMENT.Cluster), vint(8, 1), uint(ELEMENT.SimpleBlock), vint(7, 1)),
      concat(header, uint(ELEMENT.Segment), vint(8, 1), uint(ELEMENT.Cluster), vint(4, 1)),
      concat(header, uint(ELEMENT.Segment), vint(8, 1), uint(ELEMENT.Tags), vint(4, 1)),
      concat(
        header,
        uint(ELEMENT.Segment),
        vint(8, 1),
        uint(ELEMENT.Cluster),
        vint(127, 1),
        uint(0xa3),
        vint(2, 1),
      ),
    ];
    for (const bytes of cases)
      expect(readBody(bytes).error?.message).toMatch(/larger than its (Cluster|Segment)/);
  });
});

describe('what a track says of its samples', () => {
  const float = (value: number, bytes: 4 | 8) => {
    const view = new DataView(new ArrayBuffer(bytes));
    if (bytes === 4) view.setFloat32(0, value);
    else view.setFloat64(0, value);
    return new Uint8Array(view.buffer);
  };
  const trackOf = (...elements: Parameters<typeof master>[1][]) =>
    only(
      segmentOf(
        master(ELEMENT.Tracks, master(ELEMENT.TrackEntry, leaf(ELEMENT.TrackNumber, uint(1)), ...elements)),
      ),
    ).tracks[0];

  it.each([4, 8] as const)('is read, with a rate of %d bytes', (bytes) => {
    const audio = master(
      ELEMENT.Audio,
      leaf(ELEMENT.SamplingFrequency, float(44_100, bytes)),
      leaf(ELEMENT.Channels, uint(2)),
      leaf(ELEMENT.BitDepth, uint(16)),
    );
    expect(trackOf(audio)?.audio).toStrictEqual({ sampleRate: 44_100, channels: 2, bitDepth: 16 });
  });

  it('is left out where it can’t be read: the fragment stands', () => {
    const torn = { id: ELEMENT.Audio, body: Uint8Array.of(0xb5, 0x88, 1) };
    expect(trackOf(torn, leaf(ELEMENT.Name, text('after')))).toEqual({
      trackNumber: 1,
      name: 'after',
      encoded: false,
    });
    expect(
      trackOf(master(ELEMENT.Audio, leaf(ELEMENT.SamplingFrequency, float(1, 4).slice(1))))?.audio,
    ).toStrictEqual({});
  });

  it('stands in its CodecPrivate, too, unless that is longer than audio’s is', () => {
    expect(trackOf(leaf(ELEMENT.CodecPrivate, Uint8Array.of(1, 2)))?.codecPrivate).toEqual(
      Uint8Array.of(1, 2),
    );
    const longest = new Uint8Array(1_024).fill(7);
    expect(trackOf(leaf(ELEMENT.CodecPrivate, longest))?.codecPrivate).toEqual(longest);
    expect(trackOf(leaf(ELEMENT.CodecPrivate, new Uint8Array(1_025)))?.codecPrivate).toBeUndefined();
  });
});

describe('there is a limit on', () => {
  it('tracks', () => {
    const entries = (count: number) =>
      segmentOf(
        master(
          ELEMENT.Tracks,
          ...Array.from({ length: count }, () =>
            master(ELEMENT.TrackEntry, leaf(ELEMENT.TrackNumber, uint(1))),
          ),
        ),
      );
    expect(only(entries(128)).tracks).toHaveLength(128);
    expect(readBody(entries(129)).error?.message).toMatch(/too many tracks/);
  });

  it.each([
    {
      what: 'tracks',
      many: master(ELEMENT.Tracks, ...Array.from({ length: 128 }, () => master(ELEMENT.TrackEntry))),
      two: master(ELEMENT.Tracks, leaf(ELEMENT.Void, uint(0)), master(ELEMENT.TrackEntry)),
      culprit: ELEMENT.TrackEntry,
    },
    {
      what: 'tags',
      many: tags(Array.from({ length: 1_000 }, (_, index) => [`tag ${index}`, ''] as const)),
      two: tags([
        ['tag 7', ''],
        ['one more', ''],
      ]),
      culprit: ELEMENT.SimpleTag,
    },
  ])('$what of several elements: the one too many is told', ({ what, many, two, culprit }) => {
    const elements = [sampleHeader(), withSize(master(ELEMENT.Segment, many, two), true, 8)];
    const last = layout(elements).findLast(({ id }) => id === culprit);
    expect(readBody(encode(...elements)).error).toMatchObject({
      offset: last?.payload,
      message: expect.stringContaining(`too many ${what}`) as unknown,
    });
  });

  it('tags', () => {
    const element = (from: number, count: number) =>
      tags(Array.from({ length: count }, (_, index) => [`tag ${from + index}`, ''] as const));
    expect(only(segmentOf(element(0, 1_000))).tags.size).toBe(1_000);
    expect(readBody(segmentOf(element(0, 1_001))).error?.message).toMatch(/too many tags/);
    expect(readBody(segmentOf(element(0, 1_000), element(1_000, 1))).error?.message).toMatch(/too many tags/);
  });

  it('tags of one name in one element', () => {
    const same = (count: number) =>
      segmentOf(tags(Array.from({ length: count }, () => ['tag', ''] as const)));
    expect(only(same(1_000)).tags.size).toBe(1);
    expect(readBody(same(1_001)).error?.message).toMatch(/too many tags/);
  });
});
