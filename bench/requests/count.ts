/** Counts what the programs ask of each service, at the stand-ins. */
import type { Hooks, ProxiedRequest } from '../../local/proxy.ts';

/** By service and operation, such as `S3 PutObject`. */
export type Counts = Record<string, number>;

export class RequestCounter {
  readonly counts: Counts = {};

  readonly dynamoDb: Hooks = {
    request: ({ headers }) => {
      const operation = String(headers['x-amz-target']).split('.')[1] ?? 'unknown';
      this.add(`DynamoDB ${operation}`);
      return { kind: 'pass' };
    },
  };

  readonly s3: Hooks = {
    request: (request) => {
      this.add(`S3 ${s3Operation(request)}`);
      return { kind: 'pass' };
    },
  };

  add(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times;
  }
}

function s3Operation({ method, path }: ProxiedRequest): string {
  const { searchParams: query } = new URL(path, 'http://s3');
  if (method === 'GET') return query.has('list-type') ? 'ListObjectsV2' : 'GetObject';
  if (method === 'PUT') return query.has('partNumber') ? 'UploadPart' : 'PutObject';
  if (method === 'POST') return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
  return method;
}
