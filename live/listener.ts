/**
 * One sink and its recording: what comes is laid out and given, and where it could go on is kept. Each sink reads by
 * itself, so that none waits for another.
 */
import { LIVE_METRICS } from '../contract/metrics.ts';
import type { NumberedFragment } from '../matroska/fragment.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Ended } from '../recording/checkpoint.ts';
import { type Recording, recordingId } from '../recording/identity.ts';
import { follow, type FollowEnd, type FollowPorts, LAST_OF_ALL } from './follow.ts';
import { Giver } from './giver.ts';
import { later, Overheard } from './overheard.ts';
import { Rest } from './rest.ts';
import { type AudioSink, ListenerLeft, type LiveEnd } from './sinks/audio-sink.ts';
import { Behind } from './timeline/behind.ts';
import { LIVE_WINDOW_MS, type LiveState, LiveTimeline } from './timeline/live-timeline.ts';

export interface ListenerOptions {
  readonly ports: FollowPorts & { readonly telemetry: Telemetry };
  readonly recording: Recording;
  /** What the log calls the sink. */
  readonly name: string;
  /** @returns undefined when the signal came before there was somebody to give to */
  readonly open: (signal: AbortSignal) => Promise<AudioSink | undefined>;
  /** Where an earlier listener had come to. */
  readonly state?: LiveState | undefined;
  /** Called with where a later one could go on, whenever that has changed. */
  readonly onState: (state: LiveState) => void;
  readonly windowMs?: number;
  readonly pollMs?: number;
}

const RETRY_MS = { first: 500, most: 30_000 };
/** How long reading the rest may take once the listener has to leave, to tell what isn't given any more. */
const REST_MS = 8_000;
/** How long a sink may take to take what is being given when the listener has to leave. */
const LEAVE_MS = 10_000;

/** @returns why it is over */
export async function listen(options: ListenerOptions, signal: AbortSignal): Promise<LiveEnd> {
  return new Listener(options).run(signal);
}

