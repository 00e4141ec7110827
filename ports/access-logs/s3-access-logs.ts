/** Access logs where S3 delivers them: in another bucket, some objects a day, each of some lines. */
import {
  GetBucketLoggingCommand,
  type LoggingEnabled,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { S3Objects } from '../objects/s3-objects.ts';
import { ObjectMissing } from '../objects/stored-objects.ts';
import { eachOf } from '../runtime/each.ts';
import type { AccessLogs, TakeRequest } from './access-logs.ts';
import { requestIn } from './log-line.ts';

/** Objects read side by side: there may be thousands, of a few KiB each. */
const SIDE_BY_SIDE = 16;
/** A line that is longer is none: S3 takes requests of 8 KiB. */
const LINE_CHARACTERS_MAX = 64 * 1024;

interface Target {
  readonly bucket: string;
  readonly prefix: string;
  /** Under folders for account, region, bucket and day. */
  readonly byDay: boolean;
}

export class S3AccessLogs implements AccessLogs {
  readonly #client: S3Client;
  readonly #bucket: string;
  #asked: Promise<Target | undefined> | undefined;

  /** @param bucket the one that is watched */
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async place(): Promise<string | undefined> {
    const target = await this.#target();
    return target && `s3://${target.bucket}/${target.prefix}`;
  }

  async read(fromMs: number, take: TakeRequest): Promise<void> {
    const target = await this.#target();
    if (target === undefined) return;
    const objects = new S3Objects(this.#client, target.bucket);
    await eachOf(this.#keys(target, fromMs), SIDE_BY_SIDE, async (key) => {
      try {
        for await (const line of linesOf(objects.read(key))) take(requestIn(line));
      } catch (error) {
        // It has expired since it was listed.
        if (!(error instanceof ObjectMissing)) throw error;
      }
    });
  }

  #target(): Promise<Target | undefined> {
    return (this.#asked ??= this.#ask());
  }

  async #ask(): Promise<Target | undefined> {
    const answer = await this.#client.send(new GetBucketLoggingCommand({ Bucket: this.#bucket }));
    return answer.LoggingEnabled && targetOf(answer.LoggingEnabled);
  }

  /** Keys go by time within a folder, so that a listing may begin at a day: that of the request, or of its delivery. */
  async *#keys({ bucket, prefix, byDay }: Target, fromMs: number): AsyncGenerator<string> {
    const day = new Date(fromMs).toISOString().slice(0, 10);
    const folders = byDay ? await this.#folders(bucket, prefix) : [prefix];
    for (const folder of folders) {
      const StartAfter = `${folder}${byDay ? day.replaceAll('-', '/') : day}`;
      const pages = paginateListObjectsV2(
        { client: this.#client },
        { Bucket: bucket, Prefix: folder, StartAfter },
      );
      for await (const { Contents = [] } of pages) {
        for (const { Key } of Contents) if (Key !== undefined) yield Key;
      }
    }
  }

  /** `<prefix><account>/<region>/<bucket>/` */
  async #folders(bucket: string, prefix: string): Promise<string[]> {
    const folders: string[] = [];
    for (const account of await this.#below(bucket, prefix)) {
      for (const region of await this.#below(bucket, account)) folders.push(`${region}${this.#bucket}/`);
    }
    return folders;
  }

  async #below(bucket: string, prefix: string): Promise<string[]> {
    const below: string[] = [];
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: bucket, Prefix: prefix, Delimiter: '/' },
    );
    for await (const { CommonPrefixes = [] } of pages) {
      for (const { Prefix } of CommonPrefixes) if (Prefix !== undefined) below.push(Prefix);
    }
    return below;
  }
}

function targetOf({ TargetBucket, TargetPrefix, TargetObjectKeyFormat }: LoggingEnabled): Target | undefined {
  if (TargetBucket === undefined) return undefined;
  const byDay = TargetObjectKeyFormat?.PartitionedPrefix !== undefined;
  return { bucket: TargetBucket, prefix: TargetPrefix ?? '', byDay };
}

/** Lines without their ends; an empty one is none. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS_MAX);
    for (const line of lines) if (line !== '') yield line.trimEnd();
  }
  if (rest !== '') yield rest.trimEnd();
}
