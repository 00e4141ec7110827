/**
 * Damaged bodies give fragments or a MalformedError, nothing else, in bounded time and memory. FUZZ_RUNS says how
 * many; FUZZ_SEED and FUZZ_FROM repeat a run from the input that failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('fuzz-reader.ts', import.meta.url));
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const FROM = Number(process.env.FUZZ_FROM ?? 0);
const RUNS = Number(process.env.FUZZ_RUNS ?? 10_000);
const HEAP_MIB_MAX = 256;
const RSS_KIB_MAX = 640 * 1024;
/** A batch of inputs takes milliseconds; one that takes this long hangs. */
const SILENCE_MS_MAX = 45_000;

interface Outcomes {
  readonly whole: number;
  readonly malformed: number;
  readonly fragments: number;
  readonly maxRssKib: number;
}

it(`${RUNS} damaged bodies, seed ${SEED}`, { timeout: 60_000 + RUNS * 50 }, async () => {
  const outcomes = await fuzz();
  expect(outcomes.whole + outcomes.malformed).toBe(RUNS);
  expect(outcomes.maxRssKib).toBeLessThan(RSS_KIB_MAX);
  if (RUNS < 1_000) return;
  expect(outcomes.malformed).toBeGreaterThan(RUNS / 10);
  expect(outcomes.fragments).toBeGreaterThan(RUNS / 10);
});

async function fuzz(): Promise<Outcomes> {
  const program = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP_MIB_MAX}`, '--import', 'tsx', PROGRAM],
    { env: { ...process.env, FUZZ_SEED: String(SEED), FUZZ_FROM: String(FROM), FUZZ_RUNS: String(RUNS) } },
  );
  let said = '';
  let complaint = '';
  const watchdog = setTimeout(() => program.kill('SIGKILL'), SILENCE_MS_MAX);
  program.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    watchdog.refresh();
  });
  program.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code, signal] = (await once(program, 'close')) as [number | null, string | null];
  clearTimeout(watchdog);
  const last = said.trim().split('\n').at(-1) ?? '';
  if (code === 0) return JSON.parse(last) as Outcomes;
  const how = signal === 'SIGKILL' ? `nothing for ${SILENCE_MS_MAX} ms` : `exit ${String(code ?? signal)}`;
  throw new Error(
    `seed ${SEED}, at or after input ${last} (FUZZ_SEED=${SEED} FUZZ_FROM=${last}): ${how}\n${complaint}`,
  );
}
