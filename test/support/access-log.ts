/** Lines of S3's access logs, and a bucket that has some. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Hooks } from '../../local/standins/proxy.ts';

export interface LineOf {
  readonly bucket: string;
  readonly key: string;
  readonly at: Date;
  readonly requester?: string;
  readonly operation?: string;
  readonly status?: number;
  readonly error?: string;
  readonly bytes?: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function accessLogLine(of: LineOf): string {
  const {
    bucket,
    key,
    at,
    requester = '-',
    operation = 'REST.GET.OBJECT',
    status = 200,
    error = '-',
    bytes = 1,
  } = of;
  const [day, clock] = at.toISOString().slice(0, 19).split('T') as [string, string];
  const [year = '', month = '', date = ''] = day.split('-');
  const time = `[${date}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${clock} +0000]`;
  return `${'0'.repeat(64)} ${bucket} ${time} 192.0.2.3 ${requester} 3E57427F3 ${operation} ${key} "GET /${key} HTTP/1.1" ${status} ${error} ${bytes} ${bytes} 9 8 "-" "test" - x SigV4 y AuthHeader z TLSv1.3 - -`;
}

const LOG_PREFIX = 'access/';

/** As S3 delivers them under the prefix, in folders by the day of what happened. */
export async function deliver(client: S3Client, target: string, lines: readonly LineOf[]): Promise<void> {
  for (const [index, line] of lines.entries()) {
    const day = line.at.toISOString().slice(0, 10);
    const folder = `${LOG_PREFIX}123456789012/eu-west-2/${line.bucket}/${day.replaceAll('-', '/')}/`;
    const Key = `${folder}${day}-00-00-00-${String(index).padStart(16, '0')}`;
    await client.send(new PutObjectCommand({ Bucket: target, Key, Body: `${accessLogLine(line)}\n` }));
  }
}

/** The stand-in of S3 knows nothing of logging. @param body of the answer to GetBucketLogging */
export function answeringLogging(body: () => string): Hooks {
  return {
    request: ({ method, path }) =>
      method === 'GET' && new URL(path, 'http://x').searchParams.has('logging')
        ? { kind: 'answer', statusCode: 200, headers: { 'content-type': 'application/xml' }, body: body() }
        : { kind: 'pass' },
  };
}

/** Into that bucket, in folders by day. */
export const loggingInto = (target: string) =>
  `<BucketLoggingStatus><LoggingEnabled><TargetBucket>${target}</TargetBucket><TargetPrefix>${LOG_PREFIX}</TargetPrefix><TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat></LoggingEnabled></BucketLoggingStatus>`;
export const NOT_LOGGING = '<BucketLoggingStatus></BucketLoggingStatus>';
