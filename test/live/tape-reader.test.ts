import { expect, test } from 'vitest';
import { TapeReader } from '../../live/tape-reader.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import type { Tape } from '../../ports/tape/tape.ts';
import { RECORDING, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { collect } from '../support/collect.ts';
import { documentOf, ramp, T0 } from '../support/documents.ts';

const numberOf = (index: number) => START_FRAGMENT_NUMBER + BigInt(index) * 10n;
const bytesOf = (index: number) =>
  documentOf({
    number: numberOf(index),
    blocks: [{ channel: 0, atMs: T0 + index * 100, pcm: ramp(80, index * 80) }],
  });

/** A tape on which what one look lists is counted, and reading can fail. */
class WatchedTape {
  readonly #tape = new MemoryTape();
  listed = 0;
  fails = false;

  async store(...indexes: readonly number[]): Promise<void> {
    const [first = 0] = indexes;
    const last = indexes.at(-1) ?? first;
    const bytes = Buffer.concat(indexes.map(bytesOf));
    await this.#tape.append(RECORDING, { first: numberOf(first), last: numberOf(last), bytes });
  }

  readonly port: Tape = {
    append: (recording, segment) => this.#tape.append(recording, segment),
    list: (recording, from) => this.#counted(this.#tape.list(recording, from)),
    read: (key) => (this.fails ? Promise.reject(new Error('S3 is out')) : this.#tape.read(key)),
    remove: (key) => this.#tape.remove(key),
  };

  async *#counted<T>(objects: AsyncIterable<T>): AsyncIterable<T> {
    this.listed = 0;
    for await (const object of objects) {
      this.listed += 1;
      yield object;
    }
  }
}

function looking(tape: WatchedTape) {
  const reader = new TapeReader(tape.port, RECORDING);
  return async (last: number) =>
    (await collect(reader.upTo(numberOf(last)))).map(({ number }) => Number(number - numberOf(0)) / 10);
}

test('a look lists no more than what may be new since the last checkpoint', async () => {
  const tape = new WatchedTape();
  const look = looking(tape);
  await tape.store(0, 1);
  await tape.store(2);
  expect([await look(2), tape.listed]).toEqual([[0, 1, 2], 2]);
  await tape.store(3, 4);
  // Stored side by side: the checkpoint hasn't reached it.
  await tape.store(6);
  expect([await look(4), tape.listed]).toEqual([[3, 4], 2]);
  await tape.store(5);
  expect([await look(6), tape.listed]).toEqual([[5, 6], 2]);
  expect([await look(6), tape.listed]).toEqual([[], 0]);
});

test('a look that breaks off is made again from where it began', async () => {
  const tape = new WatchedTape();
  const look = looking(tape);
  await tape.store(0);
  expect(await look(0)).toEqual([0]);
  await tape.store(1);
  tape.fails = true;
  await expect(look(1)).rejects.toThrow('S3 is out');
  await tape.store(2);
  tape.fails = false;
  expect(await look(2)).toEqual([1, 2]);
});
