/** Recognisers of one recording, one after the other where one breaks off. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TableCalls } from '../../../ports/calls/table-calls.ts';
import { CONTROL_CLIENT } from '../../../ports/runtime/aws-client-config.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import type { Telemetry } from '../../../ports/runtime/telemetry.ts';
import { callsIn, transcriptsIn } from '../../../ports/table/dynamodb-table.ts';
import { TableTranscripts } from '../../../ports/transcripts/table-transcripts.ts';
import type { Recording } from '../../../recording/identity.ts';
import type { Opener } from '../audio-sink.ts';
import { namedLanguage } from '../language-attribute.ts';
import { SocketListeners } from '../socket.ts';
import { Lag } from './lag.ts';
import { RecogniseSink } from './recognise.ts';
import type { RecogniseSettings } from './settings.ts';
import { socketTalker, startTalker, type Talker } from './talker.ts';

export async function recogniseOpener(
  settings: RecogniseSettings,
  recording: Recording,
  clock: Clock,
  telemetry: Telemetry,
): Promise<Opener> {
  const client = new DynamoDBClient(CONTROL_CLIENT);
  const transcripts = new TableTranscripts(transcriptsIn(client, settings.transcriptsTable));
  const { attribute, callsTable } = settings;
  const calls = callsTable === undefined ? undefined : new TableCalls(callsIn(client, callsTable));
  const lag = settings.behindMs === Infinity ? undefined : new Lag(settings.behindMs);
  const { told } = settings;
  const events = told && (await import('../words-events.ts')).segmentEvents(told, telemetry);
  const { next, close } = await talkers(settings, clock);
  return {
    open: async (signal) => {
      const talker = await next(signal);
      if (talker === undefined) return undefined;
      const language = await namedLanguage(attribute, recording, { calls, clock, telemetry });
      return new RecogniseSink(talker, {
        ...settings,
        transcripts,
        clock,
        telemetry,
        lag,
        events,
        language,
      });
    },
    close: () => {
      close();
      client.destroy();
    },
  };
}

interface Talkers {
  readonly next: (signal: AbortSignal) => Promise<Talker | undefined>;
  readonly close: () => void;
}

async function talkers({ by }: RecogniseSettings, clock: Clock): Promise<Talkers> {
  if ('command' in by)
    return { next: () => Promise.resolve(startTalker(by.command)), close: () => undefined };
  const listeners = await SocketListeners.listen(by.socket, clock);
  return {
    next: async (signal) => {
      const socket = await listeners.nextSocket(signal);
      return socket && socketTalker(socket);
    },
    close: () => {
      listeners.close();
    },
  };
}
