import { describe, expect, it } from 'vitest';
import { interleave } from '../../../recording/audio/interleave.ts';
import { seeded } from '../../support/random.ts';

const PAIRS = 5;

/** What a machine of that order reads from these bytes. */
function numbersOf(bytes: Uint8Array, order: 'LE' | 'BE'): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int32Array.from({ length: bytes.length / 4 }, (_, index) =>
    view.getInt32(index * 4, order === 'LE'),
  );
}

describe.each(['LE', 'BE'] as const)('two channels on a machine that is %s', (order) => {
  it('become frames, left sample first, with every byte in its order', () => {
    const left = Uint8Array.from(seeded(1).bytes(PAIRS * 4));
    const right = Uint8Array.from(seeded(2).bytes(PAIRS * 4));
    const frames = new Int32Array(PAIRS * 2);
    interleave(numbersOf(left, order), numbersOf(right, order), frames, order);
    const stereo = Uint8Array.from({ length: PAIRS * 8 }, (_, at) => {
      const channel = at % 4 < 2 ? left : right;
      return channel[Math.floor(at / 4) * 2 + (at % 2)] ?? 0;
    });
    expect(frames).toEqual(numbersOf(stereo, order));
  });

  it('leave what lies behind them in the buffer as it is', () => {
    const frames = new Int32Array(4).fill(7);
    interleave(Int32Array.of(1), Int32Array.of(2), frames, order);
    expect([...frames.subarray(2)]).toEqual([7, 7]);
  });
});
