import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ID } from '../../../matroska/elements.ts';
import { call, documentsOf } from '../../support/kinesis.ts';
import {
  concat,
  ELEMENT,
  encode,
  layout,
  leaf,
  master,
  text,
  uint,
  UNKNOWN_IDS,
  withSize,
} from '../../support/matroska.ts';
import { randomStream } from '../../support/matroska-streams.ts';
import { elementsOf, problemsOf, walk } from './walk.ts';

const CALL = documentsOf(call(1.5));
const HTML = text('<html><body>503 Slow Down</body></html>');

/** Void, CRC-32 and what nobody knows may be in an element of unknown size, or behind it: the bytes don't tell. */
const ANYWHERE = new Set<number>([ELEMENT.Void, ELEMENT.CRC32, ...UNKNOWN_IDS]);
const depthTold = (id: number, depth: number) => (ANYWHERE.has(id) ? 'any' : depth);

describe('the tree', () => {
  it('has every element that another writer wrote, at its place and of its size', () => {
    fc.assert(
      fc.property(randomStream(), ({ elements, bytes }) => {
        const events = walk(bytes);
        const expected = layout(elements).map(({ element, id, start, payload, end, depth }) => ({
          id,
          depth: depthTold(id, depth),
          offset: start,
          headerBytes: payload - start,
          size: element.unknownSize === true ? undefined : end - payload,
        }));
        expect(
          elementsOf(events).map(({ id, depth, offset, headerBytes, size }) => ({
            id,
            depth: depthTold(id, depth),
            offset,
            headerBytes,
            size,
          })),
        ).toEqual(expected);
        expect(problemsOf(events)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same however the bytes come', () => {
    fc.assert(
      fc.property(randomStream(2), fc.integer({ min: 1, max: 70 }), ({ bytes }, chunkBytes) => {
        expect(walk(bytes, chunkBytes)).toEqual(walk(bytes));
      }),
      { numRuns: 60 },
    );
    expect(walk(CALL, 1)).toEqual(walk(CALL));
  });

  it('names the elements, and tells their values', () => {
    const bytes = encode(
      master(ELEMENT.EBML, leaf(ELEMENT.DocType, text('matroska', 2)), leaf(ELEMENT.DocTypeVersion, uint(2))),
      withSize(
        master(
          ELEMENT.Segment,
          master(
            ELEMENT.Info,
            leaf(ELEMENT.TimestampScale, uint(1_000_000)),
            leaf(0x4461, uint(1_000_000_000n, 8)),
          ),
          master(
            ELEMENT.Cluster,
            leaf(ELEMENT.Timestamp, uint(2n ** 60n)),
            leaf(ELEMENT.SimpleBlock, Uint8Array.of(0x82, 0xff, 0xfe, 0x80, 1, 2, 3)),
          ),
        ),
        true,
      ),
    );
    expect(elementsOf(walk(bytes)).map(({ name, value }) => [name, value])).toEqual([
      ['EBML', undefined],
      ['DocType', 'matroska'],
      ['DocTypeVersion', 2],
      ['Segment', undefined],
      ['Info', undefined],
      ['TimecodeScale', 1_000_000],
      ['DateUTC', '2001-01-01T00:00:01.000Z'],
      ['Cluster', undefined],
      ['Timecode', 2n ** 60n],
      ['SimpleBlock', { block: { trackNumber: 2, relativeTime: -2, flags: 0x80, payloadBytes: 3 } }],
    ]);
  });
});

describe('what is wrong', () => {
  it('never stops it, whatever the bytes are, and each is accounted for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 64 }), (bytes, chunkBytes) => {
        const events = walk(bytes, chunkBytes);
        expect(events).toEqual(walk(bytes));
        for (const { offset } of events) expect(offset).toBeLessThanOrEqual(bytes.length);
        if (bytes.length > 0) expect(events.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('never stops it in a damaged stream either', () => {
    const damage = fc.record({
      at: fc.nat({ max: CALL.length - 1 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const bytes = CALL.slice();
        for (const one of damages) bytes.set(one.bytes.subarray(0, bytes.length - one.at), one.at);
        const events = walk(bytes, 1000);
        expect(events.map(({ offset }) => offset)).toEqual(
          events.map(({ offset }) => offset).sort((a, b) => a - b),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is told where the bytes end too soon: what in, and how many are missing', () => {
    const document = documentsOf(call(1).slice(0, 1));
    const whole = elementsOf(walk(document));
    // Every byte of the beginning and of the end; samples of the audio between them.
    for (let end = 1; end < document.length; end += end > 2200 && end < document.length - 600 ? 211 : 1) {
      const problems = problemsOf(walk(document.subarray(0, end)));
      const inside = whole.findLast(({ offset }) => offset < end);
      const isOver = whole.some(
        ({ offset, headerBytes, size = 0, type }) => offset + headerBytes + (type === 'm' ? 0 : size) === end,
      );
      if (problems.length === 0) expect(isOver, `cut at ${end}`).toBe(true);
      else {
        expect(problems, `cut at ${end}`).toHaveLength(1);
        expect(problems[0]?.problem).toBe('cut');
        if (!isOver) expect(problems[0]?.offset).toBe(inside?.offset);
      }
    }
    const block = whole.find(({ id }) => id === ID.SimpleBlock);
    const [cut] = problemsOf(walk(document.subarray(0, (block?.offset ?? 0) + 100)));
    expect(cut).toMatchObject({
      offset: block?.offset,
      what: `the bytes end within SimpleBlock, in Segment › Cluster: ${100 - (block?.headerBytes ?? 0)} of its 1028 bytes are there`,
    });
  });

  it('is told of a page that came in place of media, and nothing is made of it', () => {
    expect(walk(HTML)).toEqual([
      {
        kind: 'problem',
        problem: 'foreign',
        depth: 0,
        offset: 0,
        bytes: HTML.length,
        what: `an EBML header is expected here, not element 0x3c6874; ${HTML.length} bytes passed over: "<html><body>503 Slow Down</body></html>"`,
      },
    ]);
  });

  it('is passed over between fragments, and those behind it are found', () => {
    const [first, second] = call(3).map(({ document }) => document);
    if (!first || !second) throw new Error('too few fragments');
    const events = walk(concat(HTML, first, HTML, second));
    expect(problemsOf(events)).toMatchObject([
      { problem: 'foreign', offset: 0, bytes: HTML.length },
      { problem: 'foreign', offset: HTML.length + first.length, bytes: HTML.length },
    ]);
    const offsets = elementsOf(events).flatMap(({ id, offset }) => (id === ID.EBML ? [offset] : []));
    expect(offsets).toEqual([HTML.length, 2 * HTML.length + first.length]);
  });

  it('is told where a document begins within one that promises more', () => {
    const cluster = master(
      ELEMENT.Cluster,
      leaf(ELEMENT.Timestamp, uint(5)),
      leaf(ELEMENT.Void, new Uint8Array(50)),
    );
    const document = encode(
      master(ELEMENT.EBML, leaf(ELEMENT.DocType, text('matroska'))),
      withSize(master(ELEMENT.Segment, cluster), true),
    );
    const torn = document.subarray(0, document.length - 52);
    const [problem, ...others] = problemsOf(walk(concat(torn, document)));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ problem: 'cut', offset: torn.length });
    expect(problem?.what).toMatch(/^a new document begins, and Cluster \(at \d+\) promises 52 bytes more$/);
  });

  it('is told of an element larger than the one it stands in, and of one where it can’t stand', () => {
    const tooLarge = encode(
      withSize(
        master(
          ELEMENT.Segment,
          // Promises two bytes; the Void in it, thirty.
          leaf(ELEMENT.Info, concat(uint(ELEMENT.Void), Uint8Array.of(0x9e))),
          master(ELEMENT.Cluster),
        ),
        true,
      ),
    );
    const events = walk(tooLarge);
    expect(problemsOf(events)).toMatchObject([{ problem: 'foreign', bytes: 2 }]);
    expect(problemsOf(events)[0]?.what).toMatch(/^Void is larger than Info/);
    expect(elementsOf(events).map(({ name }) => name)).toEqual(['Segment', 'Info', 'Cluster']);

    const misplaced = encode(
      master(ELEMENT.Segment, leaf(ELEMENT.SimpleBlock, Uint8Array.of(0x81, 0, 0, 0))),
    );
    expect(problemsOf(walk(misplaced))).toMatchObject([
      { problem: 'misplaced', what: 'SimpleBlock stands in Segment, where it can’t' },
    ]);
  });
});
