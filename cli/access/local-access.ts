/** A local run's folder: `tables/<table>.json`, `s3/<bucket>/<key…>`, and copies of the recordings at its top. */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CALLS_TABLE,
  CHECKPOINTS_TABLE,
  type TableSchema,
  TRANSCRIPTS_TABLE,
} from '../../contract/tables.ts';
import { TableCallQueries } from '../../ports/calls/call-queries.ts';
import { TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { TableRecordTranscript } from '../../ports/calls/record-transcript.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { erasedCheckpoint } from '../../ports/checkpoints/checkpoint-item.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { MediaError } from '../../ports/media/media.ts';
import { FolderObjects } from '../../ports/objects/folder-objects.ts';
import { runningExecution } from '../../ports/objects/run-marker.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { FolderTable } from '../../ports/table/folder-table.ts';
import { FolderTape } from '../../ports/tape/folder-tape.ts';
import { TableTranscripts } from '../../ports/transcripts/table-transcripts.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import type { Access } from './access.ts';
import { sdkTranscribe } from './sdk-transcribe.ts';

/** @throws CliError when DIR isn't the folder of a local run */
export async function localAccess(dir: string): Promise<Access> {
  const tables = await tablesIn(dir);
  const [bucket] = await namesIn(join(dir, 's3'));
  const objects = join(dir, 's3', bucket ?? 'none');
  return {
    where: `the local run in ${dir}`,
    whereElse: 'Is it another folder (--local), or a deployment (--prefix, --region, --profile)?',
    howToGoOn: () => 'a local run’s stream ends with it, so npm run local records the call anew',
    calls: callsIn(tables.calls),
    queries: new TableCallQueries(tables.calls),
    checkpoints: checkpointsIn(tables.checkpoints),
    clock: systemClock,
    states: {
      stateOf: async (executionArn) => {
        const running = await runningExecution(dir);
        return running !== undefined && executionArn.endsWith(`:${running}`) ? 'running' : 'unknown';
      },
      overSinceMs: () => Promise.resolve(undefined),
    },
    erasure: new TableRecordErasure(tables.calls),
    transcripts: new TableTranscripts(tables.transcripts),
    recordTranscript: new TableRecordTranscript(tables.calls),
    // Whoever asks for it has an account, or a stand-in of it.
    transcribe: () => sdkTranscribe(),
    objectsOf: () => new FolderObjects(objects),
    accessLogsOf: () => ({ place: () => Promise.resolve(undefined), read: () => Promise.resolve() }),
    copiesOf: () => ({ buckets: () => Promise.resolve([]), stateOf: () => Promise.resolve('none') }),
    tapeOf: () => new FolderTape(objects),
    archiveOf: () => ({ list: streamIsGone, fetch: streamIsGone }),
    retentionHoursOf: () => Promise.resolve(0),
    writersLeaveMs: 0,
    executionsOf: () => {
      throw noWorkflow();
    },
    extraFilesOf: async (contactId) => {
      const names = (await namesIn(dir)).filter((name) => name.startsWith(`${contactId}.`));
      return names.map((name) => join(dir, name));
    },
    close: () => undefined,
  };
}

/** @throws CliError when DIR isn't the folder of a local run */
async function tablesIn(dir: string) {
  const names = await namesIn(join(dir, 'tables'));
  const table = (schema: TableSchema) => {
    const file = nameIn(names, schema);
    if (file !== undefined) return new FolderTable(join(dir, 'tables', file), schema);
    throw new CliError(
      EXIT.usage,
      `${dir} is not the folder of a local run`,
      `npm run local -- --out ${dir} makes one`,
    );
  };
  const [calls, checkpoints] = [table(CALLS_TABLE), table(CHECKPOINTS_TABLE)];
  // A run of before there were any has no such file: then it has no rows.
  const transcripts = new FolderTable(
    join(dir, 'tables', nameIn(names, TRANSCRIPTS_TABLE) ?? `callspool-${TRANSCRIPTS_TABLE.suffix}.json`),
    TRANSCRIPTS_TABLE,
  );
  // So that it is said at once where it is no table.
  await calls.items();
  return { calls, checkpoints, transcripts };
}

function callsIn(table: FolderTable): Access['calls'] {
  const calls = new TableCalls(table);
  return {
    get: (recording) => calls.get(recording),
    ofContact: (contactId) => calls.ofContact(contactId),
    startAgain: () => Promise.reject(noWorkflow()),
    resuming: () => Promise.reject(noWorkflow()),
    givingUp: () => Promise.reject(noWorkflow()),
  };
}

function checkpointsIn(table: FolderTable): Access['checkpoints'] {
  const checkpoints = new TableCheckpoints(table, systemClock);
  return {
    read: (id) => checkpoints.read(id),
    handOver: () => Promise.reject(noWorkflow()),
    // No tombstone: all that could write has ended with the run, and nothing would ever take it away.
    erase: async (recordingId) => {
      const standing = await table.get({ recordingId });
      await table.remove({ recordingId });
      return standing && erasedCheckpoint(standing);
    },
  };
}

function streamIsGone(): Promise<never> {
  return Promise.reject(new MediaError('noSuchStream', 'a local run’s stream ends with the run'));
}

function nameIn(files: readonly string[], { suffix }: TableSchema): string | undefined {
  return files.find((name) => name.endsWith(`${suffix}.json`));
}

function noWorkflow(): CliError {
  return new CliError(
    EXIT.usage,
    'a local run can’t be resumed: its stream ends with it',
    'npm run local records the call again; --prefix, --region or --profile name a deployment',
  );
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    await access(dir);
  } catch {
    return [];
  }
  return (await readdir(dir)).sort();
}
