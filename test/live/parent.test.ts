/** The parent of the program that listens: begins it anew, knows for it where it was, and leaves when it is told to. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LIVE_METRICS } from '../../contract/metrics.ts';
import { runAgainAndAgain } from '../../live/parent.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const own = ownOfEachTest();

/** Notes what it was told by its parent, each time, and does what the number of times says. */
async function program(...times: readonly string[]): Promise<string> {
  const path = join(own.dir, 'program.mjs');
  const text = `
    import { appendFileSync, readFileSync } from 'node:fs';
    appendFileSync('${own.dir}/told', process.env.CALLSPOOL_LIVE_CHILD + '\\n');
    const time = readFileSync('${own.dir}/told', 'utf8').trim().split('\\n').length;
    ${times.map((what, index) => `if (time === ${String(index + 1)}) { ${what} }`).join('\n')}
  `;
  await writeFile(path, text);
  return path;
}

const told = async (): Promise<unknown[]> =>
  (await readFile(join(own.dir, 'told'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const AT_ONCE: Clock = { now: () => 0, sleep: () => Promise.resolve() };

test('one that dies is begun anew, and told where it was', async () => {
  const telemetry = new RecordedTelemetry();
  const says = (state: string) =>
    `process.send({ sink: 'pieces', state: '${state}' }, () => process.exit(1));`;
  const path = await program(
    says('a'),
    `process.send('rubbish', () => process.exit(9));`,
    'process.exit(0);',
  );
  const { signal } = new AbortController();
  const options = { program: path, final: [0, 2], clock: AT_ONCE, telemetry, signal };
  expect(await runAgainAndAgain(options)).toBe(0);
  expect(await told()).toEqual([{}, { pieces: 'a' }, { pieces: 'a' }]);
  expect(telemetry.metrics.filter((one) => LIVE_METRICS.restarts.name in one)).toHaveLength(2);
});

test('what no other try mends isn’t tried again', async () => {
  const path = await program('process.exit(2);');
  const { signal } = new AbortController();
  const telemetry = new RecordedTelemetry();
  expect(await runAgainAndAgain({ program: path, final: [0, 2], clock: AT_ONCE, telemetry, signal })).toBe(2);
  expect(await told()).toHaveLength(1);
});

test('told to leave it passes that on, and waits', async () => {
  const path = await program(
    `process.once('SIGTERM', () => process.exit(143)); setInterval(() => undefined, 1000); process.send({ sink: 'x', state: 'y' });`,
  );
  const leaving = new AbortController();
  const telemetry = new RecordedTelemetry();
  const running = runAgainAndAgain({
    program: path,
    final: [0],
    clock: AT_ONCE,
    telemetry,
    signal: leaving.signal,
  });
  await expect.poll(() => told().catch(() => []), { timeout: 10_000 }).toHaveLength(1);
  leaving.abort();
  expect(await running).not.toBe(0);
  expect(await told()).toHaveLength(1);
});

test('told to leave while it waits, it begins none that nobody would tell', async () => {
  const path = await program('process.exit(1);', 'setInterval(() => undefined, 1000);');
  const leaving = new AbortController();
  const telemetry = new RecordedTelemetry();
  const clock: Clock = {
    now: () => 0,
    sleep: () => {
      leaving.abort();
      return Promise.resolve();
    },
  };
  expect(
    await runAgainAndAgain({ program: path, final: [0], clock, telemetry, signal: leaving.signal }),
  ).toBe(1);
  expect(await told()).toHaveLength(1);
});
