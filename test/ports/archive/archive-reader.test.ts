/** What is fetched counts when it is surely whole; what helps is tried, and no longer than whoever waits can wait. */
import { describe, expect, it } from 'vitest';
import { documentOf as stored } from '../../../matroska/fragment.ts';
import { TAG } from '../../../matroska/tags.ts';
import { ArchiveReader } from '../../../ports/archive/archive-reader.ts';
import { type MediaArchive, MediaError } from '../../../ports/media/media.ts';
import { archivedDocument, errorDocument } from '../../../ports/media/memory-documents.ts';
import { broken, documentOf, ramp, T0 } from '../../support/documents.ts';
import {
  blockPayload,
  ELEMENT,
  type Element,
  encode,
  leaf,
  master,
  tags,
  uint,
  vint,
} from '../../support/matroska.ts';
import { seeded } from '../../support/random.ts';
import { SimulatedClock } from '../../support/simulated-clock.ts';

/** As the archive gives it: nothing at its end says that it is whole. @param blocks so many of 20 ms */
function archived(number: bigint, blocks = 3, from = 1): Uint8Array {
  return archivedDocument(live(number, blocks, from));
}

/** With trailing tags. */
function live(number: bigint, blocks = 3, from = 1): Uint8Array {
  const spoken = Array.from({ length: blocks }, (_, index) => ({
    channel: 0 as const,
    atMs: T0 + index * 20,
    pcm: ramp(160, from + index * 160),
  }));
  return documentOf({ number, blocks: spoken });
}

function numbered(number: bigint): Element {
  return tags([[TAG.fragmentNumber, number.toString()]]);
}

type Answer = Uint8Array | Error | { readonly sleepMs: number };

/** An archive whose every answer is a test's: a rejection, or documents, waits and an error within the body. */
class Scripted implements MediaArchive {
  readonly clock = new SimulatedClock(T0, seeded(1));
  readonly reader = new ArchiveReader({ archive: this, clock: this.clock });
  readonly asked: (readonly bigint[])[] = [];
  /** Ms from the beginning. */
  readonly askedAt: number[] = [];
  readonly #answer: (numbers: readonly bigint[], request: number) => Error | readonly Answer[];

  constructor(answer: (numbers: readonly bigint[], request: number) => Error | readonly Answer[]) {
    this.#answer = answer;
  }

  list(): Promise<never> {
    return Promise.reject(new Error('nobody lists here'));
  }

  fetch(numbers: readonly bigint[]): Promise<AsyncIterable<Uint8Array>> {
    this.askedAt.push(this.clock.now() - T0);
    const answer = this.#answer(numbers, this.asked.push(numbers));
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(this.#body(answer));
  }

  /** The numbers of what the reader gives. */
  async read(...numbers: readonly bigint[]): Promise<bigint[]> {
    return (await this.fragments(...numbers)).map(({ number }) => number);
  }

  async fragments(...numbers: readonly bigint[]) {
    let isOver = false;
    const read = this.reader.fetch(numbers).finally(() => (isOver = true));
    read.catch(() => undefined);
    expect(await this.clock.run(() => isOver, Infinity)).toBe(true);
    return read;
  }

  async *#body(answers: readonly Answer[]): AsyncGenerator<Uint8Array, void, undefined> {
    for (const answer of answers) {
      await Promise.resolve();
      if (answer instanceof Error) throw answer;
      if (answer instanceof Uint8Array) yield answer;
      else await this.clock.sleep(answer.sleepMs);
    }
  }
}

const refusal = (kind: MediaError['kind'] = 'unavailable') => new MediaError(kind, 'as the test says');
const all = (numbers: readonly bigint[]) => numbers.map((number) => archived(number));
/** Its bytes end behind a block: it looks whole. */
const cutBehindABlock = (number: bigint) => archived(number, 2);
const cutInABlock = (number: bigint) => archived(number).subarray(0, -500);

