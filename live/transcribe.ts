/** The sink `transcribe` with AWS's clients; loaded where it is asked for alone. */
import { randomInt } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TableCalls } from '../ports/calls/table-calls.ts';
import { CONTROL_CLIENT } from '../ports/runtime/aws-client-config.ts';
import { systemClock } from '../ports/runtime/clock.ts';
import { scaledClock } from '../ports/runtime/scaled-clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { callsIn, transcriptsIn } from '../ports/table/dynamodb-table.ts';
import { SdkTranscribe } from '../ports/transcribe/sdk-transcribe.ts';
import { TableTranscripts } from '../ports/transcripts/table-transcripts.ts';
import type { Recording } from '../recording/identity.ts';
import type { Opener } from './sinks/audio-sink.ts';
import { languageRequest } from './sinks/transcribe/language.ts';
import type { TranscribeSettings } from './sinks/transcribe/settings.ts';
import { TranscribeSink } from './sinks/transcribe/transcribe.ts';

const RANDOM_STEPS = 2 ** 32;
/** A stand-in that hears faster than it is spoken is given more at once. */
const STANDIN_BYTES_MAX = 64 * 1024 * 1024;

export function transcribeOpener(
  settings: TranscribeSettings,
  recording: Recording,
  telemetry: Telemetry,
): Opener {
  const { callsTable, transcriptsTable, scale, filterMethod, pii, piiTypes, keepDays, patterns } = settings;
  const client = new DynamoDBClient(CONTROL_CLIENT);
  const calls = callsTable === undefined ? undefined : new TableCalls(callsIn(client, callsTable));
  const transcripts = new TableTranscripts(transcriptsIn(client, transcriptsTable));
  const clock = systemClock;
  return {
    open: async () => {
      const language = await languageRequest(settings, recording, { calls, clock, telemetry });
      return new TranscribeSink({
        transcribe: new SdkTranscribe(),
        transcripts,
        request: {
          ...language,
          filterMethod: language.filters.length > 0 ? filterMethod : undefined,
          pii,
          piiTypes,
        },
        clock,
        ...(scale !== 1 && { pumpClock: scaledClock(clock, scale), unheardBytesMax: STANDIN_BYTES_MAX }),
        random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
        telemetry,
        keepDays,
        patterns,
      });
    },
    close: () => {
      client.destroy();
    },
  };
}
