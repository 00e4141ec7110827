/** What was said, on DynamoDB and on what stands for it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { TRANSCRIPTS_TABLE } from '../../../contract/tables.ts';
import { transcriptsIn } from '../../../ports/table/dynamodb-table.ts';
import { FolderTable } from '../../../ports/table/folder-table.ts';
import { MemoryTable } from '../../../ports/table/memory-table.ts';
import type { Table } from '../../../ports/table/table.ts';
import { MemoryTranscripts } from '../../../ports/transcripts/memory-transcripts.ts';
import { TableTranscripts } from '../../../ports/transcripts/table-transcripts.ts';
import { inOrder, type TranscriptRow } from '../../../recording/transcript/segment.ts';
import { segment, untranscribed } from '../../recording/transcript/rows.ts';
import { type DynamoDbForTest, dynamoDbForTest } from '../../support/standins.ts';

let dynamoDb: DynamoDbForTest;
let dir: string;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
  dir = await mkdtemp(join(tmpdir(), 'callspool-transcripts-'));
});
afterAll(async () => {
  await dynamoDb.close();
  await rm(dir, { recursive: true });
});

const ADAPTERS: readonly { name: string; make: () => Table }[] = [
  { name: 'on DynamoDB', make: () => transcriptsIn(dynamoDb.client, dynamoDb.tables.transcripts) },
  { name: 'in memory', make: () => new MemoryTable(TRANSCRIPTS_TABLE) },
  { name: 'in a folder', make: () => new FolderTable(join(dir, 'transcripts.json'), TRANSCRIPTS_TABLE) },
];

/** Each test has a recording of its own, since the table is shared. */
let recordings = 0;

test('transcripts in memory tell how each row was written', async () => {
  const written: string[] = [];
  const transcripts = new TableTranscripts(
    new MemoryTable(TRANSCRIPTS_TABLE, ({ name }) => written.push(name)),
  );
  const row = segment('hello', { startMs: 500 });
  await transcripts.put(row);
  await transcripts.replace(row);
  expect(written).toEqual(['put', 'replace']);
  expect(await new MemoryTranscripts().ofRecording(row.recordingId)).toEqual([]);
});

describe.each(ADAPTERS)('transcripts $name', ({ make }) => {
  const of = (recordingId: string, row: TranscriptRow): TranscriptRow => ({ ...row, recordingId });
  const newRecording = () => `recording-${recordings++}`;

  it('have what was put, in order, and what was put before is there', async () => {
    const transcripts = new TableTranscripts(make());
    const id = newRecording();
    const rows = [
      of(id, segment('how are you', { startMs: 12_500 })),
      of(id, segment('hello there', { startMs: 500, channel: 'AGENT' })),
      of(id, untranscribed(12_500, { startMs: 10_000 })),
      of(id, { ...segment('hello', { startMs: 500, source: 'transcribe' }), words: [] }),
    ];
    for (const row of rows) await transcripts.put(row);
    await transcripts.put(of(newRecording(), segment('another', { startMs: 0 })));

    const found = await transcripts.ofRecording(id);
    expect(inOrder(found)).toEqual(inOrder(rows));
    expect(found.map(({ segmentId }) => segmentId)).toEqual(rows.map(({ segmentId }) => segmentId).sort());
  });

  it('are read from an id on', async () => {
    const transcripts = new TableTranscripts(make());
    const id = newRecording();
    const rows = [500, 10_000, 100_000].map((startMs) => of(id, segment('hello', { startMs })));
    for (const row of rows) await transcripts.put(row);

    expect(await transcripts.ofRecording(id, rows[1]?.segmentId)).toEqual(rows.slice(1));
    expect(await transcripts.ofRecording(id, '000000080001')).toEqual(rows.slice(2));
    expect(await transcripts.ofRecording(id, '0')).toEqual(rows);
  });

  it('lose the one row that isn’t so any more', async () => {
    const transcripts = new TableTranscripts(make());
    const id = newRecording();
    const rows = [500, 1_500].map((startMs) => of(id, segment('hello', { startMs })));
    for (const row of rows) await transcripts.put(row);
    for (const row of rows.slice(0, 1)) await transcripts.remove(row);
    expect(await transcripts.ofRecording(id)).toEqual(rows.slice(1));
  });

  it('have a row in place of another one, and nothing of that is left', async () => {
    const transcripts = new TableTranscripts(make());
    const id = newRecording();
    const [before, after] = ['hello there', 'hello'].map((text) => of(id, segment(text, { startMs: 500 })));
    for (const row of [before, after]) if (row) await transcripts.replace(row);
    expect(await transcripts.ofRecording(id)).toEqual([after]);
  });

  it('have a row once, as it was put first', async () => {
    const transcripts = new TableTranscripts(make());
    const row = of(newRecording(), segment('hello', { startMs: 500 }));
    await transcripts.put(row);
    await transcripts.put(row);
    await transcripts.put({ ...row, expiresAt: 1 });

    expect(await transcripts.ofRecording(row.recordingId)).toEqual([row]);
  });

  it('are erased, whatever is in them', async () => {
    const table = make();
    const transcripts = new TableTranscripts(table);
    const [id, other] = [newRecording(), newRecording()];
    await transcripts.put(of(id, segment('hello', { startMs: 500 })));
    await transcripts.put(of(other, segment('hello', { startMs: 500 })));
    await table.put({ recordingId: id, segmentId: 'what is it' }, { text: 7 });

    expect(await transcripts.ofRecording(id)).toHaveLength(1);
    expect(await transcripts.erase(id)).toBe(2);
    expect(await transcripts.erase(id)).toBe(0);
    expect(await transcripts.ofRecording(id)).toEqual([]);
    expect(await transcripts.ofRecording(other)).toHaveLength(1);
  });

  it('hold hundreds of long rows', async () => {
    const transcripts = new TableTranscripts(make());
    const id = newRecording();
    const text = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ');
    for (let index = 0; index < 60; index += 1)
      await transcripts.put(of(id, segment(text, { startMs: index * 100_000 })));

    expect(await transcripts.ofRecording(id)).toHaveLength(60);
    expect(await transcripts.erase(id)).toBe(60);
  });
});
