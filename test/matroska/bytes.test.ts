import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BadElement,
  type ElementHeader,
  newHeader,
  readChild,
  readHeader,
  readInt16,
  readString,
  readUint,
  readVint,
  UNKNOWN_SIZE,
  vintLength,
} from '../../matroska/bytes.ts';
import { concat, encode, leaf, text, uint, vint } from '../support/matroska.ts';

const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

describe('variable-size integers', () => {
  it.each(WIDTHS)('of %i bytes are read at both ends of their range', (width) => {
    const largest = 2n ** BigInt(7 * width) - 2n;
    for (const value of [0n, 1n, 127n, 128n, largest].filter((one) => one <= largest)) {
      const bytes = vint(value, width);
      expect(vintLength(bytes[0] ?? 0)).toBe(width);
      expect(readVint(bytes, 0, width)).toBe(value > 2n ** 53n - 1n ? Infinity : Number(value));
    }
  });

  it.each(WIDTHS)('of %i bytes, all ones, mean unknown', (width) => {
    expect(readVint(vint(2n ** BigInt(7 * width) - 1n, width), 0, width)).toBe(UNKNOWN_SIZE);
  });

  it('beyond 2^53 are Infinity, not a rounded number', () => {
    expect(readVint(vint(2n ** 53n - 1n, 8), 0, 8)).toBe(2 ** 53 - 1);
    expect(readVint(vint(2n ** 53n, 8), 0, 8)).toBe(Infinity);
  });

  it('have no length without a marker', () => {
    expect(vintLength(0)).toBe(9);
  });
});

describe('readUint', () => {
  it('reads any width', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
        fc.integer({ min: 0, max: 8 }),
        (value, width) => {
          const bytes = uint(value, width);
          expect(readUint(bytes, 0, bytes.length)).toBe(Number(value));
        },
      ),
    );
  });

  it('reads no bytes as 0 and 2^53 as Infinity', () => {
    expect(readUint(new Uint8Array(), 0, 0)).toBe(0);
    expect(readUint(uint(2n ** 53n, 8), 0, 8)).toBe(Infinity);
  });
});

it('readInt16 reads two’s complement', () => {
  const bytes = new Uint8Array(2);
  fc.assert(
    fc.property(fc.integer({ min: -32_768, max: 32_767 }), (value) => {
      new DataView(bytes.buffer).setInt16(0, value);
      expect(readInt16(bytes, 0)).toBe(value);
    }),
  );
});

describe('readString', () => {
  const read = (bytes: Uint8Array): string => readString(bytes, 0, bytes.length);

  it('reads UTF-8 and stops at the first zero byte', () => {
    expect(read(text('Zürich 電話'))).toBe('Zürich 電話');
    expect(read(text('padded', 5))).toBe('padded');
    expect(read(concat(text('one', 1), text('two')))).toBe('one');
    expect(read(new Uint8Array(3))).toBe('');
  });

  it('keeps a byte order mark and replaces what is not UTF-8', () => {
    expect(read(text('\u{feff}x'))).toBe('\u{feff}x');
    expect(read(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\u{fffd}b');
  });
});

describe('readHeader', () => {
  const header: ElementHeader = { id: 0, size: 0, payload: 0 };

  it.each([0xa3, 0x4282, 0x2ad7b1, 0x1a45dfa3])('reads the id %i', (id) => {
    const bytes = encode({ id, body: new Uint8Array(300), sizeWidth: 4 });
    expect(readHeader(bytes, 0, bytes.length, header)).toBe(true);
    expect(header).toEqual({ id, size: 300, payload: bytes.length - 300 });
  });

  it('asks for more bytes while the header isn’t all there', () => {
    const bytes = encode({ id: 0x1a45dfa3, body: new Uint8Array(1), sizeWidth: 8 });
    for (let end = 0; end < 12; end += 1) expect(readHeader(bytes, 0, end, header)).toBe(false);
    expect(readHeader(bytes, 0, 12, header)).toBe(true);
  });

  it('refuses an id of more than 4 bytes by its first byte, and a size without a marker by its own', () => {
    expect(() => readHeader(Uint8Array.of(0x08), 0, 1, header)).toThrow(BadElement);
    expect(() => readHeader(Uint8Array.of(0x00), 0, 1, header)).toThrow(BadElement);
    expect(() => readHeader(Uint8Array.of(0xa3, 0x00), 0, 2, header)).toThrow(
      expect.objectContaining({ at: 1 }),
    );
  });
});

describe('readChild', () => {
  const visited = (bytes: Uint8Array, to = bytes.length): [number, number, number][] => {
    const all: [number, number, number][] = [];
    const child = newHeader();
    for (let at = 0, end; at < to; at = end) {
      end = readChild(bytes, at, to, child);
      all.push([child.id, child.payload, end]);
    }
    return all;
  };

  it('tells each child, empty ones too', () => {
    const bytes = encode(leaf(0xd7, uint(7)), leaf(0xec, new Uint8Array()), leaf(0x536e, text('ab')));
    expect(visited(bytes)).toEqual([
      [0xd7, 2, 3],
      [0xec, 5, 5],
      [0x536e, 8, 10],
    ]);
  });

  it('refuses a child that doesn’t fit, is of unknown size, or has half a header', () => {
    const bytes = encode(leaf(0xd7, uint(7)), leaf(0x536e, text('ab')));
    expect(() => visited(bytes, 7)).toThrow(
      expect.objectContaining({ at: 3, message: expect.stringMatching(/larger than its parent/) as string }),
    );
    expect(() => visited(bytes, 5)).toThrow(
      expect.objectContaining({ at: 3, message: expect.stringMatching(/within the header/) as string }),
    );
    expect(() => visited(Uint8Array.of(0xd7, 0xff))).toThrow(BadElement);
  });
});

describe('what can’t be an element', () => {
  it('is told by its place', () => {
    expect(new BadElement('so', 3)).toMatchObject({ name: 'BadElement', message: 'so', at: 3 });
  });
});
