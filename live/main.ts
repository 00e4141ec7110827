/**
 * The listener: gives one recording, while it is recorded, to whoever listens. It runs beside the recorder, and can't
 * change anything of what that does.
 *
 * Exit codes: 0, all has been given, or told; 1 a failure; 2 the environment is wrong; 143 SIGTERM, and another one may
 * go on.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { LIVE_METRICS } from '../contract/metrics.ts';
import { TableCheckpoints } from '../ports/checkpoints/table-checkpoints.ts';
import type { LiveObjects } from '../ports/live-objects/live-objects.ts';
import { S3LiveObjects } from '../ports/live-objects/s3-live-objects.ts';
import { CONTROL_CLIENT, OBJECT_CLIENT, TAPE_CLIENT } from '../ports/runtime/aws-client-config.ts';
import { systemClock } from '../ports/runtime/clock.ts';
import { keepHeapSmall } from '../ports/runtime/heap.ts';
import { powertoolsTelemetry } from '../ports/runtime/powertools-telemetry.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { checkpointsIn, transcriptsIn } from '../ports/table/dynamodb-table.ts';
import { S3Tape } from '../ports/tape/s3-tape.ts';
import { TableTranscripts } from '../ports/transcripts/table-transcripts.ts';
import type { Recording } from '../recording/identity.ts';
import { type ErasedWordsPorts, removeErasedWords } from './erased-words.ts';
import { FeedSocket } from './feed-socket.ts';
import type { FollowPorts } from './follow.ts';
import { KeptStates } from './kept-states.ts';
import { leaveAfterEnd } from './leaving.ts';
import { listen } from './listener.ts';
import { CHILD_VARIABLE, runAgainAndAgain } from './parent.ts';
import { type LiveSettings, readLiveSettings, type SinkSettings } from './settings.ts';
import type { LiveEnd, Opener } from './sinks/audio-sink.ts';
import { openExec } from './sinks/exec.ts';
import { PiecesSink } from './sinks/pieces.ts';
import { recogniseOpener } from './sinks/recognise/opener.ts';
import { SocketListeners } from './sinks/socket.ts';

const EXIT = { ok: 0, failed: 1, misconfigured: 2, terminated: 143 } as const;
/** The stop timeout is 120 s, and the recorder may need the processor. */
const LEAVE_MS = 30_000;
/** What the parent has been told, by sink. */
const Told = v.record(v.string(), v.string());
/** A sink that can't begin is begun again after so long. */
const AGAIN_MS = { first: 500, most: 30_000 };

/** @param longestMs after which it terminates by itself; Infinity: it doesn't */
function onTermination(leaveMs: number, longestMs = Infinity): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    setTimeout(() => process.exit(EXIT.terminated), leaveMs).unref();
    controller.abort();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // The parent is gone: nobody else would ever tell this one to leave.
  process.once('disconnect', stop);
  if (Number.isFinite(longestMs)) setTimeout(stop, longestMs).unref();
  return controller.signal;
}

async function serve(settings: LiveSettings, told: Record<string, string>): Promise<number> {
  const telemetry = powertoolsTelemetry(process.env, settings.recording);
  const terminated = onTermination(LEAVE_MS);
  const objects = new S3LiveObjects(new S3Client(OBJECT_CLIENT), settings.bucket);
  const states = new KeptStates({
    ...settings,
    objects,
    told,
    clock: systemClock,
    telemetry,
    // A parent that goes meanwhile is no failure.
    tell: (sink, state) => process.send?.({ sink, state }, undefined, undefined, () => undefined),
  });
  const saved = new AbortController();
  const saving = states.saveNowAndThen(saved.signal);
  const ports = {
    tape: new S3Tape(new S3Client(TAPE_CLIENT), settings.bucket),
    checkpoints: new TableCheckpoints(
      checkpointsIn(new DynamoDBClient(CONTROL_CLIENT), settings.checkpointsTable),
      systemClock,
    ),
    clock: systemClock,
    telemetry,
  };
  const done = new AbortController();
  const over =
    settings.longestSeconds < Infinity ? overSignal(settings.recording, ports, done.signal) : undefined;
  const signal = over ? AbortSignal.any([terminated, over]) : terminated;
  const ends = await Promise.all(
    settings.sinks.map((sink) =>
      againAndAgain(sink.name, telemetry, signal, () =>
        serveSink(sink, settings, ports, objects, states, signal),
      ),
    ),
  );
  done.abort();
  saved.abort();
  await saving;
  await leaveNoWords(settings, ports);
  return ends.includes('stopped') && over?.aborted !== true ? EXIT.terminated : EXIT.ok;
}

