/** A local run’s folder while the run goes on: what the commands see in it. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../../../cli/cli.ts';
import { withLiveOutput } from '../../../local/run/live-output.ts';
import { startSystem, type System } from '../../../local/system/system.ts';
import { runningExecution } from '../../../ports/objects/run-marker.ts';
import { transcriptsIn } from '../../../ports/table/dynamodb-table.ts';
import { TableTranscripts } from '../../../ports/transcripts/table-transcripts.ts';
import { executionName, recordingId } from '../../../recording/identity.ts';
import { tapeKey } from '../../../recording/tape/keys.ts';
import type { Speaker } from '../../../recording/transcript/segment.ts';
import { segment } from '../../recording/transcript/rows.ts';
import { callspool } from '../../support/cli.ts';
import { ioForTest } from '../../support/io.ts';
import { noise, produced } from '../../support/local-run.ts';
import { checkpointItem, recordedCall } from '../../support/recorded-call.ts';

const CALL = produced([noise(4_000, 1), noise(4_000, 2)]);
const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';

let dir: string;
let system: System;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-live-'));
  system = await startSystem({ logsDir: join(dir, 'logs') });
});
afterEach(async () => {
  await system.close();
  await rm(dir, { recursive: true });
});

/** Leaves things as a recorder and the connect function do in the middle of a call. */
async function recordTheBeginning(): Promise<void> {
  const { record, checkpoint, segments } = recordedCall(CALL);
  const put = (table: string, item: object) =>
    system.dynamoDb.send(
      new PutItemCommand({ TableName: table, Item: marshall(item, { removeUndefinedValues: true }) }),
    );
  await put(system.tables.calls, { ...record, status: 'RECORDING', audio: undefined, media: undefined });
  await put(system.tables.checkpoints, { ...checkpointItem(checkpoint), ended: undefined });
  for (const { first, last, bytes } of segments.slice(0, 1)) {
    const Key = tapeKey(CALL, { first, last, uuid: UUID });
    await system.s3.send(new PutObjectCommand({ Bucket: system.bucket, Key, Body: bytes }));
  }
}

const cli = (...args: string[]) => callspool([...args, '--local', dir]);

test('a call is found, heard and left alone while it is recorded; then nothing says that it still is', async () => {
  await withLiveOutput(dir, system, CALL, async () => {
    await recordTheBeginning();
    await vi.waitFor(
      async () => {
        const { out } = await cli('calls', 'list', '--from', '2026-03-14', '--json');
        expect(JSON.parse(out)).toMatchObject([{ contactId: CALL.contactId, status: 'RECORDING' }]);
      },
      { timeout: 30_000 },
    );
    expect((await cli('calls', 'show', CALL.contactId)).out).toMatch(/execution is +running/);
    const heard = await cli('calls', 'fetch', CALL.contactId, '--out', join(dir, 'heard.wav'));
    expect(heard).toMatchObject({ code: 4, err: expect.stringContaining('what was durable') as string });
    const erased = await cli('calls', 'erase', CALL.contactId, '--yes');
    expect(erased.err).toContain('nothing was erased');
  });
  expect((await cli('calls', 'show', CALL.contactId)).out).not.toContain('running');
  expect(await readdir(dir)).not.toContain('running.json');
});

test('what is said is read along while it is recorded, each row once', { timeout: 60_000 }, async () => {
  const transcripts = new TableTranscripts(transcriptsIn(system.dynamoDb, system.tables.transcripts ?? ''));
  const row = (text: string, startMs: number, channel: Speaker) =>
    transcripts.put({ ...segment(text, { startMs, channel }), recordingId: recordingId(CALL) });
  const following = ioForTest();
  const untilSaid = (text: string) =>
    vi.waitFor(
      () => {
        expect(following.said.out).toContain(text);
      },
      { timeout: 30_000 },
    );
  await withLiveOutput(dir, system, CALL, async () => {
    await recordTheBeginning();
    await vi.waitFor(
      async () => {
        expect((await cli('calls', 'show', CALL.contactId)).code).toBe(0);
      },
      { timeout: 30_000 },
    );
    const followed = runCli(
      ['calls', 'follow', CALL.contactId, '--words', '--interval', '1', '--local', dir],
      following,
    );
    await row('good morning', 500, 'AGENT');
    await untilSaid('[0:00.5] Agent: good morning\n');
    await row('hello', 1_200, 'CUSTOMER');
    await untilSaid('[0:01.2] Customer: hello\n');
    const { record } = recordedCall(CALL);
    await system.dynamoDb.send(
      new PutItemCommand({
        TableName: system.tables.calls,
        Item: marshall(record, { removeUndefinedValues: true }),
      }),
    );
    expect(await followed).toBe(0);
  });
  const { out } = following.said;
  expect(out.match(/Agent: good morning/g)).toHaveLength(1);
  expect(out).toContain('COMPLETE');
});

test('a run that was killed does not go on', async () => {
  const marker = (pid: number) =>
    writeFile(join(dir, 'running.json'), JSON.stringify({ pid, execution: executionName(CALL) }));
  await marker(process.pid);
  expect(await runningExecution(dir)).toBe(executionName(CALL));
  // Linux gives no process a number above 2^22, macOS none above 99999.
  await marker(2 ** 22 + 1);
  expect(await runningExecution(dir)).toBeUndefined();
  await writeFile(join(dir, 'running.json'), '{"pid":');
  expect(await runningExecution(dir)).toBeUndefined();
});

test('what cannot be written ends the run', async () => {
  await writeFile(join(dir, 's3'), 'no folder');
  const work = vi.fn(() => Promise.resolve());
  await expect(withLiveOutput(dir, system, CALL, work)).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(work).not.toHaveBeenCalled();
});
