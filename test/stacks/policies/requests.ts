/** What a request asks of IAM: by whom, which actions, on what, with which condition keys. */
import * as v from 'valibot';
import { askedOf } from '../../../local/rehearsal/endpoint/asked.ts';
import { iamAction } from '../../../local/rehearsal/endpoint/iam-actions.ts';
import type { ProxiedRequest } from '../../../local/standins/proxy.ts';
import type { Question } from './decide.ts';

export interface Wanted extends Pick<Question, 'action' | 'resource' | 'context'> {
  /** The access key's id. */
  readonly who: string;
}

/** What is there under other names than those that the request has: the local run's, and the stack's. */
export interface Deployed {
  readonly region: string;
  readonly account: string;
  readonly bucket: string;
  readonly stateMachine: string;
  readonly key: string;
}

const BODY = v.looseObject({
  TableName: v.optional(v.string()),
  IndexName: v.optional(v.string()),
  Key: v.optional(v.record(v.string(), v.unknown()), {}),
  Item: v.optional(v.record(v.string(), v.unknown()), {}),
  ExpressionAttributeNames: v.optional(v.record(v.string(), v.string()), {}),
  StreamARN: v.optional(v.string()),
  stateMachineArn: v.optional(v.string()),
  executionArn: v.optional(v.string()),
  Entries: v.optional(v.array(v.looseObject({ EventBusName: v.optional(v.string(), 'default') })), []),
});
type Body = v.InferOutput<typeof BODY>;

function bodyOf({ body }: ProxiedRequest): Body {
  try {
    return v.parse(BODY, JSON.parse(body.toString()));
  } catch {
    return v.parse(BODY, {});
  }
}

/** Data endpoints of the stand-in of Kinesis Video Streams have the operation in front. */
const MEDIA: Readonly<Record<string, string>> = {
  GET_MEDIA: 'GetMedia',
  GET_MEDIA_FOR_FRAGMENT_LIST: 'GetMediaForFragmentList',
  LIST_FRAGMENTS: 'ListFragments',
};

const SIGNED_BY = /Credential=([^/]+)\//;

/** @returns nothing for what isn't signed. @throws when it is of a kind that isn't known here */
export function wantedOf(request: ProxiedRequest, deployed: Deployed): Wanted[] {
  const [, media = ''] = /^\/([A-Z_]+)\//.exec(request.path) ?? [];
  const operation = MEDIA[media];
  if (operation !== undefined) {
    const [, who = ''] = SIGNED_BY.exec(request.headers.authorization ?? '') ?? [];
    return [ofStream(who, operation, bodyOf(request))];
  }
  const asked = askedOf(request);
  if (asked === undefined) return [];
  const { who, service, labels, query } = asked;
  const action = iamAction(asked);
  const body = bodyOf(request);
  const here = `${deployed.region}:${deployed.account}`;
  switch (service) {
    case 's3':
      return ofBucket(who, action, labels.Key, query.get('prefix'), deployed);
    case 'dynamodb':
      return ofTable(who, action, body, deployed);
    case 'kinesisvideo':
      return [ofStream(who, asked.operation, body)];
    case 'connect': {
      const resource = `arn:aws:connect:${here}:instance/${labels.InstanceId ?? ''}/contact/${labels.ContactId ?? ''}`;
      return [{ who, action, resource }];
    }
    case 'states': {
      const named = (body.executionArn ?? body.stateMachineArn ?? '').split(':');
      const machine = `arn:aws:states:${here}:${named[5] ?? ''}:${deployed.stateMachine}`;
      return [{ who, action, resource: [machine, ...named.slice(7)].join(':') }];
    }
    case 'events':
      return body.Entries.map(({ EventBusName }) => {
        return { who, action, resource: `arn:aws:events:${here}:event-bus/${EventBusName}` };
      });
    default:
      throw new Error(`nobody has said what ${action} is authorised on`);
  }
}

function ofStream(who: string, operation: string, { StreamARN = '' }: Body): Wanted {
  return { who, action: `kinesisvideo:${operation}`, resource: StreamARN };
}

/** S3 and DynamoDB use the key in the name of whoever asks (their developer guides, on keys of KMS). */
function ofKey(who: string, action: string, service: string, { region, key }: Deployed): Wanted {
  return { who, action, resource: key, context: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } };
}

function ofBucket(
  who: string,
  action: string,
  key: string | undefined,
  prefix: string | null,
  deployed: Deployed,
): Wanted[] {
  const bucket = `arn:aws:s3:::${deployed.bucket}`;
  if (key === undefined) {
    return [{ who, action, resource: bucket, ...(prefix !== null && { context: { 's3:prefix': prefix } }) }];
  }
  const keys: Readonly<Record<string, string>> = {
    's3:GetObject': 'kms:Decrypt',
    's3:PutObject': 'kms:GenerateDataKey',
  };
  const used = keys[action];
  return [
    { who, action, resource: `${bucket}/${decodeURIComponent(key)}` },
    ...(used === undefined ? [] : [ofKey(who, used, 's3', deployed)]),
  ];
}

function ofTable(who: string, action: string, body: Body, deployed: Deployed): Wanted[] {
  const { TableName = '', IndexName, Key, Item, ExpressionAttributeNames } = body;
  const table = `arn:aws:dynamodb:${deployed.region}:${deployed.account}:table/${TableName}`;
  const attributes = new Set([
    ...Object.keys(Key),
    ...Object.keys(Item),
    ...Object.values(ExpressionAttributeNames),
  ]);
  return [
    {
      who,
      action,
      resource: IndexName === undefined ? table : `${table}/index/${IndexName}`,
      context: { 'dynamodb:Attributes': [...attributes] },
    },
    ofKey(who, 'kms:Decrypt', 'dynamodb', deployed),
  ];
}
