/** Makes the sink `transcribe` of its settings, for a call. */
import { randomInt } from 'node:crypto';
import type { Clock } from '../../../ports/runtime/clock.ts';
import { scaledClock } from '../../../ports/runtime/scaled-clock.ts';
import type { Telemetry } from '../../../ports/runtime/telemetry.ts';
import type { Transcribe } from '../../../ports/transcribe/transcribe.ts';
import type { Transcripts } from '../../../ports/transcripts/transcripts.ts';
import type { Recording } from '../../../recording/identity.ts';
import type { LanguagePorts } from '../language-attribute.ts';
import type { SegmentEvents } from '../segment-events.ts';
import { languageRequest } from './language.ts';
import type { ServiceSettings } from './settings.ts';
import { TranscribeSink } from './transcribe.ts';

const RANDOM_STEPS = 2 ** 32;
/** A stand-in that hears faster than it is spoken is given more at once. */
const STANDIN_BYTES_MAX = 64 * 1024 * 1024;

export interface MakingPorts {
  readonly transcribe: Transcribe;
  readonly transcripts: Transcripts;
  /** Where the language's attribute is read; undefined: nowhere. */
  readonly calls: LanguagePorts['calls'];
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'warn' | 'error' | 'publish'>;
  readonly events?: SegmentEvents | undefined;
  /** How long what is left may take when all has been given; default: what the recorder waits for its listeners. */
  readonly endMs?: number;
}

export async function newTranscribeSink(
  settings: ServiceSettings,
  recording: Recording,
  { calls, ...ports }: MakingPorts,
): Promise<TranscribeSink> {
  const { scale, filterMethod, pii, piiTypes, keepDays, patterns } = settings;
  const { clock, telemetry } = ports;
  const language = await languageRequest(settings, recording, { calls, clock, telemetry });
  return new TranscribeSink({
    ...ports,
    request: {
      ...language,
      filterMethod: language.filters.length > 0 ? filterMethod : undefined,
      pii,
      piiTypes,
    },
    ...(scale !== 1 && { pumpClock: scaledClock(clock, scale), unheardBytesMax: STANDIN_BYTES_MAX }),
    random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
    keepDays,
    patterns,
  });
}
