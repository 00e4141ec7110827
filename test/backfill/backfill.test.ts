import { describe, expect, it } from 'vitest';
import { backfill, type BackfillRequest, ontoTape } from '../../backfill/backfill.ts';
import { archivedBody } from '../../ports/archive/archived-body.ts';
import { type MediaArchive, MediaError } from '../../ports/media/media.ts';
import { archivedDocument, errorDocument } from '../../ports/media/memory-documents.ts';
import { rangeFrom } from '../../recording/range.ts';
import { watchedClock } from '../../task/watchdog.ts';
import { CONTACT_ID } from '../support/call.ts';
import { T0 } from '../support/documents.ts';
import { readBody } from '../support/read-body.ts';
import { RecordingWorld } from '../support/recording-world.ts';

const FRAGMENTS = 25;
const MINUTE_MS = 60_000;

async function* chunks(...bytes: readonly Uint8Array[]) {
  for (const chunk of bytes) {
    await Promise.resolve();
    yield chunk;
  }
}

/** A call that is over and archived, of which the tape holds nothing. */
async function archived(
  open?: (world: RecordingWorld, numbers: readonly bigint[], request: number) => Uint8Array[],
) {
  const world = new RecordingWorld();
  world.talk(0, FRAGMENTS);
  await world.finish(world.clock.sleep(MINUTE_MS));
  const asked: (readonly bigint[])[] = [];
  if (open) {
    world.archive.fetch = (numbers) =>
      Promise.resolve(
        archivedBody(numbers, (rest) => {
          asked.push(rest);
          return Promise.resolve(chunks(...open(world, rest, asked.length)));
        }),
      );
  }
  return { world, asked };
}

function documentsOf({ stream }: RecordingWorld, numbers: readonly bigint[]): Uint8Array[] {
  const held = stream.fragments.filter(({ number }) => numbers.includes(number));
  return held.map(({ document }) => archivedDocument(document));
}

async function fill(world: RecordingWorld, options: Partial<BackfillRequest> = {}) {
  const { recording, archive, tape, clock } = world;
  const result = await world.finish(
    backfill({
      recording,
      range: rangeFrom(recording),
      archive,
      keep: ontoTape(tape, recording),
      clock,
      fromMs: T0 - MINUTE_MS,
      toMs: clock.now(),
      isMissing: () => true,
      isOurs: () => false,
      ...options,
    }),
  );
  if (!result.listed) throw new Error(`not listed: ${result.why}`);
  return result;
}

function numbersOf(world: RecordingWorld, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => world.number(index));
}

