/** The programs that the docs show, as they stand there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openExec } from '../../live/sinks/exec.ts';
import { SocketListeners } from '../../live/sinks/socket.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { RECORDING } from '../support/call.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';

const DOC = join(import.meta.dirname, '../../docs/LIVE.md');
const CALL = { recording: RECORDING, sampleRate: 8_000, originMs: 1_700_000_000_000, startFrame: 0 };
const STEREO = new Uint8Array(Int16Array.of(5, -7, -300, 20).buffer);

const own = ownOfEachTest();

async function programs(): Promise<string[]> {
  const blocks = (await readFile(DOC, 'utf8')).matchAll(/```python\n(.*?)```/gs);
  return Array.from(blocks, ([, program = '']) => program);
}

test('the level meter of docs/LIVE.md shows what both sides say', async () => {
  const [program = ''] = await programs();
  await writeFile(join(own.dir, 'meter.py'), program);
  const sink = openExec(`python3 '${own.dir}/meter.py' > '${own.dir}/out'`);
  await sink.start(CALL);
  await sink.audio(8_000, STEREO);
  await sink.gap({ channel: 1, startFrame: 8_002, frames: 9 }, 'LATE');
  await sink.late(1, 8_002, new Uint8Array(18));
  await sink.end('ended');
  sink.close();
  expect(await readFile(join(own.dir, 'out'), 'utf8')).toBe(
    '   1.000 s  customer   300  agent    20\nAGENT is silent from frame 8002: LATE\n',
  );
});

test('the one for a socket is there first, tells what it has heard, and goes on when its listener is begun anew', async () => {
  const [, program = ''] = await programs();
  expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
  const path = join(own.dir, 'audio.sock');
  await writeFile(join(own.dir, 'meter.py'), program);
  const child = spawn('python3', [join(own.dir, 'meter.py')], {
    env: { PATH: process.env.PATH, CALLSPOOL_LIVE_SOCKET: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  own.closeAfter(() => child.kill());
  let out = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  const left = once(child, 'exit');
  const { signal } = new AbortController();
  await once(child, 'spawn');

  const before = await SocketListeners.listen(path, systemClock);
  const first = await before.next(signal);
  await first?.start(CALL);
  await first?.audio(8_000, STEREO);
  await expect.poll(() => first?.safe).toBe(8_002);
  // Amid a message, as where it is killed.
  void first?.audio(8_002, new Uint8Array(400_000)).catch(() => undefined);
  first?.close();
  before.close();

  const after = await SocketListeners.listen(path, systemClock);
  own.closeAfter(() => {
    after.close();
  });
  const second = await after.next(signal);
  await second?.start({ ...CALL, startFrame: 8_002 });
  await second?.gap({ channel: 1, startFrame: 8_002, frames: 2 }, 'LATE');
  await second?.audio(8_002, STEREO);
  await second?.late(1, 8_002, new Uint8Array(4));
  await second?.end('ended');
  expect(await left).toEqual([0, null]);
  const lines = out.trimEnd().split('\n');
  expect(lines[0]).toBe('   1.000 s  customer   300  agent    20');
  expect(lines.at(-1)).toBe('   1.000 s  customer   300  agent    20');
});
