/** What must be so after every run, whatever happened in it. */
import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { systemClock } from '../../ports/clock.ts';
import { DynamoDbCheckpoints } from '../../ports/dynamodb-checkpoints.ts';
import { S3Tape } from '../../ports/s3-tape.ts';
import { recordingId } from '../../recording/identity.ts';
import type { CallResult } from '../../local/run-call.ts';
import type { System } from '../../local/system.ts';
import type { World } from './world.ts';

const HEADER_BYTES = 44;

const completeRecord = v.object({
  status: v.literal('COMPLETE'),
  losses: v.pipe(v.array(v.unknown()), v.maxLength(0)),
  audio: v.object({ key: v.string(), sha256: v.string() }),
  verification: v.object({ method: v.string(), fragmentsMissing: v.optional(v.literal(0)) }),
});

/** @returns in words; empty when all is well: the WAV is the source, byte for byte, and the record says so. */
export async function violations(system: System, world: World, result: CallResult): Promise<string[]> {
  const wrong: string[] = [];
  if (result.execution?.status !== 'SUCCEEDED')
    wrong.push(`the execution ended as ${JSON.stringify(result.execution)}`);
  const { success, output, issues } = v.safeParse(completeRecord, result.record);
  if (!success) {
    const why = issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join(', ');
    const { status, losses, media, verification } = result.record ?? {};
    const says = JSON.stringify({ status, why: result.record?.why, losses, media, verification });
    return [...wrong, `the record is not that of a whole recording (${why}): ${says}`];
  }
  const expected = interleaved(world.channels);
  const wav = await objectOf(system, output.audio.key);
  const difference = firstDifference(wav.subarray(HEADER_BYTES), expected);
  if (difference !== undefined) wrong.push(difference);
  if (output.audio.sha256 !== createHash('sha256').update(expected).digest('hex'))
    wrong.push('the record’s SHA-256 is not that of the source');
  return [...wrong, ...(await wrongOnTape(system, world)), ...(await wrongInCheckpoint(system, world))];
}

/** Every object holds the source's fragments as they came, from its first to its last. */
async function wrongOnTape({ s3, bucket }: System, { call }: World): Promise<string[]> {
  const tape = new S3Tape(s3, bucket);
  const wrong: string[] = [];
  const held = new Set<bigint>();
  for await (const { key, first, last } of tape.list(call)) {
    const own = call.own.filter(({ number }) => number >= first && number <= last);
    const bytes = Buffer.concat(own.map(({ document }) => document));
    if (!bytes.equals(await tape.read(key))) wrong.push(`the tape object ${key} is not what the stream held`);
    for (const { number } of own) held.add(number);
  }
  const missing = call.own.filter(({ number }) => !held.has(number)).length;
  if (missing > 0) wrong.push(`${missing} fragments are not on the tape`);
  return wrong;
}

async function wrongInCheckpoint({ dynamoDb, tables }: System, { call }: World): Promise<string[]> {
  const checkpoints = new DynamoDbCheckpoints(dynamoDb, tables.checkpoints, systemClock);
  const checkpoint = await checkpoints.read(recordingId(call));
  if (checkpoint?.ended?.reason !== 'DISCONNECTED')
    return [`the checkpoint ends as ${JSON.stringify(checkpoint?.ended)}`];
  return checkpoint.position?.lastFragmentNumber === call.own.at(-1)?.number
    ? []
    : ['the checkpoint does not stand at the last fragment'];
}

async function objectOf({ s3, bucket }: System, key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** As a WAV's data chunk holds them: left and right in turn, little-endian. */
function interleaved([left, right]: readonly [Int16Array, Int16Array]): Buffer {
  const bytes = Buffer.alloc(4 * left.length);
  for (let frame = 0; frame < left.length; frame += 1) {
    bytes.writeInt16LE(left[frame] ?? 0, 4 * frame);
    bytes.writeInt16LE(right[frame] ?? 0, 4 * frame + 2);
  }
  return bytes;
}

function firstDifference(actual: Buffer, expected: Buffer): string | undefined {
  if (actual.equals(expected)) return undefined;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  return `the WAV has ${actual.length} bytes of ${expected.length}, and differs from byte ${at} on`;
}
