/** The task's configuration, out of its environment variables alone. */
import { bounded, type Environment, optional, required } from '../contract/environment.ts';
import { LIMITS } from '../contract/limits.ts';
import { RUN_VARIABLES, TASK_VARIABLES } from '../contract/variables.ts';
import { RecordingError } from '../recording/errors.ts';
import { parseRecording, type Recording } from '../recording/identity.ts';

export interface TaskSettings {
  readonly recording: Recording;
  readonly streamArn: string;
  /** Connect's StartTimestamp, epoch ms. */
  readonly startedAtMs: number;
  readonly instanceArn: string;
  readonly executionArn: string;
  readonly bucket: string;
  readonly checkpointsTable: string;
  readonly callsTable: string;
  readonly segmentMs: number;
  readonly idleTimeoutMs: number;
  readonly longestCallMs: number;
  readonly graceMs: number;
  /** The function that asks Connect; undefined: Connect is asked directly. */
  readonly asksConnect: string | undefined;
}

/** @throws RecordingError that names the variable, and says what is allowed. */
export function readSettings(env: Environment): TaskSettings {
  const run = (field: keyof typeof RUN_VARIABLES) => required(env, RUN_VARIABLES[field]);
  const task = (field: keyof typeof TASK_VARIABLES) => required(env, TASK_VARIABLES[field]);
  const ms = (field: keyof typeof LIMITS) => bounded(env, TASK_VARIABLES[field], LIMITS[field]) * 1000;
  return {
    recording: parseRecording(run('contactId'), run('startFragmentNumber')),
    streamArn: run('streamArn'),
    startedAtMs: parseTime(run('startedAt')),
    instanceArn: run('instanceArn'),
    executionArn: run('executionArn'),
    bucket: task('bucket'),
    checkpointsTable: task('checkpointsTable'),
    callsTable: task('callsTable'),
    segmentMs: ms('segmentSeconds'),
    idleTimeoutMs: ms('idleTimeoutSeconds'),
    longestCallMs: ms('longestCallSeconds'),
    graceMs: ms('graceSeconds'),
    asksConnect: optional(env, TASK_VARIABLES.asksConnect),
  };
}

function parseTime(text: string): number {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  throw new RecordingError(`the environment variable ${RUN_VARIABLES.startedAt} must be an ISO 8601 time`);
}
