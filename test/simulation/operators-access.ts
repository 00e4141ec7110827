/** What the operator's commands and the schedule work on, in memory: each request of theirs passes through one function. */
import type { Access } from '../../cli/access/access.ts';
import { WRITERS_LEAVE_MS } from '../../contract/limits.ts';
import { TableCallQueries } from '../../ports/calls/call-queries.ts';
import type { MemoryCalls } from '../../ports/calls/memory-calls.ts';
import { type RecordErasure, TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { TableRecordTranscript } from '../../ports/calls/record-transcript.ts';
import type { ExecutionStates } from '../../ports/executions/execution-states.ts';
import type { Executions } from '../../ports/executions/executions.ts';
import type { MediaArchive } from '../../ports/media/media.ts';
import type { StoredObjects } from '../../ports/objects/stored-objects.ts';
import type { MemoryRecordings } from '../../ports/recordings/memory-recordings.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { MemoryTape } from '../../ports/tape/memory-tape.ts';
import type { Tape } from '../../ports/tape/tape.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { MemoryObjects } from '../support/memory-objects.ts';
import type { Services } from './ports.ts';
import type { Service } from './scenario.ts';

export type Through = <T>(service: Service, act: () => Promise<T>) => Promise<T>;

/** Where they are at work. */
export interface Place {
  readonly clock: Clock;
  readonly calls: MemoryCalls;
  readonly tape: MemoryTape;
  readonly recordings: MemoryRecordings;
  readonly services: Pick<Services, 'checkpoints' | 'tape' | 'archive'>;
}

export function accessOf(place: Place, executions: Executions & ExecutionStates, through: Through): Access {
  const { calls, clock, services } = place;
  const { checkpoints } = services;
  const objects = objectsOf(place, through);
  const tape = tapeOf(services.tape, through);
  const archive: MediaArchive = {
    list: (fromMs, toMs) => through('archive', () => services.archive.list(fromMs, toMs)),
    fetch: (numbers) => through('archive', () => services.archive.fetch(numbers)),
  };
  return {
    where: 'a simulated world',
    whereElse: '',
    howToGoOn: (id) => `resume ${id}`,
    clock,
    calls: {
      get: (recording) => through('dynamodb', () => calls.get(recording)),
      ofContact: (contactId) => through('dynamodb', () => calls.ofContact(contactId)),
      startAgain: (...args) => through('dynamodb', () => calls.startAgain(...args)),
      resuming: (...args) => through('dynamodb', () => calls.resuming(...args)),
      givingUp: (...args) => through('dynamodb', () => calls.givingUp(...args)),
    },
    queries: new TableCallQueries(calls.table),
    checkpoints: {
      read: (id) => through('dynamodb', () => checkpoints.read(id)),
      handOver: (id, from, to) => through('dynamodb', () => checkpoints.handOver(id, from, to)),
      erase: (id, expiresAtMs) => through('dynamodb', () => checkpoints.erase(id, expiresAtMs)),
    },
    states: executions,
    erasure: erasureOf(place, through),
    // Nothing is written down in these worlds.
    transcripts: new MemoryTranscripts(),
    recordTranscript: new TableRecordTranscript(calls.table),
    transcribe: () => Promise.reject(new Error('nothing is written down in these worlds')),
    executionsOf: () => executions,
    copiesOf: () => ({ buckets: () => Promise.resolve([]), stateOf: () => Promise.resolve('none') }),
    tapeOf: () => tape,
    archiveOf: () => archive,
    objectsOf: () => objects,
    accessLogsOf: () => ({ place: () => Promise.resolve(undefined), read: () => Promise.resolve() }),
    retentionHoursOf: () => Promise.resolve(24),
    writersLeaveMs: WRITERS_LEAVE_MS,
    extraFilesOf: () => Promise.resolve([]),
    close: () => undefined,
  };
}

function objectsOf({ tape, recordings }: Place, through: Through): StoredObjects {
  const objects = new MemoryObjects(tape, recordings);
  return {
    name: objects.name,
    read: (key) => objects.read(key),
    put: (...args) => through('s3', () => objects.put(...args)),
    versions: (prefix) => pageOf(objects.versions(prefix), through),
    erase: (versions) => through('s3', () => objects.erase(versions)),
  };
}

function tapeOf(tape: Tape, through: Through): Tape {
  return {
    append: (recording, segment) => through('s3', () => tape.append(recording, segment)),
    list: (recording, from) => pageOf(tape.list(recording, from), through),
    read: (key) => through('s3', () => tape.read(key)),
    remove: (key) => through('s3', () => tape.remove(key)),
  };
}

/** What there is when it is asked for. */
async function* pageOf<T>(items: AsyncIterable<T>, through: Through): AsyncGenerator<T> {
  yield* await through('s3', async () => {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  });
}

function erasureOf({ calls }: Place, through: Through): RecordErasure {
  const erasure = new TableRecordErasure(calls.table);
  return {
    eraseCall: (recording) => through('dynamodb', () => erasure.eraseCall(recording)),
    noteNextStart: (recording, start, going) =>
      through('dynamodb', () => erasure.noteNextStart(recording, start, going)),
  };
}
