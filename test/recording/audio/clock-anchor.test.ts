/** The clock's anchor by itself: fragments of a second each, told by how far each clock is ahead of where the call is. */
import { describe, expect, it } from 'vitest';
import { ClockAnchor } from '../../../recording/audio/clock-anchor.ts';

const SECOND_MS = 1_000;

interface Clocks {
  readonly producerMs?: number;
  /** Null: it isn't told. */
  readonly serverMs?: number | null;
  /** When its audio begins, from the fragment's place in the call; undefined: at the producer's time. */
  readonly audioMs?: number;
  /** A track goes on there. */
  readonly goesOn?: boolean;
}

/** What is told of each fragment: the offset, and where it begins, from its place in the call. */
function told(calls: readonly Clocks[]) {
  const anchor = new ClockAnchor();
  const stamps = calls.map(({ producerMs = 0, serverMs = 0 }, index) => ({
    clusterMs: index * SECOND_MS + producerMs,
    serverTimestampMs: serverMs === null ? undefined : index * SECOND_MS + serverMs,
  }));
  const fragments = stamps.map((one, index) => {
    const { producerMs = 0, audioMs = producerMs, goesOn = false } = calls[index] ?? {};
    const following = stamps.slice(index + 1);
    const audioAtMs = index * SECOND_MS + audioMs;
    const offsetMs = anchor.offsetFor(one, following, audioAtMs + SECOND_MS, () =>
      goesOn ? audioAtMs : undefined,
    );
    const beginMs = anchor.beginMs - index * SECOND_MS;
    const later = following.map((stamp) => anchor.beginOf(stamp));
    return { offsetMs, beginMs, isAhead: anchor.isAhead, later };
  });
  const of = <Key extends keyof (typeof fragments)[number]>(key: Key) => fragments.map((one) => one[key]);
  return { of, reanchored: anchor.reanchored };
}

const steady = (count: number, clocks: Clocks = {}): Clocks[] => Array.from({ length: count }, () => clocks);
const producer = (...all: number[]): Clocks[] => all.map((producerMs) => ({ producerMs }));

/** The offset of the last one. */
const offset = (calls: readonly Clocks[]) => told(calls).of('offsetMs').at(-1);

