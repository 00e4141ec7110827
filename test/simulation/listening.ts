/** Everybody who listens in a run, and what is found of it. */
import { byteLengthOf, isNumbered, type NumberedFragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { DONE_MS, FeedServer } from '../../task/feed/feed-server.ts';
import type { FeedSink } from '../../task/sinks/fragment-sink.ts';
import { type ListenerBug, SimulatedListener } from './listener.ts';
import { MemoryDoor } from './memory-feed.ts';
import type { Services } from './ports.ts';
import type { SimulatedProcess } from './process.ts';
import type { ListeningPlan } from './scenario.ts';
import { START_MS, type TrueRecording } from './stream.ts';

export interface ListeningOptions {
  readonly plan: ListeningPlan;
  /** Of its own, so that nothing of the recorders' wakes in another order. */
  readonly clock: Clock;
  readonly services: Pick<Services, 'tape' | 'checkpoints'>;
  readonly recordings: readonly TrueRecording[];
  readonly bug: ListenerBug | undefined;
}

/** A recorder's feed. */
export interface SimulatedFeed extends FeedSink {
  /** The recorder may leave. */
  done(): Promise<void>;
}

export class Listening {
  readonly #found: { readonly what: string; readonly id?: string }[] = [];
  /** Of each recording, what its recorders have fed. */
  readonly #fed = new Map<string, Set<bigint>>();
  /** Frames that were held against a WAV, and are its. */
  framesChecked = 0;
  readonly #options: ListeningOptions;
  readonly #listeners = new Map<string, SimulatedListener>();
  readonly #doors = new Map<string, MemoryDoor[]>();
  /** Recordings of which something came onto the tape that nobody who had heard what lies behind it can hear. */
  readonly #filled = new Set<string>();
  readonly #reached = new Map<string, bigint>();
  /** Recordings whose end stands in the checkpoint: what comes now, an assembly or a later task has found. */
  readonly #ended = new Set<string>();
  /** Recordings of whose tape a part expired while somebody listened: nobody keeps a tape for less than a call. */
  readonly #expired = new Set<string>();
  /** Of whose end the recorder knew the number, while somebody still listened: a later one comes too late for that. */
  readonly #bounded = new Set<string>();
  /** Of each fragment on a tape, how many blocks it has at most. */
  readonly #stored = new Map<string, Map<bigint, number>>();

  constructor(options: ListeningOptions) {
    this.#options = options;
    for (const one of options.recordings) this.#schedule(one);
  }

  /**
   * What is wrong. Where a recorder fed what it never stored, and nobody could read again, or where it was stored and has
   * expired, whoever listens and goes on begins at another fragment: what was heard before is another recording's, as it were.
   */
  get found(): readonly string[] {
    return this.#found.filter(({ id }) => id === undefined || !this.#isLost(id)).map(({ what }) => what);
  }

  #isLost(id: string): boolean {
    if (this.#expired.has(id)) return true;
    const stored = this.#stored.get(id);
    return [...(this.#fed.get(id) ?? [])].some((number) => stored?.has(number) !== true);
  }

  get isOver(): boolean {
    return [...this.#listeners.values()].every(({ end }) => end !== undefined);
  }

  /** Whether anybody could be waited for now. */
  get isWaitedFor(): boolean {
    return [...this.#listeners.values()].some(({ isWaitedFor }) => isWaitedFor);
  }

  /** For a recorder that begins. */
  openFeed(process: SimulatedProcess, { recording }: TrueRecording): SimulatedFeed {
    const { clock, plan } = this.#options;
    const door = new MemoryDoor();
    const id = recordingId(recording);
    this.#doors.set(id, [...(this.#doors.get(id) ?? []), door]);
    process.connections.addEventListener(
      'abort',
      () => {
        door.break();
      },
      { once: true },
    );
    const { waitingBytesMax } = { ...plan, ...this.#options.bug };
    const feed = new FeedServer(door, { clock, telemetry: silentTelemetry, waitingBytesMax });
    return {
      take: (kept) => {
        if (kept.source === 'archive') this.#filled.add(id);
        this.#fed.set(id, (this.#fed.get(id) ?? new Set()).add(kept.fragment.number));
        feed.take(kept);
        this.#minds(door, byteLengthOf(kept.fragment));
      },
      onTape: (last) => {
        feed.onTape(last);
      },
      end: () => {
        feed.end();
      },
      done: () => this.#inTime(feed),
    };
  }

  noteTape(recording: Recording, bytes: Uint8Array): void {
    const id = recordingId(recording);
    const reached = this.#reached.get(id) ?? -1n;
    const stored = this.#stored.get(id) ?? new Map<bigint, number>();
    this.#stored.set(id, stored);
    for (const { number, blocks } of fragmentsIn(bytes)) {
      // One that was kept in part may come whole.
      if ((stored.get(number) ?? -1) >= blocks.length) continue;
      stored.set(number, blocks.length);
      if (number <= reached || this.#ended.has(id)) this.#filled.add(id);
    }
  }

  /** A part of the tapes is gone. */
  noteExpired(): void {
    for (const [id, { end }] of this.#listeners) if (end === undefined) this.#expired.add(id);
  }

  noteCheckpoint({ recordingId: id, position, ended }: Checkpoint): void {
    if (position) this.#reached.set(id, position.lastFragmentNumber);
    if (ended) this.#ended.add(id);
    const isHeard = this.#listeners.get(id)?.end === undefined;
    if (ended?.endBefore !== undefined && isHeard) this.#bounded.add(id);
  }

  /** What was heard of a whole recording that nothing was filled in later. @param wav the WAV's samples */
  check({ part, recording }: TrueRecording, { status, losses = [] }: CallRecord, wav: Uint8Array): void {
    const id = recordingId(recording);
    const listener = this.#listeners.get(id);
    if (listener === undefined || status !== 'COMPLETE' || losses.length > 0) return;
    if (this.#filled.has(id)) return;
    if (listener.end === undefined) this.#found.push({ what: 'the listener has not come to an end' });
    // Where the recorder never learnt that the contact streams again, the assembly knows better.
    const isNextUnknown = part === 'ours' && this.#options.recordings.length > 1 && !this.#bounded.has(id);
    if (isNextUnknown && this.#hasMovedByTheNext(id)) return;
    const difference = listener.heard.differs(wav, isNextUnknown);
    if (difference !== undefined) this.#found.push({ what: difference });
    else this.framesChecked += wav.length / 4;
  }

  /** What it fed of the next one spoke for a jump of the clock just before: the WAV, without it, puts that elsewhere. */
  #hasMovedByTheNext(id: string): boolean {
    const { recordings } = this.#options;
    const next = recordings.find(({ part }) => part === 'next')?.recording.startFragmentNumber;
    const hasFedOfIt = [...(this.#fed.get(id) ?? [])].some((number) => next !== undefined && number >= next);
    return hasFedOfIt && recordings.some((one) => one.fragments.some(({ plan }) => plan.clockJumpMs !== 0));
  }

  #schedule({ recording }: TrueRecording): void {
    const { plan, clock, services, bug } = this.#options;
    const id = recordingId(recording);
    const listener = new SimulatedListener({
      recording,
      plan,
      clock,
      services,
      bug,
      door: () => this.#doors.get(id)?.findLast(({ listening }) => listening),
      find: (what) => this.#found.push({ what, id }),
    });
    this.#listeners.set(id, listener);
    const at = (atMs: number, act: () => void) => {
      void clock.sleep(START_MS + atMs - clock.now()).then(act);
    };
    at(plan.beginsMs, () => {
      listener.begin();
      for (const trouble of plan.troubles)
        at(Math.max(trouble.atMs, plan.beginsMs + 1), () => {
          listener.suffer(trouble);
        });
    });
  }

  /** A listener that takes nothing must not fill a recorder's memory. @param newest bytes of the newest fragment */
  #minds(door: MemoryDoor, newest: number): void {
    const { waitingBytes } = door;
    if (waitingBytes > this.#options.plan.waitingBytesMax + newest)
      this.#found.push({ what: `${waitingBytes} bytes wait for a listener` });
  }

  async #inTime(feed: FeedServer): Promise<void> {
    const { clock } = this.#options;
    const sinceMs = clock.now();
    await feed.done();
    if (clock.now() - sinceMs > DONE_MS)
      this.#found.push({ what: `a recorder waited for ${clock.now() - sinceMs} ms` });
  }
}

function fragmentsIn(bytes: Uint8Array): NumberedFragment[] {
  const reader = new FragmentReader();
  reader.push(bytes);
  const fragments: NumberedFragment[] = [];
  try {
    let next = reader.next();
    for (; next; next = reader.next()) if (isNumbered(next)) fragments.push(next);
    next = reader.finish();
    if (next && isNumbered(next)) fragments.push(next);
  } catch {
    // One that broke off: what can be told of it has been.
  }
  return fragments;
}
