/** One GetMedia session of a live stream, for a person who looks at it. */
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { KINESIS_WAITS } from '../../ports/media/kinesis-client.ts';
import { KinesisMedia } from '../../ports/media/kinesis-media.ts';
import type { StartSelector } from '../../ports/media/media.ts';
import { streamArnOf } from '../../ports/media/stream-arn.ts';
import { CONTROL_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { RecordingError } from '../../recording/errors.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import type { Deployment } from '../access/deployment.ts';
import { placeOf } from '../access/place.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import type { Part } from './source.ts';
import type { Target } from './target.ts';

export interface LiveOptions {
  /** `now`, `earliest`, a time, or a fragment number to begin after. */
  readonly from: string;
  /** Ends the session when nothing came for so long. */
  readonly waitSeconds: number;
}

type StreamTarget = Extract<Target, { kind: 'stream' }>;

/** @throws CliError when there is no such stream */
export async function livePart(
  target: StreamTarget,
  deployment: Deployment,
  io: Io,
  { from, waitSeconds }: LiveOptions,
): Promise<Part> {
  const start = startOf(from, io.clock.now());
  const client = new KinesisVideoClient({ ...CONTROL_CLIENT, ...placeOfStream(target, deployment) });
  const streamArn = target.arn ?? (await arnOf(client, target.name));
  const { connectionTimeoutMs } = KINESIS_WAITS;
  const media = new KinesisMedia({
    streamArn,
    connectionTimeoutMs,
    socketTimeoutMs: waitSeconds * 1000 + connectionTimeoutMs,
    client: { region: client.config.region, credentials: client.config.credentials },
  });
  return { name: streamArn, chunks: untilQuiet(media, start, waitSeconds * 1000, io.signal) };
}

/** A stream's ARN names its region, whatever the deployment's is. */
export function placeOfStream({ region }: Pick<StreamTarget, 'region'>, deployment: Deployment) {
  return { ...placeOf(deployment), ...(region !== undefined && { region }) };
}

async function arnOf(client: KinesisVideoClient, name: string): Promise<string> {
  const arn = await streamArnOf(client, name);
  if (arn !== undefined) return arn;
  throw new CliError(
    EXIT.notFound,
    `there is neither a file nor a Kinesis video stream called ${name}`,
    'is it another region (--region) or another account (--profile)?',
  );
}

/** The time it is now begins with the fragment that is being written, or the next one that is. */
function startOf(from: string, nowMs: number): StartSelector {
  if (from === 'now') return { kind: 'serverTimestamp', atMs: nowMs };
  if (from === 'earliest') return { kind: 'earliest' };
  try {
    return { kind: 'afterFragment', number: parseFragmentNumber(from) };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
  }
  const atMs = Date.parse(from);
  if (!Number.isNaN(atMs)) return { kind: 'serverTimestamp', atMs };
  throw new CliError(
    EXIT.usage,
    '--from is now, earliest, a time (2026-03-14T09:26:53Z) or a fragment number',
  );
}

/** The session's body; it ends when nothing came for so long, or the command is interrupted. */
async function* untilQuiet(
  media: KinesisMedia,
  start: StartSelector,
  waitMs: number,
  interrupted: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const quiet = new AbortController();
  const timer = setTimeout(() => {
    quiet.abort();
  }, waitMs);
  try {
    const body = await media.open(start, AbortSignal.any([quiet.signal, interrupted]));
    for await (const chunk of body) {
      timer.refresh();
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
    quiet.abort();
  }
}