describe('what is whole', () => {
  it('is given in order of number, and what was not asked for isn’t', async () => {
    const archive = new Scripted((numbers) =>
      numbers.length > 1 ? [archived(3n), archived(9n), archived(1n), archived(2n)] : all(numbers),
    );
    expect(await archive.read(1n, 2n, 3n)).toEqual([1n, 2n, 3n]);
    expect(archive.asked).toEqual([[1n, 2n, 3n], [2n]]);
  });

  it('is what a body ends with when it has its trailing tags', async () => {
    const archive = new Scripted(() => [archived(1n), live(2n)]);
    expect(await archive.read(1n, 2n)).toEqual([1n, 2n]);
    expect(archive.asked).toHaveLength(1);
  });

  it('is what a body ends with when it comes alike once more', async () => {
    const archive = new Scripted((_, request) => [request === 1 ? cutBehindABlock(1n) : archived(1n)]);
    const [fragment] = await archive.fragments(1n);
    expect(fragment && Buffer.from(stored(fragment))).toEqual(Buffer.from(archived(1n)));
    expect(archive.asked).toEqual([[1n], [1n], [1n]]);
  });

  it('is one that comes with its trailing tags when it is asked for alone', async () => {
    const archive = new Scripted((_, request) => [request === 1 ? cutBehindABlock(1n) : live(1n)]);
    expect(await archive.read(1n)).toEqual([1n]);
    expect(archive.asked).toHaveLength(2);
  });

  it('is not what never comes alike in four requests', async () => {
    const archive = new Scripted((_, request) => [archived(1n, request)]);
    expect(await archive.read(1n)).toEqual([]);
    expect(archive.asked).toHaveLength(4);
    expect(archive.reader.hasGivenUp()).toBe(false);
  });

  it('is what has come as before, whatever came of a request in between', async () => {
    const answers = [[archived(1n)], refusal(), [archived(2n)], [archived(1n)]];
    const archive = new Scripted((_, request) => answers[request - 1] ?? []);
    expect(await archive.read(1n)).toEqual([1n]);
    expect(archive.askedAt).toEqual([0, 0, 500, 500]);
  });

  it('is not what ends in the middle of a block: it is asked for again, a little later', async () => {
    const archive = new Scripted((numbers, request) =>
      request === 1 ? [archived(1n), cutInABlock(2n)] : all(numbers),
    );
    expect(await archive.read(1n, 2n)).toEqual([1n, 2n]);
    expect(archive.asked).toEqual([[1n, 2n], [2n], [2n]]);
    expect(archive.askedAt).toEqual([0, 500, 500]);
  });

  it('is not one that the archive reports an error of', async () => {
    const archive = new Scripted((numbers) =>
      numbers.length > 1
        ? [errorDocument({ id: 3000, code: 'GONE' }, 1n), archived(2n), archived(3n)]
        : [errorDocument({ id: 3000, code: 'GONE' }, 1n)],
    );
    expect(await archive.read(1n, 2n)).toEqual([2n]);
  });

  it('is not what breaks off before the next one begins, by its own size', async () => {
    const block = leaf(ELEMENT.SimpleBlock, blockPayload(vint(1, 1), 0, 0, ramp(160)));
    const whole = encode(master(ELEMENT.EBML), {
      ...master(
        ELEMENT.Segment,
        numbered(1n),
        master(ELEMENT.Cluster, leaf(ELEMENT.Timestamp, uint(T0, 8)), block, block),
      ),
      unknownSize: true,
    });
    const cut = whole.subarray(0, -encode(block).length);
    const archive = new Scripted((_, request) => (request === 1 ? [cut, live(2n), live(99n)] : []));
    expect(await archive.read(1n, 2n)).toEqual([2n]);
    expect(archive.asked).toEqual([[1n, 2n], [1n]]);
  });

  it('is what has its trailing tags, though its body ends before its Segment does', async () => {
    const cluster = master(ELEMENT.Cluster, leaf(ELEMENT.Timestamp, uint(T0, 8)));
    const trailing = tags([[TAG.continuationToken, '1']]);
    const rest = leaf(ELEMENT.Void, new Uint8Array(20));
    const whole = encode(
      master(ELEMENT.EBML),
      master(ELEMENT.Segment, numbered(1n), cluster, trailing, rest),
    );
    const archive = new Scripted(() => [whole.subarray(0, -5)]);
    expect(await archive.read(1n)).toEqual([1n]);
    expect(archive.asked).toHaveLength(1);
  });
});

