/** A recorder that keeps fragments, puts some of them on the tape at a time, and feeds whoever listens. */
import { join } from 'node:path';
import { FeedSocket } from '../../live/feed-socket.ts';
import { listen, type ListenerOptions } from '../../live/listener.ts';
import type { LiveState } from '../../live/timeline/live-timeline.ts';
import type { NumberedFragment } from '../../matroska/fragment.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import { type Checkpoint, type Ended, NO_COUNTS } from '../../recording/checkpoint.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { FeedServer } from '../../task/feed/feed-server.ts';
import { RECORDING } from '../support/call.ts';

export class Recorder {
  readonly tape = new MemoryTape();
  readonly #fragments: readonly NumberedFragment[];
  #kept = 0;
  #taped = 0;
  #over = false;
  feed: FeedServer | undefined;
  readonly path: string;

  readonly recording: Recording;
  readonly #endBefore: bigint | undefined;

  /** @param endBefore what it learns, once it has kept all: the first number that isn't the recording's */
  constructor(
    folder: string,
    fragments: readonly NumberedFragment[],
    { recording = RECORDING, endBefore }: { recording?: Recording; endBefore?: bigint } = {},
  ) {
    const { contactId, startFragmentNumber } = recording;
    this.recording = { contactId, startFragmentNumber };
    this.#endBefore = endBefore;
    this.path = join(folder, 'feed.sock');
    this.#fragments = fragments;
  }

  async start(): Promise<void> {
    this.feed = await FeedServer.listen({ path: this.path, clock: systemClock, telemetry: silentTelemetry });
  }

  keep(count: number): void {
    for (const fragment of this.#fragments.slice(this.#kept, this.#kept + count))
      this.feed?.take({ fragment, keptAs: 'whole', source: 'live' });
    this.#kept += count;
  }

  /** Keeps what the live stream didn't bring: nobody is fed it. */
  miss(count: number): void {
    this.#kept += count;
  }

  async store(): Promise<void> {
    const run = this.#fragments.slice(this.#taped, this.#kept);
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) return;
    const bytes = Buffer.concat(run.flatMap(({ pieces }) => pieces));
    await this.tape.append(this.recording, { first: first.number, last: last.number, bytes });
    this.#taped = this.#kept;
    this.feed?.onTape(last.number);
  }

  async end(): Promise<void> {
    await this.store();
    this.#over = true;
    this.feed?.end();
  }

  get #ended(): Ended {
    const at = '2026-03-14T09:30:00Z';
    if (this.#endBefore === undefined) return { reason: 'DISCONNECTED', at };
    return { reason: 'NEXT_RECORDING', at, endBefore: this.#endBefore.toString() };
  }

  readonly checkpoints = {
    read: (): Promise<Checkpoint> => {
      const last = this.#fragments[this.#taped - 1];
      return Promise.resolve({
        recordingId: recordingId(this.recording),
        attempt: 1,
        counters: NO_COUNTS,
        losses: [],
        ...(last && { position: { lastFragmentNumber: last.number } }),
        ...(this.#over && { ended: this.#ended }),
      });
    },
  };
}

export interface Run {
  readonly done: Promise<string>;
  readonly states: LiveState[];
  readonly stop: () => void;
}

export function listenTo(recorder: Recorder, open: ListenerOptions['open'], state?: LiveState): Run {
  const controller = new AbortController();
  const states: LiveState[] = [];
  const feed = new FeedSocket(recorder.path);
  const { tape, checkpoints, recording } = recorder;
  const ports = { tape, checkpoints, feed, clock: systemClock, telemetry: silentTelemetry };
  const onState = (now: LiveState) => states.push(now);
  const options = { ports, recording, name: 'test', open, onState, pollMs: 50, windowMs: 500 };
  const done = listen({ ...options, state }, controller.signal).finally(() => {
    feed.leave();
  });
  return {
    done,
    states,
    stop: () => {
      controller.abort();
    },
  };
}
