/** The recorder's feed: it never waits, and says all that a listener needs. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { byteLengthOf, type NumberedFragment } from '../../../matroska/fragment.ts';
import { DONE_MS, FeedServer, WAITING_BYTES_MAX } from '../../../task/feed/feed-server.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, ramp, T0 } from '../../support/documents.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const fragment = (index: number, samples = 80): NumberedFragment =>
  fragmentOf({
    number: START_FRAGMENT_NUMBER + BigInt(index),
    blocks: [{ channel: 0, atMs: T0 + index * 100, pcm: ramp(samples, index) }],
  });
const bytesOf = (...indices: number[]) => Buffer.concat(indices.flatMap((index) => fragment(index).pieces));

let dir: string;
let feed: FeedServer;
const telemetry = new RecordedTelemetry();
const clock = new ManualClock();
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-feed-'));
  feed = await FeedServer.listen({ path: join(dir, 'feed.sock'), clock, telemetry });
});
afterEach(async () => {
  feed.end();
  await rm(dir, { recursive: true });
});

const keep = (one: NumberedFragment) => {
  feed.take({ fragment: one, keptAs: 'whole', source: 'live' });
};

async function joined(): Promise<{ readonly socket: Socket; readonly got: () => Buffer }> {
  const socket = connect({ path: join(dir, 'feed.sock'), allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return { socket, got: () => Buffer.concat(chunks) };
}

test('whoever joins gets what is not on the tape yet, and then what comes, verbatim', async () => {
  for (const index of [0, 1, 2]) keep(fragment(index));
  feed.onTape(START_FRAGMENT_NUMBER + 1n);
  const { got, socket } = await joined();
  await expect.poll(() => got()).toEqual(bytesOf(2));
  keep(fragment(3));
  await expect.poll(() => got()).toEqual(bytesOf(2, 3));
  socket.destroy();
});

test('one that is too slow is cut off, whatever wasn’t on the tape when it came; the others aren’t', async () => {
  const large = WAITING_BYTES_MAX / 2;
  for (const index of [0, 1, 2, 3]) keep(fragment(index, large));
  const slow = await joined();
  slow.socket.pause();
  const gone = once(slow.socket, 'end');
  const quick = await joined();
  let kept = [0, 1, 2, 3].reduce((sum, index) => sum + byteLengthOf(fragment(index, large)), 0);
  // All of it: on a machine that does much else the quick one would be slow, too.
  const hasAll = () => expect.poll(() => quick.got().length, { timeout: 20_000 }).toBe(kept);
  await hasAll();
  expect(slow.socket.destroyed).toBe(false);
  for (const index of [4, 5, 6]) {
    keep(fragment(index, large));
    kept += byteLengthOf(fragment(index, large));
    await hasAll();
  }
  slow.socket.resume();
  await gone;
  slow.socket.destroy();
  expect(telemetry.lines.map(({ message }) => message)).toContain(
    'a listener is too slow for the feed; it may come again',
  );
  expect(quick.socket.destroyed).toBe(false);
  quick.socket.destroy();
});

test('the call being over, it waits until every listener has left', async () => {
  const { socket } = await joined();
  keep(fragment(0));
  const ended = once(socket, 'end');
  await settled();
  feed.end();
  await ended;
  let isDone = false;
  const done = feed.done().then(() => (isDone = true));
  await settled();
  expect(isDone).toBe(false);
  socket.destroy();
  await done;
});

test('but for 20 s at most', async () => {
  const { socket } = await joined();
  keep(fragment(0));
  await settled();
  const closed = once(socket, 'close');
  const ended = once(socket, 'end');
  feed.end();
  await ended;
  const done = feed.done();
  await clock.advance(DONE_MS);
  await done;
  socket.end();
  await closed;
});

test('without listeners there is nothing to wait for', async () => {
  feed.end();
  await feed.done();
});
