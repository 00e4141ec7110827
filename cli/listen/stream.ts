/** A stream, heard by a session of its own. */
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { listen, type ListenOptions, StreamError, type StreamErrorKind } from '../../library/live.ts';
import { CONTROL_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { partsOfStreamArn } from '../../recording/arn.ts';
import { RecordingError } from '../../recording/errors.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import type { Deployment } from '../access/deployment.ts';
import { placeOf } from '../access/place.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';
import type { ListenArguments } from './command.ts';
import type { Outlet } from './outlet.ts';

type Begin = Pick<ListenOptions, 'from' | 'startFragmentNumber' | 'startedAt'>;

export async function hearNamedStream(
  io: Io,
  { target, from, contact }: ListenArguments,
  outlet: Outlet,
  deployment: Deployment,
): Promise<ExitCode> {
  const named = partsOfStreamArn(target) === undefined ? { streamName: target } : { streamArn: target };
  const begin = beginOf(from);
  return hear(
    io,
    { ...named, ...begin, ...(contact !== undefined && { contactId: contact }) },
    outlet,
    deployment,
  );
}

/** @throws CliError */
function beginOf(from: string | undefined): Begin {
  if (from === undefined || from === 'now' || from === 'earliest') return { from: from ?? 'now' };
  try {
    return { startFragmentNumber: parseFragmentNumber(from) };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
  }
  const at = new Date(from);
  if (!Number.isNaN(at.getTime())) return { from: at };
  throw new CliError(
    EXIT.usage,
    '--from is now, earliest, a time (2026-03-14T09:26:53Z) or a fragment number',
    'a place such as 1:30 is one of a call’s',
  );
}

/** @throws CliError for what no retry mends */
export async function hear(
  io: Io,
  options: ListenOptions,
  outlet: Outlet,
  deployment: Deployment,
): Promise<ExitCode> {
  note(io, '(a stream serves few readers at a time, and this is one of them)');
  let first: { readonly contactId: string | undefined; readonly startFragmentNumber: bigint } | undefined;
  const lost: string[] = [];
  try {
    await listen({
      ...options,
      client: await clientOf(options, deployment),
      pieceMs: outlet.pieceMs,
      signal: io.signal,
      onFragment: ({ number, contactId }) => {
        first ??= { contactId, startFragmentNumber: number };
      },
      onAudio: (second) =>
        outlet.second(second, { contactId: undefined, startFragmentNumber: 0n, ...first, goesOn: true }),
      onGap: (gap) => outlet.gap?.(gap),
      onLate: (late) => outlet.late?.(late),
      onLost: ({ why }) => {
        lost.push(why);
        note(io, `fragments are missing: ${why}`);
      },
      onWarning: (message, { why }) => {
        note(io, `${message}${typeof why === 'string' ? `: ${why}` : ''}`);
      },
    }).finished();
  } catch (error) {
    throw error instanceof StreamError ? inWords(error) : error;
  }
  if (first === undefined && !io.signal.aborted)
    throw new CliError(
      EXIT.notFound,
      'nothing came of it',
      'is it over? --from earliest, or a fragment’s number',
    );
  return lost.length === 0 ? EXIT.ok : EXIT.notComplete;
}

/** In the deployment's account; a stream's ARN names its region. */
async function clientOf(
  { streamArn }: ListenOptions,
  deployment: Deployment,
): Promise<NonNullable<ListenOptions['client']>> {
  const region = partsOfStreamArn(streamArn ?? '')?.region;
  const client = new KinesisVideoClient({
    ...CONTROL_CLIENT,
    ...placeOf(deployment),
    ...(region !== undefined && { region }),
  });
  try {
    return { region: await client.config.region(), credentials: client.config.credentials };
  } finally {
    client.destroy();
  }
}

const HINTS: Record<StreamErrorKind, readonly [ExitCode, string | undefined]> = {
  noSuchStream: [EXIT.notFound, 'is it another region (--region) or another account (--profile)?'],
  accessDenied: [
    EXIT.failed,
    'it takes kinesisvideo:GetDataEndpoint and kinesisvideo:GetMedia; docs/LIBRARY.md',
  ],
  keyUnavailable: [EXIT.failed, 'it takes kms:Decrypt on the stream’s key'],
  noCredentials: [
    EXIT.failed,
    'log in (aws sso login, or set AWS_PROFILE), or name a profile with --profile',
  ],
  badRequest: [EXIT.usage, undefined],
  notPcm: [EXIT.failed, 'callspool inspect shows what it holds'],
};

function inWords(error: StreamError): CliError {
  const [exitCode, hint] = HINTS[error.kind];
  return new CliError(exitCode, error.message, hint, error);
}
