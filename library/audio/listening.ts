/** A stream, heard: its fragments become seconds of audio. */
import { LIVE_WINDOW_MS, LiveTimeline } from '../../live/timeline/live-timeline.ts';
import type { LiveOutput } from '../../live/timeline/outputs.ts';
import type { NumberedFragment } from '../../matroska/fragment.ts';
import { StreamError } from '../stream/errors.ts';
import { fragmentNumberFrom } from '../stream/options.ts';
import { readStream, type StreamEvent } from '../stream/read.ts';
import { streamFragment } from '../stream/stream-fragment.ts';
import { asCall } from './as-call.ts';
import { checkListenOptions, type ListenEnd, type ListenOptions } from './options.ts';
import { ALL, oursOf } from './ours.ts';
import type { Second } from './second.ts';
import { type HeardOutput, Seconds } from './seconds.ts';
import { type Sound, soundOf } from './tracks.ts';

const PIECE_MS = 1_000;
/** How long a contact's stream must have brought nothing before its contact is taken to be over. */
const CONTACT_QUIET_MS = 600_000;

export async function* seconds(options: ListenOptions): AsyncGenerator<Second, ListenEnd> {
  checkListenOptions(options);
  const hearing = new Hearing(options);
  const quiet = options.contactId === undefined ? {} : { endWhenQuietMs: CONTACT_QUIET_MS };
  const events = readStream({ ...quiet, ...options });
  try {
    for (let next = await events.next(); ; next = await events.next()) {
      const end = next.done === true ? next.value : undefined;
      if (next.done !== true) yield* hearing.hear(next.value);
      if (end === undefined && !hearing.isOver) continue;
      if (end !== 'stopped') yield* hearing.finish();
      await options.onEnd?.(end ?? 'nextContact');
      return end ?? 'nextContact';
    }
  } finally {
    await events.return('stopped');
  }
}

/** What is known once the first fragment has told what the audio is. */
interface Heard {
  readonly timeline: LiveTimeline;
  readonly seconds: Seconds;
}

class Hearing {
  readonly #options: ListenOptions;
  readonly #windowMs: number;
  readonly #ours: typeof ALL;
  #heard: Heard | undefined;
  #sound: Sound | undefined;
  #quietMs = 0;

  constructor(options: ListenOptions) {
    const { contactId, startFragmentNumber, windowMs = LIVE_WINDOW_MS } = options;
    this.#options = options;
    this.#windowMs = windowMs;
    const start = startFragmentNumber === undefined ? undefined : fragmentNumberFrom(startFragmentNumber);
    this.#ours = contactId === undefined ? ALL : oursOf(contactId, start);
  }

  get isOver(): boolean {
    return this.#ours.isOver(this.#quietMs);
  }

  async *hear(event: StreamEvent): AsyncGenerator<Second, void> {
    this.#quietMs = event.kind === 'quiet' ? event.forMs : 0;
    switch (event.kind) {
      case 'lost':
        await this.#options.onLost?.(event);
        return;
      case 'quiet':
        // What is held back for the other side goes out when nothing comes.
        if (this.#heard && event.forMs >= this.#windowMs) yield* this.#give(this.#heard.timeline.flush());
        return;
      case 'fragment': {
        const { isWhole, behindMs } = event;
        for (const fragment of this.#ours.take(event.fragment)) {
          await this.#options.onFragment?.(streamFragment(fragment, isWhole, behindMs));
          yield* this.#add(fragment);
        }
      }
    }
  }

  async *finish(): AsyncGenerator<Second, void> {
    for (const fragment of this.#ours.rest()) yield* this.#add(fragment);
    if (!this.#heard) return;
    const { timeline, seconds: pieces } = this.#heard;
    yield* this.#give(timeline.finish());
    yield* this.#tell(pieces.finish(timeline.format));
  }

  async *#add(fragment: NumberedFragment): AsyncGenerator<Second, void> {
    const sound = this.#soundOf(fragment);
    if (typeof sound === 'string') {
      const { number } = fragment;
      await this.#options.onLost?.({ after: number - 1n, before: number + 1n, why: sound });
    } else if (sound) {
      this.#heard ??= this.#begin(fragment, sound);
      yield* this.#give(this.#heard.timeline.add(asCall(fragment, sound)));
    }
  }

  /** @throws StreamError where the first one can't be heard. @returns a text where a later one can't */
  #soundOf(fragment: NumberedFragment): Sound | string | undefined {
    // One that broke off before it says what it is, is as those before it.
    const sound = soundOf(fragment, this.#options.assume ?? this.#assumed());
    if (sound === undefined) return undefined;
    const before = this.#sound;
    if (typeof sound === 'string') {
      if (before) return sound;
      throw new StreamError('notPcm', `the stream can’t be heard: ${sound}`);
    }
    if (before && before.sampleRate !== sound.sampleRate)
      return `its sample rate is ${sound.sampleRate} where the stream’s is ${before.sampleRate}`;
    this.#sound ??= sound;
    return sound;
  }

  #assumed() {
    const [track] = this.#sound?.tracks ?? [];
    return this.#sound && track && { sampleRate: this.#sound.sampleRate, channels: track.channels };
  }

  #begin({ tracks }: NumberedFragment, sound: Sound): Heard {
    const sides = sound.tracks.reduce((most, { side, channels }) => Math.max(most, side + channels), 1);
    const isConnects = tracks.some(({ name }) => name?.startsWith('AUDIO_') === true);
    const channels = sides > 1 || isConnects ? 2 : 1;
    return {
      // Of one side alone there is no other one to wait for.
      timeline: new LiveTimeline(undefined, channels === 1 ? 0 : this.#windowMs),
      seconds: new Seconds(channels, this.#options.pieceMs ?? PIECE_MS),
    };
  }

  async *#give(outputs: Iterable<LiveOutput>): AsyncGenerator<Second, void> {
    for (const output of outputs) {
      const { format } = this.#heard?.timeline ?? {};
      if (format && this.#heard) yield* this.#tell(this.#heard.seconds.take(output, format));
    }
  }

  async *#tell(outputs: Iterable<HeardOutput>): AsyncGenerator<Second, void> {
    for (const output of outputs) {
      if (output.kind === 'gap') await this.#options.onGap?.(output.gap);
      else if (output.kind === 'late') await this.#options.onLate?.(output.late);
      else {
        await this.#options.onAudio?.(output.second);
        yield output.second;
      }
    }
  }
}
