/** `inspect` of a call that is on a local run's tape. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callspool } from '../../support/cli.ts';
import { writeLocalDir } from '../../support/local-dir.ts';
import { noise, produced } from '../../support/local-run.ts';
import { recordedCall } from '../../support/recorded-call.ts';

/** Its tape objects are too large to be read in one piece. */
const CALL = produced([noise(160_000, 1), noise(160_000, 2)]);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-inspect-'));
  await writeLocalDir(join(dir, 'local-out'), [[CALL, recordedCall(CALL)]]);
});
afterAll(() => rm(dir, { recursive: true }));

const inspect = (...args: string[]) => callspool(['inspect', ...args, '--summary'], { cwd: dir });
const EXPLICIT = ['--local', 'local-out'];

it.each([
  [[CALL.contactId]],
  [[`s3://callspool-recordings/tape/${CALL.contactId}/`]],
  [[`s3://callspool-recordings/tape/`]],
])('shows every fragment of its tape: %j', async (args) => {
  const { code, out } = await inspect(...args);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`fragments +${CALL.own.length}: all whole`));
});

it.each([['later-call'], ['s3://callspool-recordings/tape/later-call/']])(
  'says that the local run is passed over, and for what: %s',
  async (target) => {
    const env = { AWS_PROFILE: 'nobody-of-that-name', AWS_REGION: 'us-east-1' };
    const { err } = await callspool(['inspect', target, '--summary'], { cwd: dir, env });
    expect(err).toContain(
      'since AWS_PROFILE is set; the local run in ./local-out is looked at with --local local-out',
    );
  },
);

it.each([
  [['some-stream'], 'some-stream is no file, and the local run in'],
  [['some-stream', ...EXPLICIT], 'some-stream is no file, and the local run in'],
  [['arn:aws:kinesisvideo:us-east-1:123456789012:stream/x/1', ...EXPLICIT], 'its stream ended with it'],
  [['s3://callspool-recordings/tape/nobody/', ...EXPLICIT], 'in the local run in'],
  [['s3://another-bucket/tape/', ...EXPLICIT], 'in the local run in'],
])('asks nothing of AWS: %j', async (args, message) => {
  const { code, err } = await inspect(...args);
  expect(code).toBe(3);
  expect(err).toContain(message);
});
