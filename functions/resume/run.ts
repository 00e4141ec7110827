/** One run: looks at what broke off, oldest troubles included, and resumes what can be mended, within bounds. */
import { RESUME_METRICS } from '../../contract/metrics.ts';
import type { CallSummary, StartSpan } from '../../ports/calls/call-queries.ts';
import { eachOf } from '../../ports/runtime/each.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { DamagedItem } from '../../ports/table/item.ts';
import type { CallStatus } from '../../recording/call-record.ts';
import { parseRecordingId, type Recording } from '../../recording/identity.ts';
import type { ResumeAccess } from '../../resuming/access.ts';
import { judge, type ScheduleDecision } from '../../resuming/by-schedule.ts';
import { NotResumed } from '../../resuming/errors.ts';
import { resumeRecording } from '../../resuming/resume.ts';

export interface RunDeps {
  readonly access: ResumeAccess;
  readonly telemetry: Telemetry;
}

export interface Report {
  readonly looked: number;
  readonly resumed: number;
  readonly givenUp: number;
  readonly failures: number;
}

/** Few at a time, so that most of what DescribeExecution and ListFragments let through a second is left to others. */
const AT_A_TIME = 4;
/** A run resumes so many, whose tasks start within seconds; the next run resumes the others. */
export const RESUMED_MAX = 100;
export const LOOKED_AT_MAX = 2_000;
/** The function may take five minutes; what has begun by then is finished. */
const RUN_MS_MAX = 210_000;

const HOUR_MS = 3_600_000;
/** A recording that began this long ago, at most two days long, has had all resumptions by the schedule. */
const LOOK_BACK_MS = 96 * HOUR_MS;
/** The connect function is done with it, and most calls are. */
const UNDER_WAY_MS = 600_000;
/** Few calls last longer: what broke off in their recording stands out among them. */
const LONG_MS = HOUR_MS;
/** Of shorter ones, of which there may be more under way than a run can look at, so many, for the rest to have their turn. */
const SHORT_LOOKED_AT_MAX = LOOKED_AT_MAX / 2;

/** Records to look at, by the index of statuses. */
interface Look {
  readonly status: CallStatus;
  readonly span: StartSpan;
  /** So many of them, the latest first. */
  readonly most: number;
}

export async function resumeBrokenOff(deps: RunDeps): Promise<Report> {
  const run = new Run(deps);
  return run.run();
}

class Run {
  readonly #access: ResumeAccess;
  readonly #telemetry: Telemetry;
  readonly #beganAtMs: number;
  readonly #count = { looked: 0, resumed: 0, givenUp: 0, needPerson: 0, failures: 0 };
  /** Begun, so that no more are begun than allowed. */
  #resuming = 0;

  constructor({ access, telemetry }: RunDeps) {
    this.#access = access;
    this.#telemetry = telemetry;
    this.#beganAtMs = access.clock.now();
  }

  async run(): Promise<Report> {
    await eachOf(this.#candidates(), AT_A_TIME, (recording) => this.#one(recording));
    const { looked, resumed, givenUp, needPerson, failures } = this.#count;
    this.#telemetry.publish([
      [RESUME_METRICS.resumptions, resumed],
      [RESUME_METRICS.givenUp, needPerson],
      [RESUME_METRICS.failures, failures],
    ]);
    const report = { looked, resumed, givenUp, failures };
    this.#telemetry.info('looked at what broke off', report);
    return report;
  }

  /** What the index of statuses tells; whether something is amiss only the record and its execution do. */
  async *#candidates(): AsyncGenerator<Recording> {
    const damaged = (error: DamagedItem) => {
      this.#failed(error);
    };
    for (const { status, span, most } of this.#looks()) {
      let looked = 0;
      const query = { by: 'status', status, ...span } as const;
      for await (const summary of this.#access.queries.find(query, damaged)) {
        if (this.#isEnough()) return;
        if (looked === most) break;
        looked += 1;
        this.#count.looked += 1;
        const recording = this.#recordingOf(summary);
        if (recording !== undefined) yield recording;
      }
    }
  }

  #looks(): Look[] {
    const ago = (ms: number) => new Date(this.#beganAtMs - ms).toISOString();
    const span = { from: ago(LOOK_BACK_MS) };
    const most = LOOKED_AT_MAX;
    return [
      { status: 'RECORDING', span: { to: ago(LONG_MS) }, most },
      {
        status: 'RECORDING',
        span: { from: ago(LONG_MS), to: ago(UNDER_WAY_MS) },
        most: SHORT_LOOKED_AT_MAX,
      },
      { status: 'ASSEMBLING', span: {}, most },
      { status: 'FAILED', span, most },
      { status: 'INCOMPLETE', span, most },
      { status: 'EMPTY', span, most },
    ];
  }

  /** A record that can’t be read keeps no other from being resumed. */
  #recordingOf({ recordingId, contactId }: CallSummary): Recording | undefined {
    try {
      return parseRecordingId(recordingId);
    } catch (error) {
      this.#failed(error, { contactId });
      return undefined;
    }
  }

  #isEnough(): boolean {
    const tookMs = this.#access.clock.now() - this.#beganAtMs;
    return this.#resuming >= RESUMED_MAX || this.#count.looked >= LOOKED_AT_MAX || tookMs > RUN_MS_MAX;
  }

  /** One that can't be mended now keeps no other from it. */
  async #one(recording: Recording): Promise<void> {
    const { contactId } = recording;
    try {
      await this.#carryOut(await judge(this.#access, recording), contactId);
    } catch (error) {
      if (error instanceof NotResumed) {
        this.#telemetry.info('A recording can’t be resumed', { contactId, reason: error.message });
        return;
      }
      this.#failed(error, { contactId });
    }
  }

  #failed(error: unknown, of: { readonly contactId?: string } = {}): void {
    this.#count.failures += 1;
    this.#telemetry.error('A recording that broke off could not be mended now', error, of);
  }

  async #carryOut(judgement: ScheduleDecision, contactId: string): Promise<void> {
    if (judgement.kind === 'leave') return;
    const { why } = judgement;
    if (judgement.kind === 'giveUp') {
      const at = new Date(this.#access.clock.now()).toISOString();
      const resumption = { at, by: 'schedule', why, gaveUp: true } as const;
      if (!(await this.#access.calls.givingUp(judgement.call, resumption))) return;
      this.#count.givenUp += 1;
      if (judgement.needsPerson) this.#count.needPerson += 1;
      this.#telemetry.warn('A recording is given up', { contactId, why, needsPerson: judgement.needsPerson });
      return;
    }
    if (this.#resuming >= RESUMED_MAX) return;
    this.#resuming += 1;
    const resumed = await resumeRecording(this.#access, judgement.situation, { by: 'schedule', why });
    if (resumed.kind !== 'started') return;
    this.#count.resumed += 1;
    this.#telemetry.info('A recording is resumed', { contactId, why, executionArn: resumed.executionArn });
  }
}
