/** One recording's listener in simulated time: programs that follow one another, and what becomes of each. */
import type { Feed } from '../../live/feed.ts';
import { listen } from '../../live/listener.ts';
import { decodeState, encodeState } from '../../live/live-checkpoint.ts';
import type { AudioSink, LiveEnd } from '../../live/sinks/audio-sink.ts';
import type { LiveState } from '../../live/timeline/live-timeline.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import type { Recording } from '../../recording/identity.ts';
import { HeardBySession } from './heard.ts';
import type { Connection, MemoryDoor } from './memory-feed.ts';
import type { Services } from './ports.ts';
import { SIGKILLED, SimulatedProcess } from './process.ts';
import type { ListenerTrouble, ListeningPlan } from './scenario.ts';

/** How a known bug is put into a listener. */
export interface ListenerBug {
  readonly feed?: (feed: Feed) => Feed;
  readonly state?: (state: LiveState) => LiveState;
  readonly sink?: (sink: AudioSink) => AudioSink;
  /** What the feed lets wait, whatever was set. */
  readonly waitingBytesMax?: number;
}

export interface ListenerOptions {
  readonly recording: Recording;
  readonly plan: ListeningPlan;
  readonly clock: Clock;
  readonly services: Pick<Services, 'tape' | 'checkpoints'>;
  /** Of the task that records it now; undefined where none does. */
  readonly door: () => MemoryDoor | undefined;
  readonly find: (what: string) => void;
  readonly bug: ListenerBug | undefined;
}

/** The parent begins a program that died anew after so long. */
const AGAIN_MS = 200;
/** What is kept elsewhere than with the parent may be so old. */
const SAVED_MS = 10_000;

export class SimulatedListener {
  readonly heard: HeardBySession;
  /** Why the last program ended; undefined while there is one. */
  end: LiveEnd | undefined;
  readonly #options: ListenerOptions;
  readonly #states: { readonly atMs: number; readonly text: string }[] = [];
  #process: SimulatedProcess;
  #leave = new AbortController();
  #connection: Connection | undefined;
  #sink: RecordingSink | undefined;
  #hungUntilMs = 0;
  #brokenUntilMs = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.heard = new HeardBySession(options.find);
    this.#process = this.#newProcess();
  }

  begin(): void {
    void this.#run(undefined);
  }

  /** Whether the feed still holds back anything for it. */
  get isWaitedFor(): boolean {
    return (this.#connection?.writableLength ?? 0) > 0 || this.#hungUntilMs > this.#options.clock.now();
  }

  suffer(trouble: ListenerTrouble): void {
    if (this.end !== undefined) return;
    const { clock } = this.#options;
    switch (trouble.kind) {
      case 'kill':
        this.#kill(trouble.state);
        return;
      case 'leave':
        this.#leave.abort();
        return;
      case 'hang':
        this.#hungUntilMs = clock.now() + trouble.ms;
        return;
      case 'breakOff':
        this.#brokenUntilMs = clock.now() + trouble.ms;
        return;
      case 'freeze': {
        const process = this.#process;
        process.freeze();
        void clock.sleep(trouble.ms).then(() => {
          process.thaw();
        });
        return;
      }
      case 'cut':
        this.#connection?.destroy();
    }
  }

  #newProcess(): SimulatedProcess {
    return new SimulatedProcess('listener', '', () => undefined);
  }

  #kill(state: 'kept' | 'old' | 'lost'): void {
    this.#process.exit(SIGKILLED);
    this.#connection?.leave();
    this.#sink?.lose();
    this.#again(this.#stateOf(state));
  }

  #again(state: LiveState | undefined): void {
    const process = this.#newProcess();
    this.#process = process;
    this.#leave = new AbortController();
    void this.#options.clock.sleep(AGAIN_MS).then(async () => {
      // One that died before it had begun is followed by another.
      if (!process.isDead) await this.#run(state);
    });
  }

  #stateOf(which: 'kept' | 'old' | 'lost'): LiveState | undefined {
    const ageMs = { kept: 0, old: SAVED_MS, lost: Infinity }[which];
    const untilMs = this.#options.clock.now() - ageMs;
    // What is lost is lost for those that follow, too.
    this.#states.splice(this.#states.findLastIndex(({ atMs }) => atMs <= untilMs) + 1);
    const text = this.#states.at(-1)?.text;
    const state = text === undefined ? undefined : decodeState(text);
    return state && (this.#options.bug?.state?.(state) ?? state);
  }

  async #run(state: LiveState | undefined): Promise<void> {
    const { recording, plan, services, clock } = this.#options;
    const process = this.#process;
    const alive = aliveClock(clock, process);
    const feed = this.#feed(process);
    const end = await listen(
      {
        ports: { ...portsOf(services, process), clock: alive, telemetry: silentTelemetry, feed },
        recording,
        name: 'simulated',
        open: (signal) => this.#open(process, alive, signal),
        state,
        onState: (now) => this.#states.push({ atMs: clock.now(), text: encodeState(now) }),
        windowMs: plan.windowMs,
      },
      this.#leave.signal,
    );
    if (process.isDead) return;
    feed.leave();
    process.exit(0);
    if (end !== 'stopped') {
      this.end = end;
      if (this.#leave.signal.aborted) this.heard.left();
    } else {
      this.#sink?.lose();
      this.#again(this.#stateOf('kept'));
    }
  }

  #feed(process: SimulatedProcess): Feed {
    const feed: Feed = {
      join: async (signal) => {
        feed.leave();
        await process.hears();
        const door = this.#options.door();
        if (signal.aborted || door?.listening !== true) return undefined;
        const connection = door.connect();
        this.#connection = connection;
        const leave = () => {
          connection.leave();
        };
        signal.addEventListener('abort', leave, { once: true });
        return heardBy(connection.bytes(), process);
      },
      leave: () => {
        if (!process.isDead) this.#connection?.leave();
        if (!process.isDead) this.#connection = undefined;
      },
    };
    return this.#options.bug?.feed?.(feed) ?? feed;
  }

  async #open(process: SimulatedProcess, clock: Clock, signal: AbortSignal): Promise<AudioSink | undefined> {
    const brokenMs = this.#brokenUntilMs - clock.now();
    if (brokenMs > 0) await clock.sleep(brokenMs, signal);
    if (signal.aborted) return undefined;
    const sink = new RecordingSink(this.heard, this.#options.plan.unsureFrames, async () => {
      await process.hears();
      const hungMs = this.#hungUntilMs - clock.now();
      if (hungMs > 0 || this.#options.plan.slowMs > 0)
        await clock.sleep(Math.max(hungMs, this.#options.plan.slowMs));
      if (this.#brokenUntilMs > clock.now()) {
        sink.lose();
        throw new Error('it broke off');
      }
    });
    this.#sink = sink;
    return this.#options.bug?.sink?.(sink) ?? sink;
  }
}

