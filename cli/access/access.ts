/** What the commands work on: a deployment's tables, bucket and executions, or the files of a local run. */
import type { AccessLogs } from '../../ports/access-logs/access-logs.ts';
import type { RecordErasure } from '../../ports/calls/record-erasure.ts';
import type { RecordTranscript } from '../../ports/calls/record-transcript.ts';
import type { Checkpoints } from '../../ports/checkpoints/checkpoints.ts';
import type { Copies } from '../../ports/copies/copies.ts';
import type { ExecutionStates } from '../../ports/executions/execution-states.ts';
import type { StoredObjects } from '../../ports/objects/stored-objects.ts';
import type { Transcribe } from '../../ports/transcribe/transcribe.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import type { ResumeAccess } from '../../resuming/access.ts';

/** What leads to a call's bucket. */
export type BucketHints = Partial<Pick<CallRecord, 'executionArn' | 'audio'>>;

export interface Access extends ResumeAccess {
  /** Tells people what is looked at. */
  readonly where: string;
  /** Tells people who look in vain where else it may be. */
  readonly whereElse: string;
  /** Tells people how a recording that broke off is gone on with, in words that finish a sentence. */
  howToGoOn(id: string): string;
  readonly checkpoints: ResumeAccess['checkpoints'] & Pick<Checkpoints, 'erase'>;
  readonly states: ExecutionStates;
  readonly erasure: RecordErasure;
  readonly transcripts: Transcripts;
  readonly recordTranscript: RecordTranscript;
  /** Amazon Transcribe, with whose rights the commands work; its client is loaded when it is asked for. */
  transcribe(): Promise<Transcribe>;
  /** @param call undefined where there is no record: then the bucket must have been named. */
  objectsOf(call: BucketHints | undefined): StoredObjects;
  /** Who has asked what of the call's bucket. @param call as of {@link Access.objectsOf}. @throws CliError */
  accessLogsOf(call: BucketHints | undefined): AccessLogs;
  /** Copies of the bucket's objects in other buckets. @param call as of {@link Access.objectsOf}. @throws CliError */
  copiesOf(call: BucketHints | undefined): Copies;
  /** How long the call's own stream keeps what it holds; undefined where it doesn't say. */
  retentionHoursOf(call: Pick<CallRecord, 'streamArn'>): Promise<number | undefined>;
  /** How long those may still write who were at work when their execution ended, ms: none on a local run. */
  readonly writersLeaveMs: number;
  /** Files beside tables and bucket that a local run has written of a contact; none on AWS. */
  extraFilesOf(contactId: string): Promise<readonly string[]>;
  close(): void;
}
