/**
 * The metrics that the programs publish (CloudWatch EMF): names, units and who counts what. The dashboard and
 * the alarms are made from the same names. Each has one dimension, {@link METRIC_DIMENSION}.
 */

/** The dimension whose value is the deployment's name prefix, so that several deployments in one account stay apart. */
export const METRIC_DIMENSION = 'service';

export const DEFAULT_METRICS_NAMESPACE = 'callspool';

export interface MetricName {
  readonly name: string;
  /** CloudWatch's own spelling. */
  readonly unit: 'Count' | 'Milliseconds';
}

/** The task counts these: one value a tape object, besides `resumes`. */
export const TASK_METRICS = {
  /** Fragments put on the tape. */
  fragments: { name: 'Fragments', unit: 'Count' },
  /** How far reading is behind the live edge (`MILLIS_BEHIND_NOW`). */
  mediaLagMs: { name: 'MediaLagMs', unit: 'Milliseconds' },
  /** The time from the last byte of a segment's last fragment to the segment being durable. */
  segmentLatencyMs: { name: 'SegmentLatencyMs', unit: 'Milliseconds' },
  /** Times that GetMedia was opened again. */
  reopenings: { name: 'Reopenings', unit: 'Count' },
  /** 1 when a task goes on where an earlier one had stopped. */
  resumes: { name: 'Resumes', unit: 'Count' },
} as const satisfies Record<string, MetricName>;

/** The connect function counts these: one value an invocation that asked for a recording. */
export const CONNECT_METRICS = {
  /** An execution was started. */
  starts: { name: 'Starts', unit: 'Count' },
  /** An execution that should have been started was not, throttles included. */
  startFailures: { name: 'StartFailures', unit: 'Count' },
} as const satisfies Record<string, MetricName>;

/** The function that resumes counts these: one value a run. */
export const RESUME_METRICS = {
  /** Recordings that were resumed. */
  resumptions: { name: 'Resumptions', unit: 'Count' },
  /** Recordings that were resumed as often as the schedule does it, and still lack something: a person should look. */
  givenUp: { name: 'ResumptionsGivenUp', unit: 'Count' },
  /** Recordings that could not be looked at or resumed; the next run tries again. */
  failures: { name: 'ResumptionFailures', unit: 'Count' },
} as const satisfies Record<string, MetricName>;

/** The assembly counts these: one value a recording. */
export const ASSEMBLE_METRICS = {
  gaps: { name: 'Gaps', unit: 'Count' },
  gapMs: { name: 'GapMs', unit: 'Milliseconds' },
  /** Tasks that claimed the recording; 1 when nothing went wrong. */
  attempts: { name: 'Attempts', unit: 'Count' },
  /** 1 in the one of these four that is the recording's status, 0 in the others. */
  complete: { name: 'Complete', unit: 'Count' },
  incomplete: { name: 'Incomplete', unit: 'Count' },
  empty: { name: 'Empty', unit: 'Count' },
  failed: { name: 'Failed', unit: 'Count' },
  /** 1 where the event bus didn't take “Recording Completed”. */
  announcementFailures: { name: 'AnnouncementFailures', unit: 'Count' },
} as const satisfies Record<string, MetricName>;

/** Where somebody listens while people talk. The connect function counts the first, the listener the others. */
export const LIVE_METRICS = {
  /** 1 for a call that is given to whoever listens, 0 for one that isn't. */
  calls: { name: 'LiveCalls', unit: 'Count' },
  /** 1 when a task's listener begins. */
  listeners: { name: 'LiveListeners', unit: 'Count' },
  /** 1 when it died, and is begun anew. */
  restarts: { name: 'LiveRestarts', unit: 'Count' },
  /** 1 when whoever listens can't be reached, or refuses what is given: a sink begins anew. */
  failures: { name: 'LiveFailures', unit: 'Count' },
  /** How far what a sink has been given lies behind what is being said: the most of ten seconds. */
  behindMs: { name: 'LiveBehindMs', unit: 'Milliseconds' },
} as const satisfies Record<string, MetricName>;

/** Where what is said is written down. The listener counts these. */
export const WORDS_METRICS = {
  /** 1 when a recogniser has begun with a call, or a stream of Transcribe's has answered for the first time in it. */
  begun: { name: 'WordsBegun', unit: 'Count' },
  /** What is said to be not written down, of one side. */
  untranscribedMs: { name: 'UntranscribedMs', unit: 'Milliseconds' },
  /** How far what is written down lies behind what is being said: the most of ten seconds. */
  behindMs: { name: 'WordsBehindMs', unit: 'Milliseconds' },
  /** 1 where the event bus didn't take “Transcript Segment”. */
  eventFailures: { name: 'WordsEventFailures', unit: 'Count' },
} as const satisfies Record<string, MetricName>;
