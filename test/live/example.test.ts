/** The program that the docs show, as it stands there. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openExec } from '../../live/sinks/exec.ts';
import { RECORDING } from '../support/call.ts';

const DOC = join(import.meta.dirname, '../../docs/LIVE.md');

test('the level meter of docs/LIVE.md shows what both sides say', async () => {
  const [, program = ''] = /```python\n(.*?)```/s.exec(await readFile(DOC, 'utf8')) ?? [];
  const dir = await mkdtemp(join(tmpdir(), 'callspool-meter-'));
  try {
    await writeFile(join(dir, 'meter.py'), program);
    const sink = openExec(`python3 '${dir}/meter.py' > '${dir}/out'`);
    await sink.start({ recording: RECORDING, sampleRate: 8_000, originMs: 1_700_000_000_000, startFrame: 0 });
    const stereo = Int16Array.of(5, -7, -300, 20);
    await sink.audio(8_000, new Uint8Array(stereo.buffer));
    await sink.gap({ channel: 1, startFrame: 8_002, frames: 9 }, 'LATE');
    await sink.late(1, 8_002, new Uint8Array(18));
    await sink.end('ended');
    sink.close();
    expect(await readFile(join(dir, 'out'), 'utf8')).toBe(
      '   1.000 s  customer   300  agent    20\nAGENT is silent from frame 8002: LATE\n',
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
