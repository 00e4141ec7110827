/** What the feed gives to whom, and when it cuts somebody off: on sockets in memory, of which each byte is seen. */
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { byteLengthOf, type NumberedFragment } from '../../../matroska/fragment.ts';
import { DONE_MS, FeedServer } from '../../../task/feed/feed-server.ts';
import type { KeptFragment } from '../../../task/sinks/fragment-sink.ts';
import { type Connection, MemoryDoor } from '../../simulation/memory-feed.ts';
import { START_FRAGMENT_NUMBER as START } from '../../support/call.ts';
import { fragmentOf } from '../../support/documents.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const LISTENERS_MAX = 16;

/** All of the same length. */
const fragment = (index: number): NumberedFragment => fragmentOf({ number: START + BigInt(index) });
const LENGTH = byteLengthOf(fragment(0));

let door: MemoryDoor;
let feed: FeedServer;
let telemetry: RecordedTelemetry;
let clock: ManualClock;
beforeEach(() => {
  door = new MemoryDoor();
  telemetry = new RecordedTelemetry();
  clock = new ManualClock();
  // One may wait behind the one that is being taken.
  feed = new FeedServer(door, { clock, telemetry, waitingBytesMax: LENGTH });
});

function keep(index: number, source: KeptFragment['source'] = 'live'): void {
  feed.take({ fragment: fragment(index), keptAs: 'whole', source });
}

/** How many fragments wait for it. */
function waiting({ writableLength }: Connection): number {
  return writableLength / LENGTH;
}

/** Takes all that waits for it, and what comes. @returns how many fragments that is until now */
async function takeAll(connection: Connection): Promise<number> {
  let taken = 0;
  void (async () => {
    for await (const { length } of connection.bytes()) taken += length;
  })();
  await settled();
  return taken / LENGTH;
}

describe('who comes late', () => {
  it('is given what is not on the tape yet', () => {
    for (const index of [0, 1, 2]) keep(index);
    expect(waiting(door.connect())).toBe(3);
    feed.onTape(START);
    expect(waiting(door.connect())).toBe(2);
    feed.onTape(START);
    expect(waiting(door.connect())).toBe(2);
    feed.onTape(START + 2n);
    expect(waiting(door.connect())).toBe(0);
  });

  it('is not given what fills a hole, which is on the tape already; whoever is there is', () => {
    const early = door.connect();
    keep(0, 'archive');
    expect([waiting(early), waiting(door.connect())]).toEqual([1, 0]);
  });

  it('finds the door closed once the call is over', () => {
    feed.end();
    expect(door.listening).toBe(false);
    expect(door.connect().destroyed).toBe(true);
  });

  it('is turned away where sixteen listen, and comes in when one of them has left', () => {
    const inside = Array.from({ length: LISTENERS_MAX }, () => door.connect());
    expect(door.connect().destroyed).toBe(true);
    expect(inside.map(({ destroyed }) => destroyed)).not.toContain(true);
    inside[3]?.leave();
    expect(door.connect().destroyed).toBe(false);
  });
});

describe('who is slow', () => {
  const SAID = {
    level: 'info',
    message: 'a listener is too slow for the feed; it may come again',
    fields: {},
  };

  it('is cut off when more than that waits already, and nothing more is said of it', () => {
    const slow = door.connect();
    for (const index of [0, 1]) keep(index);
    expect(slow.destroyed).toBe(false);
    keep(2);
    expect(slow.destroyed).toBe(true);
    keep(3);
    expect(telemetry.lines).toEqual([SAID]);
  });

  it('is given time for what it was given when it came, until it has taken that', async () => {
    for (const index of [0, 1, 2]) keep(index);
    const listener = door.connect();
    for (const index of [3, 4]) keep(index);
    expect([listener.destroyed, await takeAll(listener)]).toEqual([false, 5]);
    for (const index of [5, 6, 7]) keep(index);
    expect(listener.destroyed).toBe(true);
  });

  it('is cut off, too, when more than that waits beyond what it was given', () => {
    for (const index of [0, 1, 2]) keep(index);
    const listener = door.connect();
    for (const index of [3, 4, 5]) keep(index);
    expect(listener.destroyed).toBe(true);
  });
});

it('says once that somebody is too slow, though it takes a while until they are gone', () => {
  const slow = Object.assign(new EventEmitter(), {
    destroyed: false,
    writableLength: Infinity,
    write: () => undefined,
    end: () => undefined,
    destroy: () => (slow.destroyed = true),
    resume: () => undefined,
  });
  door.emit('connection', slow);
  for (const index of [0, 1]) keep(index);
  expect(telemetry.lines).toHaveLength(1);
});

describe('the end', () => {
  it('is for each listener when it closes its side', () => {
    const listener = door.connect();
    listener.emit('end');
    expect(listener.destroyed).toBe(true);
  });

  it('comes behind all that is on its way, and is over when all have left', async () => {
    const listeners = [door.connect(), door.connect()];
    keep(0);
    feed.end();
    keep(1);
    expect(listeners.map(waiting)).toEqual([1, 1]);
    let isOver = false;
    const done = feed.done().then(() => (isOver = true));
    listeners[0]?.leave();
    await settled();
    expect(isOver).toBe(false);
    listeners[1]?.leave();
    await done;
    expect(clock.pass(), 'nobody waits any longer').toBe(false);
  });

  it('cuts off after 20 seconds who has not left', async () => {
    const listener = door.connect();
    feed.end();
    const done = feed.done();
    await clock.advance(DONE_MS - 1);
    expect(listener.destroyed).toBe(false);
    await clock.advance(1);
    await done;
    expect(listener.destroyed).toBe(true);
    expect(DONE_MS).toBe(20_000);
  });
});

it('goes on where a socket fails', () => {
  const [broken, sound] = [door.connect(), door.connect()];
  broken.emit('error', new Error('EPIPE'));
  broken.destroy();
  keep(0);
  expect([waiting(broken), waiting(sound)]).toEqual([0, 1]);
});

it('goes on where somebody could not come in, and says so', () => {
  const listener = door.connect();
  door.emit('error', new RangeError('too many open files'));
  keep(0);
  expect(waiting(listener)).toBe(1);
  expect(telemetry.lines).toEqual([
    { level: 'warn', message: 'a listener could not come in', fields: { error: 'RangeError' } },
  ]);
});
