/** docs/PYTHON.md: each program, as it stands there, run by the line that stands below it; and the command as a process. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli } from '../../../build.ts';
import { writeLocalDir } from '../../support/local-dir.ts';
import { noise, produced, STARTED_AT_MS } from '../../support/local-run.ts';
import { recordedCall } from '../../support/recorded-call.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const CUSTOMER = noise(3_500, 1);
const AGENT = noise(3_500, 2);
const CALL = produced([CUSTOMER, AGENT]);
const GOING_ON = produced([AGENT, CUSTOMER], { contactId: 'going-on', startedAtMs: STARTED_AT_MS + 60_000 });
const RECORDED = recordedCall(CALL);

/** The recogniser's own Python comes first, where there is one: CI installs pandas there. */
const PATH = `${join(ROOT, 'recognisers/whisper/.venv/bin')}:${process.env.PATH ?? ''}`;
const hasPandas = spawnSync('python3', ['-c', 'import pandas'], { env: { PATH } }).status === 0;

let dir: string;
let doc: string;
beforeAll(async () => {
  await buildCli();
  dir = await mkdtemp(join(tmpdir(), 'callspool-python-'));
  doc = await readFile(join(ROOT, 'docs/PYTHON.md'), 'utf8');
  const checkpoint = { ...recordedCall(GOING_ON).checkpoint };
  Reflect.deleteProperty(checkpoint, 'ended');
  await writeLocalDir(join(dir, 'local-out'), [
    [CALL, RECORDED],
    [GOING_ON, { ...recordedCall(GOING_ON, { status: 'RECORDING' }), checkpoint, objects: [] }],
  ]);
  const command = `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/cli/callspool.mjs' "$@"\n`;
  await writeFile(join(dir, 'callspool'), command);
  await chmod(join(dir, 'callspool'), 0o755);
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

/** The nth block of a language below a heading. */
function block(heading: string, language: string, nth = 0): string {
  const section = doc.slice(doc.indexOf(`## ${heading}\n`));
  const blocks = [...section.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))];
  const text = blocks[nth]?.[1];
  if (text === undefined) throw new Error(`no ${language} below ${heading}`);
  return text;
}

/** What the line prints. @param contact whose call it is */
async function shell(line: string, contact = CALL.contactId): Promise<string> {
  const { stdout } = await run('bash', ['-o', 'pipefail', '-c', line.replaceAll('CONTACT', contact)], {
    cwd: dir,
    env: { PATH: `${dir}:${PATH}`, HOME: dir, CALLSPOOL_LOCAL: 'local-out' },
  });
  return stdout;
}

const peak = (samples: Int16Array) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

test('samples in a pipe', async () => {
  await writeFile(join(dir, 'meter.py'), block('Samples in a pipe', 'python'));
  const lines = (await shell(block('Samples in a pipe', 'sh'))).trimEnd().split('\n');
  expect(lines).toHaveLength(7);
  const [customer, agent] = [CUSTOMER, AGENT].map((samples) => peak(samples.slice(4_000, 8_000)));
  expect(lines[1]).toBe(
    `     0.5 s  customer ${String(customer).padStart(5)}  agent ${String(agent).padStart(5)}`,
  );
});

test('a WAV a second', async () => {
  await writeFile(join(dir, 'loudness.py'), block('A WAV a second', 'python'));
  const lines = (await shell(block('A WAV a second', 'sh'))).trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  const both = [...CUSTOMER.slice(0, 8_000), ...AGENT.slice(0, 8_000)].map(Math.abs);
  const mean = Math.floor(both.reduce((sum, sample) => sum + sample, 0) / both.length);
  expect(lines[0]).toBe(`000000000000.wav: 8000 Hz, 2 channels, mean ${mean}`);
});

test('everything, by the program that docs/LIVE.md shows', async () => {
  const [, program = ''] =
    /```python\n(.*?)```/s.exec(await readFile(join(ROOT, 'docs/LIVE.md'), 'utf8')) ?? [];
  await writeFile(join(dir, 'meter.py'), program);
  const lines = (await shell(block('Everything, gaps too', 'sh'))).trimEnd().split('\n');
  const [customer, agent] = [CUSTOMER, AGENT].map((samples) => peak(samples.slice(0, 2_000)));
  expect(lines[0]).toBe(
    `   0.000 s  customer ${String(customer).padStart(5)}  agent ${String(agent).padStart(5)}`,
  );
});

describe('call records', () => {
  const line = () => block('Call records as a table', 'sh').replace('--since 1w', '--day 2026-03-14');

  test('by the standard library', async () => {
    await writeFile(join(dir, 'calls.py'), block('Call records as a table', 'python'));
    expect(await shell(line())).toMatch(/^COMPLETE +1\nRECORDING +1\n\d+\.\d s of audio\n$/);
  });

  test.skipIf(!hasPandas)('by pandas', async () => {
    await writeFile(join(dir, 'calls.py'), block('Call records as a table', 'python', 1));
    expect(await shell(line())).toMatch(/COMPLETE +1 +3500/);
  });

  test('have what the example names', async () => {
    const calls = JSON.parse(await shell('callspool calls list --day 2026-03-14 --json')) as unknown;
    expect(calls).toContainEqual(
      expect.objectContaining({
        status: 'COMPLETE',
        durationMs: 3_500,
        startedAt: RECORDED.record.startedAt,
      }),
    );
  });

  test.skipIf(!hasPandas)('one of them, by pandas', async () => {
    await writeFile(join(dir, 'record.py'), block('Call records as a table', 'python', 2));
    expect(await shell(block('Call records as a table', 'sh', 1))).toMatch(/audio\.frames +28000/);
  });

  test('one of them has what the example names', async () => {
    const record = JSON.parse(await shell('callspool calls show CONTACT --json')) as unknown;
    expect(record).toMatchObject([{ audio: { frames: 28_000 } }]);
  });
});

describe('the command as a process', () => {
  test('a reader that has seen enough ends it quietly', async () => {
    const said = await shell('callspool listen CONTACT --raw 2>said | head -c 1000 | wc -c; cat said');
    expect(said).toMatch(/^ *1000\n\(16-bit little-endian samples[^\n]*\)\n$/);
  });

  test('Ctrl-C ends it, also while nothing comes', async () => {
    const child: ChildProcess = spawn(join(dir, 'callspool'), ['listen', 'going-on', '--raw'], {
      cwd: dir,
      env: { PATH: process.env.PATH, CALLSPOOL_LOCAL: 'local-out' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    if (child.stdout) await once(child.stdout, 'data');
    child.stdout?.resume();
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(130);
    expect(said).not.toContain('callspool:');
  });
});
