/** What commands work on, all in memory. */
import type { Access } from '../../cli/access/access.ts';
import { WRITERS_LEAVE_MS } from '../../contract/limits.ts';
import { TableCallQueries } from '../../ports/calls/call-queries.ts';
import { MemoryCalls } from '../../ports/calls/memory-calls.ts';
import { TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { TableRecordTranscript } from '../../ports/calls/record-transcript.ts';
import { MemoryCheckpoints } from '../../ports/checkpoints/memory-checkpoints.ts';
import { MemoryExecutionStates } from '../../ports/executions/memory-execution-states.ts';
import { MemoryExecutions } from '../../ports/executions/memory-executions.ts';
import { type MediaArchive, MediaError } from '../../ports/media/media.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import type { CallRecord } from '../../recording/call-record.ts';

export class MemoryAccess implements Access {
  readonly whereElse = '';
  readonly where = 'memory';
  readonly howToGoOn = (id: string) => `resume ${id}`;
  readonly calls: MemoryCalls;
  /** Epoch ms. */
  nowMs = 0;
  readonly clock = { now: () => this.nowMs };
  readonly checkpoints: MemoryCheckpoints;
  readonly executions = new MemoryExecutions();
  readonly states = new MemoryExecutionStates(this.executions);
  readonly tape: MemoryTape;
  archive: MediaArchive = {
    list: () => Promise.reject(new MediaError('noRetention', 'the stream keeps no archive (retention is 0)')),
    fetch: () =>
      Promise.reject(new MediaError('noRetention', 'the stream keeps no archive (retention is 0)')),
  };
  readonly queries: TableCallQueries;
  readonly erasure: TableRecordErasure;
  readonly recordTranscript: TableRecordTranscript;
  readonly transcripts = new MemoryTranscripts();
  readonly transcribe: Access['transcribe'] = unused;
  objectsOf: Access['objectsOf'] = unused;
  accessLogsOf: Access['accessLogsOf'] = () => ({
    place: () => Promise.resolve(undefined),
    read: () => Promise.resolve(),
  });
  copiesOf: Access['copiesOf'] = () => ({
    buckets: () => Promise.resolve([]),
    stateOf: () => Promise.resolve('none'),
  });
  readonly retentionHoursOf = () => Promise.resolve(24);
  readonly writersLeaveMs = WRITERS_LEAVE_MS;
  readonly extraFilesOf = () => Promise.resolve([]);
  readonly close = () => undefined;

  /** @param parts a world's, where it has them */
  constructor(parts: Partial<Pick<MemoryAccess, 'calls' | 'checkpoints' | 'tape'>> = {}) {
    this.calls = parts.calls ?? new MemoryCalls();
    this.queries = new TableCallQueries(this.calls.table);
    this.recordTranscript = new TableRecordTranscript(this.calls.table);
    this.erasure = new TableRecordErasure(this.calls.table);
    this.checkpoints = parts.checkpoints ?? new MemoryCheckpoints(this.clock);
    this.tape = parts.tape ?? new MemoryTape();
  }

  /** Sets a record, whatever stood there. */
  set(call: CallRecord): void {
    this.calls.tamper(call, { ...call });
  }

  readonly tapeOf = () => this.tape;
  readonly archiveOf = () => this.archive;
  readonly executionsOf = () => this.executions;
}

function unused(): never {
  throw new Error('no test has needed it');
}