describe('backfill', () => {
  it('restores a call in one request, and one more for the fragment that the body ends with', async () => {
    const { world, asked } = await archived((it, numbers) => documentsOf(it, numbers));
    expect((await fill(world)).restored).toEqual(numbersOf(world, FRAGMENTS));
    expect(asked).toEqual([numbersOf(world, FRAGMENTS), [world.number(FRAGMENTS - 1)]]);
    const [object] = world.tape.history;
    expect(object?.object).toMatchObject({ first: world.number(0), last: world.number(FRAGMENTS - 1) });
  });

  it('tells when each fragment that is gone began', async () => {
    const { world } = await archived(() => []);
    const gone = numbersOf(world, FRAGMENTS).map((number, index) => ({
      number,
      serverTimestampMs: T0 + index * 1_000,
    }));
    expect(await fill(world)).toMatchObject({ restored: [], gone });
  });

  /** Behind its first block; the document is of unknown size, so that it looks whole. */
  const atElement = (document: Uint8Array) => {
    const [first] = readBody(document).fragments[0]?.blocks ?? [];
    if (!first) throw new Error('there is no block');
    const cut = document.subarray(0, Buffer.from(document).indexOf(first.audio) + first.audio.length);
    expect(readBody(cut).fragments).toMatchObject([{ wholeness: 'structural' }]);
    return cut;
  };

  it.each([
    ['behind an element', atElement],
    ['within an element', (document: Uint8Array) => document.subarray(0, document.length - 6_000)],
  ])('does not take a fragment for whole whose body ends early, %s', async (_, cut) => {
    // A fetch of many ends early; the one that is then fetched alone comes whole.
    const { world } = await archived((it, numbers) => {
      const documents = documentsOf(it, numbers);
      return numbers.length === 1
        ? documents
        : [...documents.slice(0, 9), ...documents.slice(9, 10).map(cut)];
    });
    expect((await fill(world)).restored).toEqual(numbersOf(world, FRAGMENTS));
    const pieces = await Promise.all(world.tape.history.map(({ object }) => world.tape.read(object.key)));
    const whole = Buffer.concat(documentsOf(world, numbersOf(world, FRAGMENTS)));
    expect(Buffer.concat(pieces.flat()).equals(whole)).toBe(true);
  });

  it('leaves a fragment missing that never comes alike twice', async () => {
    const { world } = await archived((it, numbers, request) => {
      const [document = new Uint8Array()] = documentsOf(it, numbers);
      return [request % 2 === 0 ? document : atElement(document)];
    });
    const only = world.number(3);
    const result = await fill(world, { isMissing: (number) => number === only });
    expect(result.restored).toEqual([]);
    expect(result.gone.map(({ number }) => number)).toEqual([only]);
  });

  it.each([3002, 5000])('asks again, a little later, where the body reports %i for a while', async (id) => {
    const times: number[] = [];
    const { world } = await archived((it, numbers, request) => {
      times.push(it.clock.now());
      if (request > 3) return documentsOf(it, numbers);
      return [errorDocument({ id, code: 'PASSING' }, numbers[0] ?? 0n)];
    });
    expect((await fill(world)).restored).toEqual(numbersOf(world, FRAGMENTS));
    const waits = times.slice(1, 4).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([500, 1_000, 2_000]);
  });

  it('takes one without a ContactId for ours that follows another contact’s, by the Segment of the last of ours', async () => {
    const world = new RecordingWorld();
    world.talk(0, 2);
    world.say(2, { contactId: 'another', segmentUid: 'another' });
    world.say(3, { contactId: '' });
    await world.finish(world.clock.sleep(MINUTE_MS));
    const isOurs = (number: bigint) => number <= world.number(1);
    const result = await fill(world, { isOurs, isMissing: (number) => !isOurs(number) });
    expect(result).toMatchObject({
      restored: [world.number(3)],
      foreign: [world.number(2)],
      ofOthers: [world.number(2)],
      gone: [],
    });
  });

  it('asks again where requests are refused for a while', async () => {
    const { world } = await archived();
    const fetch = world.archive.fetch.bind(world.archive);
    let requests = 0;
    world.archive.fetch = (numbers) => {
      requests += 1;
      return requests <= 3 ? Promise.reject(new MediaError('unavailable', 'throttled')) : fetch(numbers);
    };
    expect((await fill(world)).restored).toEqual(numbersOf(world, FRAGMENTS));
  });

  it('finds the fragments around one that is reported again and again', async () => {
    const { world } = await archived((it, numbers) => {
      const at = numbers.indexOf(it.number(7));
      if (at < 0) return documentsOf(it, numbers);
      const report = errorDocument({ id: 5000, code: 'INTERNAL' }, it.number(7));
      return [...documentsOf(it, numbers.slice(0, at)), report];
    });
    const result = await fill(world);
    expect(result.gone.map(({ number }) => number)).toEqual([world.number(7)]);
    expect(result.restored).toHaveLength(FRAGMENTS - 1);
  });

  it('gives up on an archive that hangs well within a task’s or a function’s time, and is alive meanwhile', async () => {
    const { world } = await archived();
    const aliveAt: number[] = [];
    const archive: MediaArchive = {
      list: (fromMs, toMs) => world.archive.list(fromMs, toMs),
      // What the adapter makes of a service that accepts the request and says nothing.
      fetch: async () => {
        await world.clock.sleep(30_000);
        throw new MediaError('unavailable', 'socket hang up');
      },
    };
    const beganMs = world.clock.now();
    const alive = () => {
      aliveAt.push(world.clock.now());
    };
    const result = await fill(world, { archive, clock: watchedClock(world.clock, alive) });
    const endMs = world.clock.now();
    expect(result.gone).toHaveLength(FRAGMENTS);
    expect(endMs - beganMs).toBeLessThanOrEqual(3 * MINUTE_MS);
    const steps = [...aliveAt.slice(1), endMs].map((time, index) => time - (aliveAt[index] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(MINUTE_MS);
  });

  it('gives up on a body that comes a byte at a time', async () => {
    const { world } = await archived();
    const document = archivedDocument(world.document(0, { contactId: CONTACT_ID }));
    const archive: MediaArchive = {
      list: (fromMs, toMs) => world.archive.list(fromMs, toMs),
      fetch: () => Promise.resolve(trickle(world, document)),
    };
    const beganMs = world.clock.now();
    expect((await fill(world, { archive })).gone).toHaveLength(FRAGMENTS);
    expect(world.clock.now() - beganMs).toBeLessThanOrEqual(3 * MINUTE_MS);
  });
});

async function* trickle({ clock }: RecordingWorld, bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 1) {
    await clock.sleep(5_000);
    yield bytes.subarray(at, at + 1);
  }
}
