/** Where `socket` listens. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SocketListeners } from '../../live/sinks/socket.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { RecordingError } from '../../recording/errors.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';

const own = ownOfEachTest();

async function refusal(path: string): Promise<Error> {
  const listening = SocketListeners.listen(path, systemClock);
  listening.then((listeners) => {
    listeners.close();
  }, String);
  const error: unknown = await listening.catch((reason: unknown) => reason);
  if (!(error instanceof RecordingError)) throw new Error('it was not refused');
  return error;
}

test('a file that is there stays', async () => {
  const path = join(own.dir, 'precious.txt');
  await writeFile(path, 'precious');
  expect((await refusal(path)).message).toContain(`${path} is there already, and is no socket`);
  expect(await readFile(path, 'utf8')).toBe('precious');
  await mkdir(join(own.dir, 'folder'));
  expect((await refusal(join(own.dir, 'folder'))).message).toContain('is no socket');
});

test('a socket that an earlier program has left behind is replaced', async () => {
  const path = join(own.dir, 'audio.sock');
  const first = await SocketListeners.listen(path, systemClock);
  const second = await SocketListeners.listen(path, systemClock);
  const socket = connect(path);
  const { signal } = new AbortController();
  expect(await second.nextSocket(signal)).toBeDefined();
  socket.destroy();
  first.close();
  second.close();
});

test.each([
  ['in a folder that isn’t there', 'nowhere/audio.sock'],
  ['whose path is too long', `${'x'.repeat(120)}.sock`],
])('one %s is refused, and why', async (_, name) => {
  expect((await refusal(join(own.dir, name))).message).toMatch(
    /^nothing can listen at .* \([A-Z]+\): its folder must be there, and be writable, and the path be short/,
  );
});