/** Keeps what it is given: as a socket's client would, or as pieces, which are sure only when they are whole. */
class RecordingSink implements AudioSink {
  readonly #heard: HeardBySession;
  readonly #unsureFrames: number;
  readonly #take: () => Promise<void>;
  #first: number;
  #lostFrom: number | undefined;
  #hasStarted = false;
  #isClosed = false;

  constructor(heard: HeardBySession, unsureFrames: number, take: () => Promise<void>) {
    this.#heard = heard;
    // What was heard before it has told anything is sure.
    this.#first = heard.given;
    this.#unsureFrames = unsureFrames;
    this.#take = take;
  }

  get safe(): number {
    return this.#lostFrom ?? Math.max(this.#first, this.#heard.given - this.#unsureFrames);
  }

  /** It is over with it: what wasn't sure is lost, once. */
  lose(): void {
    this.#lostFrom ??= this.safe;
    this.#heard.forgetFrom(this.#lostFrom);
  }

  start({ startFrame }: { readonly startFrame: number }): Promise<void> {
    this.#first = startFrame;
    this.#hasStarted = true;
    return this.#given(() => {
      this.#heard.start(startFrame);
    });
  }

  audio(...args: Parameters<AudioSink['audio']>): Promise<void> {
    return this.#given(() => {
      this.#heard.audio(...args);
    });
  }

  late(...args: Parameters<AudioSink['late']>): Promise<void> {
    return this.#given(() => {
      this.#heard.late(...args);
    });
  }

  gap(...args: Parameters<AudioSink['gap']>): Promise<void> {
    return this.#given(() => {
      this.#heard.gap(...args);
    });
  }

  end(): Promise<void> {
    // Of a call that was over before there was anything to give, that is all that is said.
    this.#hasStarted = true;
    return this.#given(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
  }

  async #given(keep: () => void): Promise<void> {
    await this.#take();
    if (this.#isClosed) throw new Error('it is closed');
    if (!this.#hasStarted) this.#heard.untold();
    keep();
  }
}

function aliveClock(clock: Clock, process: SimulatedProcess): Clock {
  return {
    now: () => clock.now(),
    sleep: async (ms, signal) => {
      await clock.sleep(ms, signal);
      await process.hears();
    },
  };
}

function portsOf({ tape, checkpoints }: Pick<Services, 'tape' | 'checkpoints'>, process: SimulatedProcess) {
  const heard = async <T>(answer: Promise<T>): Promise<T> => {
    const value = await answer;
    await process.hears();
    return value;
  };
  return {
    tape: {
      ...tape,
      list: (...args: Parameters<typeof tape.list>) => heardBy(tape.list(...args), process),
      read: (key: string) => heard(tape.read(key)),
    },
    checkpoints: { read: (id: string) => heard(checkpoints.read(id)) },
  };
}

async function* heardBy<T>(values: AsyncIterable<T>, process: SimulatedProcess): AsyncGenerator<T> {
  for await (const value of values) {
    await process.hears();
    yield value;
  }
}
