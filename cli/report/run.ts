import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { OBJECT_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { WAV } from '../../recording/audio/format/wav/wav.ts';
import type { Audio } from '../../recording/call-record.ts';
import type { Access } from '../access/access.ts';
import type { Deployment } from '../access/deployment.ts';
import { placeOf } from '../access/place.ts';
import { isFolder } from '../files/whole-file.ts';
import { oneCall } from '../selection/identify.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, print } from '../terminal/io.ts';
import { numberFrom } from '../terminal/numbers.ts';
import { timeZoneOf } from '../terminal/time-zone.ts';
import { writeReport } from './write-report.ts';

const MIB = 1024 * 1024;
const EMBED_MIB_MAX = 512;
/** A signed link lasts no longer (Signature Version 4). */
const PRESIGN_HOURS_MAX = 7 * 24;
const PRESIGN_HOURS_MIN = 0.01;

const Arguments = v.object({
  id: v.string(),
  out: v.optional(v.string()),
  'embed-max': v.optional(numberFrom(0, EMBED_MIB_MAX)),
  presign: v.optional(numberFrom(PRESIGN_HOURS_MIN, PRESIGN_HOURS_MAX)),
  force: v.optional(v.boolean(), false),
  'time-zone': v.optional(v.string()),
});

/** @param args as yargs has parsed them. @throws CliError */
export async function reportCall(
  access: Access,
  deployment: Deployment,
  io: Io,
  args: unknown,
): Promise<ExitCode> {
  const parsed = v.safeParse(Arguments, args);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new CliError(EXIT.usage, `--${v.getDotPath(issue) ?? ''}: ${issue.message}`);
  }
  const { id, out, 'embed-max': embedMiB, presign, force } = parsed.output;
  const zone = timeZoneOf(parsed.output, io.env);
  if (presign !== undefined && deployment.kind === 'local') {
    throw new CliError(EXIT.usage, '--presign is for recordings in S3, not for a local run’s');
  }
  const call = await oneCall(access, id);
  const { file, wavFile } = await writeReport(access, call, {
    file: await fileFor(out, id),
    replace: force,
    zone,
    ...(embedMiB !== undefined && { embedBytesMax: embedMiB * MIB }),
    ...(presign !== undefined && {
      link: ({ key }) =>
        signedLink({ bucket: access.objectsOf(call).name, key }, deployment, presign, io.clock.now()),
    }),
  });
  print(io, file);
  if (wavFile !== undefined) note(io, `(its audio is ${wavFile}: keep the two together)`);
  return call.status === 'COMPLETE' ? EXIT.ok : EXIT.notComplete;
}

/** @throws CliError for what no page can be written to */
async function fileFor(out: string | undefined, id: string): Promise<string> {
  if (out === undefined) return `${id}.html`;
  if (out === '-') throw new CliError(EXIT.usage, 'a page needs a file', 'name one with --out, or a folder');
  if (/\.\w{2,4}$/.test(out) && !/\.html?$/i.test(out) && !(await isFolder(out)))
    throw new CliError(
      EXIT.usage,
      `the page is HTML: ${out} would be taken for something else`,
      'name a .html',
    );
  if (/[/\\]$/.test(out)) await mkdir(out, { recursive: true });
  if (await isFolder(out)) return join(out, `${id}.html`);
  await mkdir(dirname(out), { recursive: true });
  return out;
}

/** Makes a link, which ends sooner where the credentials that sign it do. @param bucket that was read: a record may name any */
async function signedLink(
  { bucket, key }: Pick<Audio, 'bucket' | 'key'>,
  deployment: Deployment,
  hours: number,
  nowMs: number,
) {
  const [{ S3Client, GetObjectCommand }, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  const client = new S3Client({ ...OBJECT_CLIENT, ...placeOf(deployment) });
  try {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentType: WAV.contentType });
    const expiresIn = Math.round(hours * 3_600);
    const url = await getSignedUrl(client, command, { expiresIn });
    return { url, expiresAt: new Date(nowMs + expiresIn * 1_000).toISOString() };
  } finally {
    client.destroy();
  }
}
