/** The sink `transcribe` with AWS's clients; loaded where it is asked for alone. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TableCalls } from '../ports/calls/table-calls.ts';
import { CONTROL_CLIENT } from '../ports/runtime/aws-client-config.ts';
import { systemClock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { callsIn, transcriptsIn } from '../ports/table/dynamodb-table.ts';
import { SdkTranscribe } from '../ports/transcribe/sdk-transcribe.ts';
import { TableTranscripts } from '../ports/transcripts/table-transcripts.ts';
import type { Recording } from '../recording/identity.ts';
import type { Opener } from './sinks/audio-sink.ts';
import { newTranscribeSink } from './sinks/transcribe/make.ts';
import type { TranscribeSettings } from './sinks/transcribe/settings.ts';

export async function transcribeOpener(
  settings: TranscribeSettings,
  recording: Recording,
  telemetry: Telemetry,
): Promise<Opener> {
  const { callsTable, transcriptsTable } = settings;
  const client = new DynamoDBClient(CONTROL_CLIENT);
  const calls = callsTable === undefined ? undefined : new TableCalls(callsIn(client, callsTable));
  const transcripts = new TableTranscripts(transcriptsIn(client, transcriptsTable));
  const { told } = settings;
  const events = told && (await import('./sinks/words-events.ts')).segmentEvents(told, telemetry);
  const ports = { transcripts, events, calls, clock: systemClock, telemetry };
  return {
    open: () => newTranscribeSink(settings, recording, { ...ports, transcribe: new SdkTranscribe() }),
    close: () => {
      client.destroy();
    },
  };
}
