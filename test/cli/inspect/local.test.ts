/** `inspect` of a call that is on a local run's tape. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callspool } from '../../support/cli.ts';
import { writeLocalDir } from '../../support/local-dir.ts';
import { noise, produced } from '../../support/local-run.ts';
import { recordedCall } from '../../support/recorded-call.ts';

/** Its tape objects are too large to be read in one piece. */
const CALL = produced([noise(160_000, 1), noise(160_000, 2)]);

it('shows every fragment of its tape', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'callspool-inspect-'));
  try {
    await writeLocalDir(join(dir, 'local-out'), [[CALL, recordedCall(CALL)]]);
    const { code, out } = await callspool(['inspect', CALL.contactId, '--summary'], { cwd: dir });
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`fragments +${CALL.own.length}: all whole`));
  } finally {
    await rm(dir, { recursive: true });
  }
});