describe('A producer’s clock', () => {
  it('that steps by no more than clocks differ is a pause, and from there on has jumped', () => {
    expect(offset([...steady(3), ...producer(2_000, 2_000)])).toBe(0);
    expect(offset([...steady(3), ...producer(2_001, 2_001)])).toBe(-2_001);
    expect(offset([...steady(3), ...producer(-2_000, -2_000)])).toBe(0);
    expect(offset([...steady(3), ...producer(-2_001, -2_001)])).toBe(2_001);
    const late = (producerMs: number) => steady(2, { producerMs, serverMs: 5_000 });
    expect(offset([...steady(3), ...late(2_000)])).toBe(0);
    expect(offset([...steady(3), ...late(2_001)])).toBe(2_999);
  });

  it.each([
    [2_000, 0],
    [2_001, -2_001],
    [-2_000, 0],
    [-2_001, 2_001],
  ])('that is %d ms off the server’s after a pause has an offset of %d ms', (ms, expected) => {
    expect(offset([...steady(3), ...steady(2, { producerMs: 9_000 + ms, serverMs: 9_000 })])).toBe(expected);
  });

  const J = 30_000;
  it.each<[string, number[], number]>([
    ['of five, three do', [J, J, J, 0, 0], -J],
    ['of five, only two do', [J, J, 0, 0, 0], 0],
    ['of five, three do, not in a row', [J, 0, J, 0, J], -J],
    ['of four, half do', [J, J, 0, 0], 0],
    ['of three, two do', [J, J, 0], -J],
    ['nothing follows', [J], 0],
    ['one follows', [J, J], -J],
    ['of the four that follow one does, and more behind them', [J, J, 0, 0, 0, J, J, J], 0],
    ['they do within what uploads waver', [J, J + 2_000, J + 2_000, 0, 0], -J - 2_000],
    ['they don’t within what uploads waver', [J, J + 2_001, J + 2_001, 0, 0], 0],
    ['they do, and the lower one of two is taken', [J, J + 1_000], -J],
  ])('has jumped for good where most of those that follow say so: %s', (_, jump, expected) => {
    expect(told([...steady(3), ...producer(...jump)]).of('offsetMs')[3]).toBe(expected);
  });

  it('has jumped as most of those say that tell the server’s time', () => {
    const untold = { producerMs: J, serverMs: null };
    const calls = [...steady(3), ...producer(J), untold, untold, untold, ...producer(J)];
    expect(told(calls).of('offsetMs')[3]).toBe(-J);
  });

  it('has jumped as most of those say that tell their own time', () => {
    const anchor = new ClockAnchor();
    const untold = { clusterMs: undefined, serverTimestampMs: 1_000 };
    const at = (ms: number, producerMs: number) => ({ clusterMs: ms + producerMs, serverTimestampMs: ms });
    anchor.offsetFor(at(0, 0), [], SECOND_MS, () => undefined);
    const following = [untold, untold, untold, at(2_000, J)];
    expect(anchor.offsetFor(at(1_000, J), following, 2_000 + J, () => undefined)).toBe(-J);
  });

  it('has jumped though there were some before that didn’t tell the server’s time', () => {
    expect(offset([...steady(2), ...steady(4, { serverMs: null }), ...producer(J, J)])).toBe(-J);
  });

  it('has paused where no server’s time is told, and what follows goes on from there', () => {
    const pause = (serverMs: number | null) => ({ producerMs: 9_000, serverMs });
    expect(offset([...steady(3), pause(null), ...steady(2, pause(14_000))])).toBe(0);
    const jump = steady(2, { producerMs: 9_000 + J, serverMs: 9_000 });
    expect(offset([...steady(3, { serverMs: null }), ...steady(3, pause(9_000)), ...jump])).toBe(-J);
  });

  it('that jumps in a pause leaves the pause as long as the server says; what follows goes on from there', () => {
    const behind = { producerMs: 9_000 + J, serverMs: 9_000 };
    // Its Cluster's time is a bit before its audio, which is nothing to ask about.
    const wavering = { producerMs: 8_700 + J, serverMs: 9_000, audioMs: 9_000 + J, goesOn: true };
    const { of, reanchored } = told([...steady(3), behind, wavering, behind]);
    expect([reanchored, of('isAhead')]).toEqual([1, Array(6).fill(false)]);
    expect(of('beginMs')).toEqual([0, 0, 0, 9_000, 8_700, 9_000]);
  });

  it('is not followed where no server’s time is told', () => {
    const { of, reanchored } = told([
      ...steady(3, { serverMs: null }),
      ...steady(3, { serverMs: null, producerMs: J }),
    ]);
    expect([reanchored, of('offsetMs'), of('isAhead')]).toEqual([0, Array(6).fill(0), Array(6).fill(false)]);
  });

  it('is held against the server’s as it was in the five before', () => {
    const late = steady(3, { serverMs: 1_500 });
    const jump = producer(2_800, 2_800);
    // In most of the five before it was 1.5 s behind; then in only two of them.
    expect(offset([...late, ...steady(2), ...jump])).toBe(-4_300);
    expect(offset([...late, ...steady(3), ...jump])).toBe(-2_800);
    const early = steady(3, { serverMs: -1_500 });
    expect(offset([...early, ...steady(2), ...producer(4_000, 4_000)])).toBe(-2_500);
    expect(offset([...early, ...steady(3), ...producer(4_000, 4_000)])).toBe(-4_000);
  });

  it('that is ahead for a while can’t be right: what was expected is taken', () => {
    const { of, reanchored } = told([...steady(3), ...producer(J, J), ...steady(3)]);
    expect(reanchored).toBe(0);
    expect(of('isAhead')).toEqual([false, false, false, true, true, false, false, false]);
    expect(of('beginMs')).toEqual(Array(8).fill(0));
  });

  it('that is behind for a while is taken at its word, as a slow upload is', () => {
    const { of, reanchored } = told([...steady(3), ...producer(-J), ...steady(3)]);
    expect(reanchored).toBe(0);
    expect(of('isAhead')).toEqual(Array(7).fill(false));
    expect(of('beginMs')).toEqual([0, 0, 0, -J, 0, 0, 0]);
  });

  it('tells when a later fragment begins, but of one that it is behind in', () => {
    const later = (producerMs: number) => told([...steady(3), ...producer(producerMs)]).of('later')[2]?.[0];
    expect(later(0)).toBe(3 * SECOND_MS);
    expect(later(-2_000)).toBe(SECOND_MS);
    expect(later(-2_001)).toBeUndefined();
    expect(later(J)).toBe(3 * SECOND_MS + J);
    expect(new ClockAnchor().beginOf({ clusterMs: undefined, serverTimestampMs: 0 })).toBeUndefined();
  });
});

describe('A Cluster’s time that is a lagging track’s', () => {
  /** The other track goes on where it had come to. */
  const lagging = (producerMs: number): Clocks => ({ producerMs, audioMs: 0, goesOn: true });

  it('is corrected by the track that goes on, where it is further off than times waver', () => {
    const at = (producerMs: number) => told([...steady(3), lagging(producerMs)]).of('beginMs')[3];
    expect([at(-500), at(-501), at(500), at(501), at(-30_000)]).toEqual([-500, 0, 500, 0, 0]);
  });

  it('is corrected alike in what follows, until it is nobody’s but the fragment’s own again', () => {
    const calls = [...steady(3), lagging(-800), ...steady(2, { producerMs: -800, audioMs: 0 }), ...steady(2)];
    const { of, reanchored } = told(calls);
    expect(of('beginMs')).toEqual(Array(8).fill(0));
    expect([reanchored, of('offsetMs')]).toEqual([0, Array(8).fill(0)]);
    const late = steady(2, { producerMs: -800, audioMs: 0, serverMs: 5_000 });
    expect(offset([...steady(3), lagging(-800), ...late])).toBe(0);
  });

  it('is corrected for as long as that fits within what times waver', () => {
    const next = (ms: number) => told([...steady(3), lagging(-800), ...producer(ms)]).of('beginMs')[4];
    expect([next(-300), next(-299)]).toEqual([500, -299]);
  });

  it('is its own again, too, where the clock has jumped before', () => {
    const jumped = 30_000;
    const behind = { producerMs: jumped - 1_000, audioMs: jumped, goesOn: true };
    const calls = [...steady(3), ...producer(jumped, jumped), behind, ...producer(jumped)];
    expect(told(calls).of('beginMs')).toEqual(Array(7).fill(0));
  });

  it('is its own again within what times waver', () => {
    const back = (ms: number) => told([...steady(3), lagging(-3_000), ...producer(ms)]).of('beginMs')[4];
    expect([back(500), back(-500), back(-3_500)]).toEqual([500, -500, -500]);
    // No time at which anything was expected: it can't be right.
    expect(back(501)).toBe(0);
  });
});
