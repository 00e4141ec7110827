/** Whoever works on recordings from outside of their executions: the operator's commands, and the deployment's schedule. */
import type { Access } from '../../cli/access/access.ts';
import { eraseCalls } from '../../cli/calls/erase/command.ts';
import { resumeCalls } from '../../cli/calls/resume.ts';
import { EXIT } from '../../cli/terminal/exit.ts';
import { WRITERS_LEAVE_MS } from '../../contract/limits.ts';
import { resumeBrokenOff } from '../../functions/resume/run.ts';
import { callKey } from '../../ports/calls/call-item.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { isFinal } from '../../recording/call-record.ts';
import { recordingId } from '../../recording/identity.ts';
import { turnOf } from '../../recording/resumptions.ts';
import { ioForTest } from '../support/io.ts';
import type { SimulatedExecutions } from './executions.ts';
import { accessOf, type Through } from './operators-access.ts';
import type { Fault } from './scenario.ts';
import type { TrueRecording } from './stream.ts';
import type { Canary, World } from './world.ts';

type Erase = Extract<Fault, { kind: 'erase' }>;

const LATENCY_MS = 30;
/** An operator who is told to come back later does. */
const AGAIN_MS = 60_000;
/** What a stream lists is taken for complete so much after the end, and a little more for whoever begins then. */
const SETTLED_MS = 20 * 60_000;
/** No command and no schedule fails for longer than the longest outage, and what follows from it. */
export const ERASURE_MS = 2 * WRITERS_LEAVE_MS + 3_600_000;

export class Operators {
  readonly executions: SimulatedExecutions;
  readonly #world: World;
  readonly #canary: Canary | undefined;
  /** Recordings of which a command has said that they are erased, and when it did, epoch ms. */
  readonly erased = new Map<string, number>();
  #isScheduleQuiet = true;

  constructor(world: World, executions: SimulatedExecutions, canary: Canary | undefined) {
    this.#world = world;
    this.executions = executions;
    this.#canary = canary;
  }

  /** Whether the schedule will start nothing more. */
  get isQuiet(): boolean {
    return this.#isScheduleQuiet;
  }

  /** `calls resume`. What is refused, or fails, is left at that. */
  async resume(one: TrueRecording, force: boolean): Promise<void> {
    const io = ioForTest({ clock: this.#world.clock });
    const args = { id: recordingId(one.recording), yes: true, force };
    const rest = { 'all-interrupted': false, wait: false, 'dry-run': false };
    await resumeCalls(this.#access(), io, { ...args, ...rest }).catch(() => undefined);
  }

  /** `calls erase`, until it has done what there was to do. */
  async erase({ of, breaksOffAfter }: Erase, ones: readonly TrueRecording[]): Promise<void> {
    const [first] = ones;
    if (!first) return;
    const { contactId } = first.recording;
    const ids = of === 'contact' ? [contactId] : ones.map(({ recording }) => recordingId(recording));
    let left = breaksOffAfter;
    for (let isDone = false; !isDone;) {
      isDone = await this.#eraseOnce(ids, ones, left);
      left = undefined;
      if (!isDone) await this.#world.clock.sleep(AGAIN_MS);
    }
  }

  async #eraseOnce(
    ids: readonly string[],
    ones: readonly TrueRecording[],
    breaksOffAfter: number | undefined,
  ): Promise<boolean> {
    const io = ioForTest({ clock: this.#world.clock });
    const args = { ids, yes: true, 'dry-run': false };
    const code = await eraseCalls(this.#access(breaksOffAfter), io, args).catch(() => EXIT.failed);
    for (const { recording } of ones) {
      const id = recordingId(recording);
      if (io.said.err.includes(`${id}: erased\n`)) this.erased.set(id, this.#world.clock.now());
    }
    return code === EXIT.ok;
  }

  /** The deployment's own schedule, until nothing is left that it would ever do. */
  async keepResuming(everyMs: number): Promise<void> {
    const { clock } = this.#world;
    this.#isScheduleQuiet = false;
    while (!this.#isScheduleQuiet) {
      await clock.sleep(everyMs);
      this.#isScheduleQuiet = await this.#resumeBrokenOff();
    }
  }

  /** @returns whether nothing had to be done, and nothing is waited for */
  async #resumeBrokenOff(): Promise<boolean> {
    const { clock, calls, injector } = this.#world;
    const [nowMs, writes, wasOver] = [clock.now(), calls.history.length, this.#world.areExecutionsOver];
    const report = await resumeBrokenOff({ access: this.#access(), telemetry: silentTelemetry }).catch(
      () => undefined,
    );
    const isIdle = report?.resumed === 0 && report.failures === 0 && calls.history.length === writes;
    const isUndisturbed = wasOver && injector.lastFaultMs <= nowMs;
    return isIdle && isUndisturbed && this.#world.stream.recordings.every((one) => this.#isLeft(one, nowMs));
  }

  /** The schedule was free to do something about it, and had no reason to. */
  #isLeft({ recording }: TrueRecording, nowMs: number): boolean {
    const { calls, begunAtMs } = this.#world;
    const { startFragmentNumber } = recording;
    if (calls.item(callKey(recording)) === undefined) return begunAtMs.has(recordingId(recording));
    const record = calls.history.findLast(
      ({ after }) => after.startFragmentNumber === startFragmentNumber.toString(),
    )?.after;
    if (!record) return false;
    const turn = turnOf(record.resumptions ?? [], nowMs);
    const lastMs = Date.parse(
      isFinal(record.status) ? (record.endedAt ?? record.startedAt) : record.startedAt,
    );
    return turn !== 'later' && nowMs > lastMs + SETTLED_MS;
  }

  /** @param breaksOffAfter calls, of which the last takes effect or doesn't */
  #access(breaksOffAfter?: number): Access {
    const { clock, injector, random } = this.#world;
    let made = 0;
    const through: Through = async (service, act) => {
      made += 1;
      const breaksOff = breaksOffAfter !== undefined && made >= breaksOffAfter;
      await clock.sleep(random.integer(0, LATENCY_MS));
      if (breaksOff && made % 2 === 0) throw new Error('the command has broken off');
      if (injector.isOut(service)) throw new Error(`${service} is out`);
      const answer = await act();
      await clock.sleep(random.integer(0, LATENCY_MS));
      if (breaksOff) throw new Error('the command has broken off');
      return answer;
    };
    const access = accessOf(this.#world, this.executions, through);
    return this.#canary?.access?.(access, this.#world) ?? access;
  }
}
