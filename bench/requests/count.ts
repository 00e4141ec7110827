/** Counts what the programs ask of each service, at the stand-ins. */
import * as v from 'valibot';
import type { Hooks, ProxiedRequest } from '../../local/standins/proxy.ts';

/** How often each operation was asked for, such as `S3 PutObject` or `DynamoDB Query (calls)`. */
export type Counts = Record<string, number>;

const TableName = v.pipe(v.string(), v.parseJson(), v.object({ TableName: v.string() }));

export class RequestCounter {
  readonly counts: Counts = {};
  /** When the calls table was queried: by `performance.now()`. */
  readonly queriedAtMs: number[] = [];

  readonly dynamoDb: Hooks = {
    request: (request) => {
      const name = dynamoDbOperation(request);
      this.add(name);
      if (name === 'DynamoDB Query (calls)') this.queriedAtMs.push(performance.now());
      return { kind: 'pass' };
    },
  };

  readonly s3: Hooks = {
    request: (request) => {
      this.add(`S3 ${s3Operation(request)}`);
      return { kind: 'pass' };
    },
  };

  /** Each is looked up by its contact, and may change the record (functions/contact-event/handler.ts). */
  addContactEvents(events: number): void {
    this.add('DynamoDB Query (calls)', events);
    this.add('DynamoDB UpdateItem (calls)', events);
  }

  add(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times;
  }
}

/** With the table's suffix: a write to one costs more than a write to the other. */
function dynamoDbOperation({ headers, body }: ProxiedRequest): string {
  const operation = String(headers['x-amz-target']).split('.')[1] ?? 'unknown';
  const asked = v.safeParse(TableName, body.toString());
  const table = asked.success ? ` (${asked.output.TableName.split('-').at(-1) ?? ''})` : '';
  return `DynamoDB ${operation}${table}`;
}

function s3Operation({ method, path }: ProxiedRequest): string {
  const { searchParams: query } = new URL(path, 'http://s3');
  if (method === 'HEAD') return 'HeadObject';
  if (method === 'GET') return query.has('list-type') ? 'ListObjectsV2' : 'GetObject';
  if (method === 'PUT') return query.has('partNumber') ? 'UploadPart' : 'PutObject';
  if (method === 'POST') return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
  return method;
}
