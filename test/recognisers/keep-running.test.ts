/** What the recogniser's image runs it by: no container is restarted by ECS in its first minute. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../recognisers/whisper/keep-running.sh');

test('it is begun anew when it dies, with its arguments, and is over when it leaves by itself', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'callspool-keep-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true });
  });
  const program = join(dir, 'program.sh');
  writeFileSync(program, 'echo "$1" >> "$2"; [ "$(wc -l < "$2")" -ge 2 ] || kill -9 $$\n');
  const told = join(dir, 'told');
  const { stderr } = await promisify(execFile)('sh', [SCRIPT, 'sh', program, 'two words', told]);

  expect(readFileSync(told, 'utf8')).toBe('two words\ntwo words\n');
  expect(stderr).toContain('the recogniser ended with 137; it is begun anew');
});

test('it goes when it is told to, and its program with it', async () => {
  const child = spawn('sh', [SCRIPT, 'sh', '-c', 'echo $$; exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];

  expect(code).toBe(0);
  expect(() => process.kill(Number(said.toString()), 0)).toThrow('ESRCH');
});