describe('what is asked for again', () => {
  it('is what a body has not brought that brought something, as long as one does', async () => {
    const archive = new Scripted((numbers) => all(numbers).slice(0, 2));
    expect(await archive.read(1n, 2n, 3n, 4n)).toEqual([1n, 2n, 3n, 4n]);
    expect(archive.asked).toEqual([[1n, 2n, 3n, 4n], [2n], [3n, 4n], [4n]]);
  });

  it('is nothing where a body ends without any', async () => {
    const archive = new Scripted(() => []);
    expect(await archive.read(1n, 2n)).toEqual([]);
    expect(archive.asked).toHaveLength(1);
  });

  it('is half as much, and of that half, where a request names one that is gone', async () => {
    const archive = new Scripted((numbers) =>
      numbers.includes(4n) ? refusal('positionUnknown') : numbers.map((number) => live(number)),
    );
    expect(await archive.read(1n, 2n, 3n, 4n, 5n)).toEqual([1n, 2n, 3n, 5n]);
    expect(archive.asked).toEqual([[1n, 2n, 3n, 4n, 5n], [1n, 2n, 3n], [4n, 5n], [4n], [5n]]);
    expect(archive.askedAt).toEqual([0, 0, 0, 0, 0]);
    expect(archive.reader.hasGivenUp()).toBe(false);
  });

  it('is everything where requests are refused for a while, four times in all', async () => {
    const archive = new Scripted((numbers, request) =>
      request < 4 ? refusal() : numbers.map((number) => live(number)),
    );
    expect(await archive.read(1n, 2n)).toEqual([1n, 2n]);
    expect(archive.askedAt).toEqual([0, 500, 1_500, 3_500]);
  });

  it('is what is left when a body breaks off, as often as it has brought something', async () => {
    const archive = new Scripted(([number = 0n]) => [live(number), live(99n), refusal()]);
    expect(await archive.read(1n, 2n, 3n, 4n, 5n, 6n)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    expect(archive.asked.map(({ length }) => length)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(archive.askedAt).toEqual([0, 500, 1_000, 1_500, 2_000, 2_500]);
  });

  it.each(['unavailable', 'positionUnknown'] as const)(
    'is half as much where a body says %s four times before it has brought anything',
    async (kind) => {
      const archive = new Scripted((numbers) =>
        numbers.includes(1n) ? [refusal(kind)] : numbers.map((number) => live(number)),
      );
      expect(await archive.read(1n, 2n)).toEqual([2n]);
      expect(archive.asked).toEqual([
        ...Array<bigint[]>(4).fill([1n, 2n]),
        ...Array<bigint[]>(4).fill([1n]),
        [2n],
      ]);
      expect(archive.askedAt).toEqual([0, 500, 1_500, 3_500, 3_500, 4_000, 5_000, 7_000, 7_000]);
    },
  );

  it('is half as much at once where one can’t be read, and that one alone four times', async () => {
    const archive = new Scripted((numbers) =>
      numbers.flatMap((number) => (number === 2n ? [broken(live(2n))] : [live(number)])),
    );
    expect(await archive.read(1n, 2n, 3n, 4n)).toEqual([1n, 3n, 4n]);
    const alone = Array<bigint[]>(4).fill([2n]);
    expect(archive.asked).toEqual([[1n, 2n, 3n, 4n], [2n, 3n, 4n], [2n, 3n], ...alone, [3n], [4n]]);
    expect(archive.reader.hasGivenUp()).toBe(false);
  });

  it.each(['accessDenied', 'keyUnavailable', 'noSuchStream', 'noRetention'] as const)(
    'is nothing of a body that says %s, but later ones are',
    async (kind) => {
      const archive = new Scripted(([number = 0n]) => [live(number), live(99n), refusal(kind)]);
      expect(await archive.read(1n, 2n)).toEqual([1n]);
      expect(archive.reader.hasGivenUp()).toBe(false);
      expect(await archive.read(3n)).toEqual([3n]);
      expect(archive.asked).toEqual([[1n, 2n], [3n]]);
    },
  );
});

describe('an archive that is given up', () => {
  it.each([
    ['noRetention', 1],
    ['accessDenied', 1],
    ['unavailable', 4],
  ] as const)('refuses everything: %s, %i times', async (kind, requests) => {
    const archive = new Scripted(() => refusal(kind));
    expect(archive.reader.hasGivenUp()).toBe(false);
    expect(await archive.read(1n, 2n)).toEqual([]);
    expect(archive.reader.hasGivenUp()).toBe(true);
    expect(await archive.read(3n)).toEqual([]);
    expect(archive.asked).toHaveLength(requests);
  });

  it('leaves what it had given before', async () => {
    const archive = new Scripted((_, request) =>
      request === 1 ? [live(1n), live(99n), refusal()] : refusal('accessDenied'),
    );
    expect(await archive.read(1n, 2n)).toEqual([1n]);
    expect(archive.reader.hasGivenUp()).toBe(true);
  });

  it('is one that does not answer within 50 s, three times', async () => {
    const archive = new Scripted(() => []);
    archive.fetch = (numbers) => {
      archive.askedAt.push(archive.clock.now() - T0);
      archive.asked.push(numbers);
      return new Promise(() => undefined);
    };
    expect(await archive.read(1n, 2n)).toEqual([]);
    expect(archive.asked).toEqual(Array<bigint[]>(3).fill([1n, 2n]));
    expect(archive.askedAt).toEqual([0, 50_500, 101_500]);
    expect(archive.clock.now() - T0).toBe(151_500);
    expect(archive.reader.hasGivenUp()).toBe(true);
  });

  it.each([
    [120_000, [1n], false],
    [120_001, [], true],
  ])('is one that brings nothing for more than two minutes: %i ms', async (sleepMs, expected, hasGivenUp) => {
    const archive = new Scripted(() => [{ sleepMs }, live(1n), live(99n)]);
    expect(await archive.read(1n)).toEqual(expected);
    expect(archive.reader.hasGivenUp()).toBe(hasGivenUp);
  });

  it.each([
    [60_000, [1n, 2n, 3n, 4n, 5n], false],
    [60_001, [1n, 2n, 3n, 4n], true],
  ])(
    'is one that takes more than five minutes in all: %i ms a fragment',
    async (sleepMs, expected, hasGivenUp) => {
      const numbers = [1n, 2n, 3n, 4n, 5n];
      const archive = new Scripted(() => [
        ...numbers.flatMap((number) => [{ sleepMs }, live(number)]),
        live(99n),
      ]);
      expect(await archive.read(...numbers)).toEqual(expected);
      expect(archive.reader.hasGivenUp()).toBe(hasGivenUp);
    },
  );

  it('has two minutes anew for each time that something is asked of it', async () => {
    const archive = new Scripted(([number = 0n]) => [{ sleepMs: 100_000 }, live(number), live(99n)]);
    expect(await archive.read(1n)).toEqual([1n]);
    await Promise.all([
      archive.clock.sleep(90_000),
      archive.clock.run(() => false, archive.clock.now() + 90_000),
    ]);
    expect(await archive.read(2n)).toEqual([2n]);
  });

  it('takes too long also while what a body ended with is asked for alone', async () => {
    const archive = new Scripted((_, request) =>
      request === 1 ? [archived(1n)] : [{ sleepMs: 110_000 }, refusal()],
    );
    expect(await archive.read(1n)).toEqual([]);
    expect(archive.asked).toHaveLength(3);
    expect(archive.reader.hasGivenUp()).toBe(true);
  });
});

it('leaves nothing waiting when it has been answered', async () => {
  const archive = new Scripted(() => [live(1n), live(99n)]);
  await archive.read(1n);
  await archive.clock.run(() => false, Infinity);
  expect(archive.clock.now()).toBe(T0);
});

it.each([
  ['refuses', () => new TypeError('a bug')],
  [
    'begins',
    (numbers: readonly bigint[], request: number) => (request === 1 ? all(numbers) : new TypeError('a bug')),
  ],
])('what is no word of the archive is nobody’s to hide: it %s', async (_, answer) => {
  const archive = new Scripted(answer);
  await expect(archive.read(1n)).rejects.toThrow(TypeError);
});
