import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const VITEST = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
const REPORTER = join(import.meta.dirname, 'skipped-tests.ts');

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-skipped-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** A run of vitest over one file. @returns its exit code, and what it printed. */
async function vitest(tests: string, isFailure: boolean): Promise<{ code: number; err: string }> {
  await writeFile(join(dir, 'a.test.js'), tests);
  const config = join(dir, 'vitest.config.mjs');
  await writeFile(
    config,
    `import { skippedTests } from ${JSON.stringify(REPORTER)};
     const reporters = ['default', skippedTests(${String(isFailure)})];
     export default { test: { globals: true, include: ['*.test.js'], reporters } };`,
  );
  const args = [VITEST, 'run', '--root', dir, '--config', config];
  return run(process.execPath, args, { cwd: dir }).then(
    ({ stderr }) => ({ code: 0, err: stderr }),
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && 'stderr' in error)
        return { code: Number(error.code), err: String(error.stderr) };
      throw error;
    },
  );
}

const ONE_SKIPPED = `
  test('runs', () => undefined);
  describe.skip('the page', () => { test('opens', () => undefined); });`;

describe('a skipped test', () => {
  it('is told by name, and makes the run fail where nothing may be skipped', async () => {
    const { code, err } = await vitest(ONE_SKIPPED, true);
    expect(err).toContain('a.test.js > the page > opens');
    expect(code).toBe(1);
  });

  it('is told, and no more, where things may be missing', async () => {
    const { code, err } = await vitest(ONE_SKIPPED, false);
    expect(err).toContain('a.test.js > the page > opens');
    expect(code).toBe(0);
  });

  it('isn’t spoken of where there is none', async () => {
    const { code, err } = await vitest(`test('runs', () => undefined);`, true);
    expect(err).not.toContain('skipped');
    expect(code).toBe(0);
  });
});
