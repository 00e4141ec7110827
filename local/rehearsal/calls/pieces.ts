/** What whoever listened was given of a call, put together by positions alone, as any consumer of pieces does. */
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { Recording } from '../../../recording/identity.ts';
import { livePrefix } from '../../../recording/tape/live-keys.ts';
import type { System } from '../../system/system.ts';

const HEADER_BYTES = 44;
const FRAME_BYTES = 4;
const PIECE = /\/(?<frame>\d{12})(?<late>-(?<side>customer|agent)-late)?\.wav$/;

/** @returns the samples, interleaved; empty where there are no pieces. Sides that came late stand where they belong. */
export async function assemblePieces(
  { s3, bucket }: Pick<System, 's3' | 'bucket'>,
  recording: Recording,
): Promise<Buffer> {
  const keys: string[] = [];
  const query = { Bucket: bucket, Prefix: livePrefix(recording) };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, query))
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  const pieces = keys.flatMap((key) => {
    const { frame, side } = PIECE.exec(key)?.groups ?? {};
    return frame === undefined ? [] : [{ key, frame: Number(frame), side }];
  });
  let whole: Buffer = Buffer.alloc(0);
  // Both sides first: what came late replaces silence.
  for (const { key, frame, side } of pieces.toSorted((a, b) => order(a) - order(b))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const samples = Buffer.from((await Body?.transformToByteArray()) ?? []).subarray(HEADER_BYTES);
    if (side === undefined) whole = put(whole, samples, frame);
    else overlay(whole, samples, frame, side === 'customer' ? 0 : 1);
  }
  return whole;
}

function order({ frame, side }: { readonly frame: number; readonly side: string | undefined }): number {
  return side === undefined ? frame : Number.MAX_SAFE_INTEGER;
}

function put(whole: Buffer, samples: Buffer, frame: number): Buffer {
  const at = frame * FRAME_BYTES;
  const room = Buffer.alloc(Math.max(whole.length, at + samples.length));
  whole.copy(room);
  samples.copy(room, at);
  return room;
}

function overlay(whole: Buffer, samples: Buffer, frame: number, channel: 0 | 1): void {
  for (let index = 0; index * 2 < samples.length; index++) {
    const at = (frame + index) * FRAME_BYTES + channel * 2;
    if (at + 2 <= whole.length) whole.writeInt16LE(samples.readInt16LE(index * 2), at);
  }
}
