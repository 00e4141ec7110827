/** What the tests of both dialects share: sinks as settings make them, and calls to give to them. */
import type { LiveCall } from '../../../live/sinks/audio-sink.ts';
import { webSocketOpener } from '../../../live/sinks/websocket/open.ts';
import { readWebSocketSettings } from '../../../live/sinks/websocket/settings.ts';
import type { WebSocketSink } from '../../../live/sinks/websocket/websocket-sink.ts';
import type { Calls } from '../../../ports/calls/calls.ts';
import { type Clock, systemClock } from '../../../ports/runtime/clock.ts';
import type { Secret } from '../../../ports/secrets/secret.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { fragmentsOf, plansOf, wholeCall } from '../../recording/audio/timed-calls.ts';
import { RECORDING } from '../../support/call.ts';
import type { OwnOfTest } from '../../support/own-of-test.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';
import { listenTo, Recorder, type Run } from '../recorder.ts';

export const RATE = 8_000;
export const CALL: LiveCall = {
  recording: RECORDING,
  sampleRate: RATE,
  originMs: 1_773_480_413_589,
  startFrame: 0,
};
export const CUSTOMER_NUMBER = '+12025550143';
export const SYSTEM_NUMBER = '+12025550100';
export const ATTRIBUTES = { language: 'en-GB', contactId: 'of the flow' };

export const SECONDS = 12;
const FRAGMENTS = fragmentsOf(plansOf(SECONDS));
export const WAV = wholeCall(SECONDS);

export interface Opening {
  readonly url: string;
  readonly dialect: 'audiohook' | 'twilio';
  readonly environment?: Readonly<Record<string, string>>;
  readonly secret?: Secret;
  readonly clock?: Clock;
}

export interface Opened {
  readonly open: () => WebSocketSink;
  readonly telemetry: RecordedTelemetry;
}

/** A record such as the connect function writes: both flags stand for what a deployment keeps. */
const calls: Pick<Calls, 'get'> = {
  get: () =>
    Promise.resolve({
      customerNumber: CUSTOMER_NUMBER,
      systemNumber: SYSTEM_NUMBER,
      attributes: ATTRIBUTES,
    } as Partial<CallRecord> as CallRecord),
};

export function opening({ url, dialect, environment, secret, clock = systemClock }: Opening): Opened {
  const telemetry = new RecordedTelemetry();
  const settings = readWebSocketSettings({
    CALLSPOOL_LIVE_WEBSOCKET_URL: url,
    CALLSPOOL_LIVE_WEBSOCKET_DIALECT: dialect,
    ...environment,
  });
  return { open: webSocketOpener(settings, { secret, calls, clock, telemetry }), telemetry };
}

/** Interleaved S16LE, so many seconds: every sample tells where it belongs. */
export function speechOf(seconds: number): Buffer {
  const stereo = Buffer.alloc(seconds * RATE * 4);
  for (let at = 0; at < stereo.length / 2; at += 1)
    stereo.writeInt16LE(((at * 7_919) % 65_536) - 32_768, at * 2);
  return stereo;
}

/** @param toFrame without it, to the end */
export async function give(
  sink: WebSocketSink,
  stereo: Buffer,
  fromFrame = 0,
  toFrame = stereo.length / 4,
): Promise<void> {
  for (let frame = fromFrame; frame < toFrame; frame += RATE)
    await sink.audio(frame, stereo.subarray(frame * 4, 4 * Math.min(frame + RATE, toFrame)));
}

export interface Listening extends Run {
  readonly recorder: Recorder;
}

/** The listener with a recorder that has kept some of the call. */
export async function listening(
  own: OwnOfTest,
  open: () => WebSocketSink,
  keep = SECONDS,
): Promise<Listening> {
  const recorder = new Recorder(own.dir, FRAGMENTS);
  await recorder.start();
  const run = listenTo(recorder, () => Promise.resolve(open()));
  own.closeAfter(() => recorder.feed?.end());
  own.closeAfter(() => {
    run.stop();
  });
  recorder.keep(keep);
  return { ...run, recorder };
}
