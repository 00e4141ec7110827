import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelsOf, type Mono } from '../../../cli/audio/channels.ts';
import {
  clock,
  harmless,
  jsonText,
  paintFor,
  PLAIN,
  printable,
  size,
  table,
} from '../../../cli/terminal/terminal.ts';
import { eachOf } from '../../../ports/runtime/each.ts';
import { collect } from '../../support/collect.ts';

describe('colours', () => {
  const terminal = { isTTY: true };
  it.each([
    [terminal, {}, true],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [{}, { FORCE_COLOR: '1' }, true],
    [terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('on %j with %j: %s', (stream, env, colours) => {
    expect(paintFor(stream, env)('red', 'x') !== 'x').toBe(colours);
  });
});

it('tables stand in columns, whatever is in them', () => {
  const text = table(
    ['A', 'LENGTH'],
    [
      ['wide 日本', '1'],
      ['x', '1000'],
    ],
    PLAIN,
    [1],
  );
  expect(text).toBe(['A          LENGTH', 'wide 日本       1', 'x            1000'].join('\n'));
});

it('no text moves the cursor', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const harmless = printable(text);
      const codes = Array.from({ length: harmless.length }, (_, at) => harmless.charCodeAt(at));
      return codes.every((code) => code >= 32 && !(code >= 127 && code < 160));
    }),
  );
});

describe('an output', () => {
  const anything = fc.string({ unit: 'binary' });
  const EVIL = [
    '\u001b]52;c;eA==\u0007',
    '\u001b[2J',
    '\u009b31m',
    '\u202egnp',
    '\u2066x',
    'a\rb',
    '\ud800',
    '\u2028',
  ];
  const orders = /(?!\r\n|[\n\t])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;
  const alone = (text: string) => text.replaceAll('\r\n', '');

  it('orders nothing of the terminal', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anything, fc.constantFrom(...EVIL))), (parts) => {
        return !orders.test(alone(harmless(parts.join(''), false)));
      }),
    );
  });

  it('has our colours, where there are any, and no other sequence', () => {
    const paint = paintFor({ isTTY: true }, {});
    const ours = `${paint('bold', 'a')} ${paint('red', 'b')}\n\t${paint('dim', paint('gray', 'c'))}`;
    expect(harmless(ours, true)).toBe(ours);
    for (const evil of EVIL) {
      const shown = harmless(`${ours}${evil}`, true);
      expect(shown.startsWith(ours)).toBe(true);
      expect(shown.slice(ours.length)).not.toMatch(orders);
    }
  });

  it('ends a colour that somebody else has begun', () => {
    expect(harmless('x\u001b[31my', true)).toBe('x\u001b[31my\u001b[0m');
    expect(harmless('x\u001b[8my', true)).toBe('x\ufffdy');
  });

  it('as JSON is the same value, and orders nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.oneof(anything, fc.constantFrom(...EVIL))), (value, parts) => {
        const json = jsonText({ value, parts }, 2);
        expect(json).not.toMatch(orders);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, parts })));
      }),
    );
  });
});

it.each([
  [0, '0:00'],
  [59_999, '0:59'],
  [754_000, '12:34'],
  [3_723_000, '1:02:03'],
])('%d ms is %s', (ms, text) => {
  expect(clock(ms)).toBe(text);
});

it.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [992_044, '968.8 KiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

describe('channels', () => {
  const sample = fc.integer({ min: -32_768, max: 32_767 });
  const frames = fc.array(fc.tuple(sample, sample), { maxLength: 50 });

  it('come out the same however the bytes were cut', async () => {
    const modes = [undefined, 'customer', 'agent', 'mix'] as const;
    await fc.assert(
      fc.asyncProperty(frames, fc.array(fc.nat(250)), async (stereo, cuts) => {
        const bytes = Buffer.from(Int16Array.from(stereo.flat()).buffer);
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        for (const mono of modes) {
          const out = Buffer.concat(await collect(channelsOf(iterate(chunks), mono)));
          const samples = Array.from({ length: out.length / 2 }, (_, index) => out.readInt16LE(index * 2));
          expect(samples).toEqual(stereo.flatMap((frame) => expectedOf(frame, mono)));
        }
      }),
    );
  });

  function expectedOf([left, right]: readonly [number, number], mono: Mono | undefined): number[] {
    if (mono === undefined) return [left, right];
    return [mono === 'mix' ? Math.floor((left + right) / 2) : mono === 'customer' ? left : right];
  }
});

describe('many at a time', () => {
  it('does each once, and no more than so many side by side', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await eachOf(iterate(Array.from({ length: 20 }, (_, index) => index)), 4, async (value) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done.push(value);
    });
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(most).toBe(4);
  });

  it('begins nothing more once one has failed, and waits for those that run', async () => {
    const begun: number[] = [];
    const failing = eachOf(iterate([0, 1, 2, 3, 4, 5]), 2, async (value) => {
      begun.push(value);
      await new Promise((resolve) => setImmediate(resolve));
      if (value === 1) throw new Error('one');
    });
    await expect(failing).rejects.toThrow('one');
    expect(begun.length).toBeLessThan(6);
  });
});

async function* iterate<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}