/** In a task of its own nobody tells the listener to leave when the recording has ended. */
function overSignal(
  recording: Recording,
  ports: FollowPorts & { readonly telemetry: Telemetry },
  done: AbortSignal,
): AbortSignal {
  const over = new AbortController();
  void leaveAfterEnd(ports, recording, done).then((hasEnded) => {
    if (!hasEnded) return;
    // What can't be left in time is left all the same, and isn't begun anew.
    setTimeout(() => process.exit(EXIT.ok), LEAVE_MS).unref();
    over.abort();
  });
  return over.signal;
}

/** Of a recording that has been erased meanwhile. */
async function leaveNoWords(
  { sinks, recording }: LiveSettings,
  ports: Pick<ErasedWordsPorts, 'checkpoints' | 'telemetry'>,
): Promise<void> {
  const [table] = sinks.flatMap((sink) => ('transcriptsTable' in sink ? [sink.transcriptsTable] : []));
  if (table === undefined) return;
  const transcripts = new TableTranscripts(transcriptsIn(new DynamoDBClient(CONTROL_CLIENT), table));
  await removeErasedWords({ ...ports, transcripts }, recording);
}

/** One that can't begin, such as where its socket can't be, keeps none of the others from what they do. */
async function againAndAgain(
  sink: string,
  telemetry: Telemetry,
  signal: AbortSignal,
  work: () => Promise<LiveEnd>,
): Promise<LiveEnd> {
  for (let waitMs = AGAIN_MS.first; !signal.aborted; waitMs = Math.min(2 * waitMs, AGAIN_MS.most)) {
    try {
      return await work();
    } catch (error) {
      telemetry.publish([[LIVE_METRICS.failures, 1]]);
      telemetry.error('a sink can’t begin now', error, { sink, waitMs });
      await systemClock.sleep(waitMs, signal);
    }
  }
  return 'stopped';
}

async function serveSink(
  sink: SinkSettings,
  { recording, feedSocket, windowMs }: LiveSettings,
  ports: FollowPorts & { readonly telemetry: Telemetry },
  objects: LiveObjects,
  states: KeptStates,
  signal: AbortSignal,
): Promise<LiveEnd> {
  // Each has a connection of its own, and takes as long as it takes.
  const feed = feedSocket === undefined ? undefined : new FeedSocket(feedSocket);
  const { open, close } = await opener(sink, recording, objects, ports.telemetry);
  try {
    const end = await listen(
      {
        ports: { ...ports, feed },
        recording,
        name: sink.name,
        open,
        state: await states.of(sink.name),
        onState: (state) => {
          states.keep(sink.name, state);
        },
        windowMs,
      },
      signal,
    );
    ports.telemetry.info('done', { sink: sink.name, end });
    return end;
  } finally {
    feed?.leave();
    close();
  }
}

async function opener(
  sink: SinkSettings,
  recording: Recording,
  objects: LiveObjects,
  telemetry: Telemetry,
): Promise<Opener> {
  switch (sink.name) {
    case 'pieces':
      return {
        open: () => Promise.resolve(new PiecesSink(objects, sink.pieceSeconds)),
        close: () => undefined,
      };
    case 'exec': {
      const onFailure = (what: string) => {
        telemetry.warn('what is told on its standard input failed', { what });
      };
      return {
        open: () => Promise.resolve(openExec(sink.command, { ownGroup: true, onFailure })),
        close: () => undefined,
      };
    }
    case 'recognise':
      return recogniseOpener(sink, recording, systemClock, telemetry);
    case 'socket': {
      const listeners = await SocketListeners.listen(sink.path, systemClock);
      return {
        open: (signal) => listeners.next(signal),
        close: () => {
          listeners.close();
        },
      };
    }
    case 'transcribe': {
      const { transcribeOpener } = await import('./transcribe-opener.ts');
      return transcribeOpener(sink, recording, telemetry);
    }
    case 'websocket': {
      const { webSocketOpenerOf } = await import('./websocket.ts');
      const openSink = webSocketOpenerOf(sink, telemetry);
      return { open: () => Promise.resolve(openSink()), close: () => undefined };
    }
  }
}

async function main(): Promise<number> {
  const telemetry = powertoolsTelemetry(process.env);
  try {
    const settings = readLiveSettings(process.env);
    const told = process.env[CHILD_VARIABLE];
    if (told === undefined)
      return await runAgainAndAgain({
        program: process.argv[1] ?? '',
        final: [EXIT.ok, EXIT.misconfigured],
        clock: systemClock,
        telemetry: powertoolsTelemetry(process.env, settings.recording),
        signal: onTermination(2 * LEAVE_MS, settings.longestSeconds * 1_000),
      });
    return await serve(settings, v.parse(Told, JSON.parse(told)));
  } catch (error) {
    telemetry.error('the listener failed', error);
    return error instanceof Error && error.name === 'RecordingError' ? EXIT.misconfigured : EXIT.failed;
  }
}

keepHeapSmall();
void main().then((code) => {
  process.exit(code);
});