class Listener {
  readonly #options: ListenerOptions;
  readonly #windowMs: number;
  readonly #behind: Behind;
  readonly #overheard: Overheard;
  /** The first number that isn't the recording's, once it is known. */
  #endBefore: bigint | undefined;
  /** States behind fragments: the last one of which all is safe, and those behind it. */
  #states: [LiveState, ...LiveState[]];
  /**
   * The last fragment that was taken, by a sink that broke off, too: what it told of earlier ones whoever listens has heard,
   * though the next sink goes on before it. What an earlier program took nobody knows.
   */
  #taken: bigint | undefined;
  /** One past the last frame that a sink which broke off was sure of; what an earlier program’s was sure of nobody knows. */
  #surelyHeard: number;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#windowMs = options.windowMs ?? LIVE_WINDOW_MS;
    this.#behind = new Behind(options.ports.clock, options.ports.telemetry);
    const { recording, ports } = options;
    this.#overheard = new Overheard({ tape: ports.tape, recording, windowMs: this.#windowMs });
    this.#taken = options.state && LAST_OF_ALL;
    this.#surelyHeard = options.state ? Infinity : 0;
    this.#states = [options.state ?? new LiveTimeline().state];
  }

  async run(signal: AbortSignal): Promise<LiveEnd> {
    const { ports, name } = this.#options;
    for (let waitMs = RETRY_MS.first; !signal.aborted; waitMs = Math.min(2 * waitMs, RETRY_MS.most)) {
      const sink = await this.#options.open(signal);
      if (!sink) break;
      const [before] = this.#states;
      const forget = this.#closeSoonAfter(signal, sink);
      try {
        return await this.#serve(sink, signal);
      } catch (error) {
        if (error instanceof ListenerLeft) return 'ended';
        ports.telemetry.publish([[LIVE_METRICS.failures, 1]]);
        ports.telemetry.warn('whoever listens can’t be reached', {
          sink: name,
          error: nameOf(error),
          waitMs,
        });
        const [safe] = this.#states;
        if (safe !== before) waitMs = RETRY_MS.first;
        // What wasn't safe is given again.
        this.#states = [safe];
        await ports.clock.sleep(waitMs, signal);
      } finally {
        forget();
        sink.close();
      }
    }
    return 'stopped';
  }

  /** One that takes nothing any more must not keep this program from leaving. @returns what makes it be forgotten */
  #closeSoonAfter(signal: AbortSignal, sink: AudioSink): () => void {
    const close = () => {
      void this.#options.ports.clock.sleep(LEAVE_MS).then(() => {
        sink.close();
      });
    };
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
    return () => {
      signal.removeEventListener('abort', close);
    };
  }

  async #serve(sink: AudioSink, signal: AbortSignal): Promise<LiveEnd> {
    const { ports, recording, pollMs } = this.#options;
    const [state] = this.#states;
    const timeline = new LiveTimeline(state, this.#windowMs);
    const giver = new Giver(sink, recording, timeline, state.given);
    const broken = new AbortController();
    const fragments = follow(ports, recording, {
      after: state.settled,
      signal: AbortSignal.any([signal, broken.signal]),
      ...(pollMs !== undefined && { pollMs }),
      onEnded: this.#noteEnd,
    });
    try {
      const end = await this.#giveAll(fragments, timeline, giver, sink, signal);
      const last = end === 'ended' ? await this.#giveLast(timeline, giver) : undefined;
      const isOver = end === 'stopped' && (await this.#tellRest(timeline, giver));
      await giver.end(isOver ? 'ended' : end);
      if (last) this.#keep(last, sink);
      return isOver ? 'ended' : end;
    } finally {
      this.#taken = later(this.#taken, timeline.state.taken);
      this.#surelyHeard = Math.max(this.#surelyHeard, Math.min(sink.safe, timeline.state.given));
      broken.abort();
      void fragments.return('stopped').catch(() => undefined);
    }
  }

  readonly #noteEnd = ({ endBefore }: Ended): void => {
    this.#endBefore = endBefore === undefined ? undefined : BigInt(endBefore);
  };

  /** Nothing follows. @returns where it has come to */
  async #giveLast(timeline: LiveTimeline, giver: Giver): Promise<LiveState> {
    const last = (await this.#correct(timeline, giver)) ?? timeline;
    await giver.give(last.finish());
    await this.#forgetBehind(last.state.given, giver);
    return last.state;
  }

  /** A sink that broke off was given what it overheard, and keeps it, unless it is told that the call goes on before that. */
  async #forgetBehind(end: number, giver: Giver): Promise<void> {
    if (this.#surelyHeard > end) await giver.begin();
  }

  /** @returns what goes on in its place, where it had taken too much */
  async #correct(timeline: LiveTimeline, giver: Giver): Promise<LiveTimeline | undefined> {
    if (this.#endBefore === undefined) return undefined;
    const corrected = await this.#overheard.correct(timeline, this.#endBefore, this.#taken);
    if (!corrected) return undefined;
    giver.goOnWith(corrected.timeline, corrected.formatBefore);
    for await (const output of corrected.outputs) await giver.give([output]);
    return corrected.timeline;
  }

  async #giveAll(
    fragments: AsyncGenerator<NumberedFragment, FollowEnd>,
    timeline: LiveTimeline,
    giver: Giver,
    sink: AudioSink,
    signal: AbortSignal,
  ): Promise<FollowEnd> {
    for (;;) {
      const coming = fragments.next();
      // What is held back for the other side goes out when nothing comes.
      if (await this.#isQuiet(coming)) await giver.give(timeline.flush());
      const next = await coming;
      if (next.done === true) return next.value;
      await giver.give(timeline.add(next.value));
      this.#behind.note(timeline.state.given, timeline.format);
      this.#keep(timeline.state, sink);
      this.#overheard.note(timeline.state);
      if (signal.aborted) return 'stopped';
    }
  }

  async #isQuiet(coming: Promise<unknown>): Promise<boolean> {
    const enough = new AbortController();
    const quiet = this.#options.ports.clock.sleep(this.#windowMs, enough.signal).then(() => true);
    const came = coming.then(
      () => false,
      () => false,
    );
    const isQuiet = await Promise.race([came, quiet]);
    enough.abort();
    return isQuiet;
  }

  #keep(state: LiveState, sink: AudioSink): void {
    this.#states.push(state);
    const safe = this.#states.findLastIndex(({ given }) => given <= sink.safe);
    const now = this.#states[safe];
    if (safe <= 0 || now === undefined) return;
    this.#states = [now, ...this.#states.slice(safe + 1)];
    this.#options.onState(now);
  }

  /**
   * The listener has to leave. Where the call is over nobody comes after it: what isn't given is told, and what was given
   * where it doesn't belong.
   * @returns whether it is
   */
  async #tellRest(timeline: LiveTimeline, giver: Giver): Promise<boolean> {
    const { checkpoints } = this.#options.ports;
    const checkpoint = await checkpoints.read(recordingId(this.#options.recording)).catch(() => undefined);
    if (!checkpoint?.ended) return false;
    this.#noteEnd(checkpoint.ended);
    const { state } = timeline;
    const corrected = await this.#correct(timeline, giver);
    const rest = new Rest(state.given);
    if (corrected) rest.add(corrected.finish());
    else if (!(await this.#readRest(state, rest, giver))) return false;
    await giver.give(rest.moved);
    if (rest.end > state.given) await giver.tellEnd(state.given, rest.end - state.given);
    await this.#forgetBehind(rest.end, giver);
    return true;
  }

  /** @returns false where the tape can't be read in time */
  async #readRest(state: LiveState, rest: Rest, giver: Giver): Promise<boolean> {
    const { ports, recording } = this.#options;
    const { tape, checkpoints, clock, telemetry } = ports;
    const timeline = new LiveTimeline(state, this.#windowMs);
    const enough = new AbortController();
    void clock.sleep(REST_MS, enough.signal).then(() => {
      enough.abort();
    });
    const fragments = follow({ tape, checkpoints, clock, telemetry }, recording, {
      after: state.settled,
      signal: enough.signal,
    });
    for (let next = await fragments.next(); ; next = await fragments.next()) {
      if (next.done !== true) rest.add(timeline.add(next.value));
      else if (next.value !== 'ended') return false;
      else break;
    }
    enough.abort();
    rest.add(timeline.finish());
    giver.goOnWith(timeline);
    return true;
  }
}

/** A name alone: messages may hold what was asked for. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
