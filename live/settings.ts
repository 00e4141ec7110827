/** The listener's configuration, out of its environment variables alone. */
import { bounded, type Environment, optional, required } from '../contract/environment.ts';
import { LIVE_LIMITS } from '../contract/limits.ts';
import { LIVE_VARIABLES, RUN_VARIABLES } from '../contract/variables.ts';
import { RecordingError } from '../recording/errors.ts';
import { parseRecording, type Recording } from '../recording/identity.ts';
import { type RecogniseSettings, recogniseSettings } from './sinks/recognise/settings.ts';
import { type TranscribeSettings, transcribeSettings } from './sinks/transcribe/settings.ts';
import { readWebSocketSettings, type WebSocketSettings } from './sinks/websocket/settings.ts';

const SINK_NAMES = ['pieces', 'socket', 'exec', 'websocket', 'recognise', 'transcribe'] as const;

export type SinkSettings =
  | { readonly name: 'pieces'; readonly pieceSeconds: number }
  | { readonly name: 'socket'; readonly path: string }
  | { readonly name: 'exec'; readonly command: string }
  | WebSocketSettings
  | RecogniseSettings
  | TranscribeSettings;

export interface LiveSettings {
  readonly recording: Recording;
  readonly bucket: string;
  readonly checkpointsTable: string;
  readonly feedSocket: string | undefined;
  readonly windowMs: number;
  /** After so long it leaves, whatever there is; Infinity: somebody tells it to leave. */
  readonly longestSeconds: number;
  readonly sinks: readonly SinkSettings[];
}

/** @throws RecordingError that names the variable, and says what is allowed. */
export function readLiveSettings(env: Environment): LiveSettings {
  const names = required(env, LIVE_VARIABLES.sinks)
    .split(',')
    .map((name) => name.trim());
  return {
    recording: parseRecording(
      required(env, RUN_VARIABLES.contactId),
      required(env, RUN_VARIABLES.startFragmentNumber),
    ),
    bucket: required(env, LIVE_VARIABLES.bucket),
    checkpointsTable: required(env, LIVE_VARIABLES.checkpointsTable),
    feedSocket: optional(env, LIVE_VARIABLES.feedSocket),
    windowMs: bounded(env, LIVE_VARIABLES.windowMs, LIVE_LIMITS.windowMs),
    longestSeconds: bounded(env, LIVE_VARIABLES.longestSeconds, LIVE_LIMITS.longestSeconds),
    sinks: [...new Set(names)].map((name) => sinkSettings(env, name)),
  };
}

function sinkSettings(env: Environment, name: string): SinkSettings {
  switch (SINK_NAMES.find((one) => one === name)) {
    case 'pieces':
      return {
        name: 'pieces',
        pieceSeconds: Math.round(bounded(env, LIVE_VARIABLES.pieceSeconds, LIVE_LIMITS.pieceSeconds)),
      };
    case 'socket':
      return { name: 'socket', path: required(env, LIVE_VARIABLES.socket) };
    case 'exec':
      return { name: 'exec', command: required(env, LIVE_VARIABLES.exec) };
    case 'websocket':
      return readWebSocketSettings(env);
    case 'recognise':
      return recogniseSettings(env);
    case 'transcribe':
      return transcribeSettings(env);
    case undefined:
      throw new RecordingError(
        `the environment variable ${LIVE_VARIABLES.sinks} must name some of ${SINK_NAMES.join(', ')}`,
      );
  }
}
