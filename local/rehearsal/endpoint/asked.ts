/** What a request to an AWS service asks for, and as whom: read off the signature and the protocol. */
import * as connect from '@aws-sdk/client-connect';
import * as kinesisVideo from '@aws-sdk/client-kinesis-video';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import type { ProxiedRequest } from '../../standins/proxy.ts';
import { matchRest, operationsOf, type RestOperation } from './rest.ts';

export interface Asked {
  /** The access key's id, which says who asks: the rehearsal gives everybody their own. */
  readonly who: string;
  /** The service by its name in IAM's actions: `states`, `cloudwatch`, … */
  readonly service: string;
  /** The operation by its name in the API. */
  readonly operation: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

const SIGNED = /Credential=([^/]+)\/\d{8}\/[a-z0-9-]+\/([a-z0-9-]+)\/aws4_request/;

/** Where the name that requests are signed with isn't that of IAM's actions. */
const SERVICE_NAMES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

const REST: Readonly<Record<string, readonly RestOperation[]>> = {
  connect: operationsOf(connect),
  kinesisvideo: operationsOf(kinesisVideo),
  lambda: operationsOf(lambda),
  s3: operationsOf(s3),
};

/** @returns undefined where it isn't signed, or asks for nothing that is known. */
export function askedOf(request: ProxiedRequest): Asked | undefined {
  const url = new URL(request.path, 'http://localhost');
  const [who, signedFor] = signatureOf(request, url.searchParams);
  if (who === undefined || signedFor === undefined) return undefined;
  const service = SERVICE_NAMES[signedFor] ?? signedFor;
  const matched = restOf(service, request.method, url) ?? rpcOf(request, url);
  return matched && { who, service, query: url.searchParams, ...matched };
}

/** In a header, or in the query of a presigned URL. */
function signatureOf({ headers }: ProxiedRequest, query: URLSearchParams): (string | undefined)[] {
  const credential = query.get('X-Amz-Credential');
  const text = headers.authorization ?? (credential === null ? '' : `Credential=${credential}`);
  const [, who, service] = SIGNED.exec(text) ?? [];
  return [who, service];
}

function restOf(service: string, method: string, { pathname, searchParams }: URL) {
  const operations = REST[service];
  if (operations === undefined) return undefined;
  const path = service === 's3' ? withoutBucket(pathname) : pathname;
  const matched = matchRest(operations, method, path, searchParams);
  if (matched === undefined || service !== 's3') return matched;
  return { ...matched, labels: { ...matched.labels, Bucket: bucketOf(pathname) } };
}

/** The bucket of a request by path, as it comes to an address: `/bucket/key`. */
function bucketOf(pathname: string): string {
  return pathname.split('/')[1] ?? '';
}

function withoutBucket(pathname: string): string {
  return `/${pathname.split('/').slice(2).join('/')}`;
}

/** A target in the header (AWS JSON), a path (RPC with CBOR) or a form (query). */
function rpcOf({ headers, body }: ProxiedRequest, { pathname }: URL) {
  const target = headers['x-amz-target'];
  const [, byPath] = /^\/service\/[^/]+\/operation\/(\w+)$/.exec(pathname) ?? [];
  const operation =
    typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : (byPath ?? formAction(body));
  return operation === undefined ? undefined : { operation, labels: {} };
}

function formAction(body: Buffer): string | undefined {
  return new URLSearchParams(body.toString()).get('Action') ?? undefined;
}
