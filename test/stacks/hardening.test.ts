import { afterAll, describe, expect, it } from 'vitest';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { systemClock } from '../../ports/clock.ts';
import { DynamoDbCalls } from '../../ports/dynamodb-calls.ts';
import { DynamoDbCheckpoints } from '../../ports/dynamodb-checkpoints.ts';
import { recordingId } from '../../recording/identity.ts';
import { RESUMED_ATTRIBUTES } from '../../stacks/people.ts';
import {
  EXECUTION_ARN,
  INSTANCE_ARN as CALLS_INSTANCE,
  RECORDING,
  STARTED_AT,
  STREAM_ARN,
} from '../support/call.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { INSTANCE_ARN, resource, resources, synthesise } from './synthesise.ts';

const Document = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Statement: v.array(v.looseObject({ Sid: v.string() })) }),
);
const statement = (document: unknown, sid: string) =>
  v.parse(Document, document).Statement.find(({ Sid }) => Sid === sid);

describe('the operator’s policy', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  afterAll(stack.dispose);
  const { policy } = resource(stack, 'aws_iam_policy', 'operator');

  it.each([
    ['ResumeCalls', 'calls'],
    ['ResumeCheckpoints', 'checkpoints'],
  ] as const)('lets a resumption write what it writes, and nothing else: %s', async (sid, table) => {
    expect(statement(policy, sid)).toMatchObject({
      Action: ['dynamodb:UpdateItem'],
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': RESUMED_ATTRIBUTES[table] } },
    });

    expect([...(await attributesOfResumption())[table]].toSorted()).toEqual(RESUMED_ATTRIBUTES[table]);
  });
});

describe('the doctor’s policy', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  afterAll(stack.dispose);

  it('lists flows on what AWS authorises that on', () => {
    // Service Authorization Reference: ListContactFlows is of resource type wildcard-contact-flow.
    expect(statement(resource(stack, 'aws_iam_policy', 'doctor').policy, 'Flows')).toMatchObject({
      Action: expect.arrayContaining(['connect:ListContactFlows']) as string[],
      Resource: expect.stringMatching(/:instance\/[0-9a-f-]+\/contact-flow\/\*$/) as string,
    });
  });
});

const Update = v.object({
  TableName: v.picklist(['calls', 'checkpoints']),
  Key: v.record(v.string(), v.unknown()),
  UpdateExpression: v.string(),
  ExpressionAttributeNames: v.record(v.string(), v.string()),
});

/** The attributes that requests name when `callspool calls resume` writes: as DynamoDB tells them to IAM. */
async function attributesOfResumption() {
  const named = { calls: new Set<string>(), checkpoints: new Set<string>() };
  const standing = {
    calls: {
      ...{ contactId: RECORDING.contactId, startFragmentNumber: RECORDING.startFragmentNumber.toString() },
      ...{
        recordingId: recordingId(RECORDING),
        status: 'RECORDING',
        executionArn: EXECUTION_ARN,
        streamArn: STREAM_ARN,
      },
      ...{ startedAt: STARTED_AT, day: '2026-03-14', instanceArn: CALLS_INSTANCE },
    },
    checkpoints: {
      ...{ recordingId: recordingId(RECORDING), owner: EXECUTION_ARN, attempt: 1 },
      ended: { reason: 'RECORDER_GAVE_UP', at: STARTED_AT },
    },
  };
  const send = ({ input }: { readonly input: unknown }) => {
    const update = v.safeParse(Update, input);
    const { TableName } = v.parse(v.looseObject({ TableName: Update.entries.TableName }), input);
    if (!update.success) return Promise.resolve({ Item: marshall(standing[TableName]) });
    const { Key, ExpressionAttributeNames } = update.output;
    for (const name of [...Object.keys(Key), ...Object.values(ExpressionAttributeNames)])
      named[TableName].add(name);
    return Promise.resolve({ Attributes: marshall(standing[TableName]) });
  };
  // Of the client nothing else is used.
  const client = { send } as unknown as DynamoDBClient;
  await new DynamoDbCheckpoints(client, 'checkpoints', systemClock, 30).handOver(
    recordingId(RECORDING),
    EXECUTION_ARN,
    `${EXECUTION_ARN}-r1`,
  );
  await new DynamoDbCalls(client, 'calls').startAgain(RECORDING, EXECUTION_ARN);
  return named;
}

describe.each(Object.entries(DEPLOYMENTS))('a deployment %s', (_, settings) => {
  const stack = synthesise(settings);
  afterAll(stack.dispose);

  it('lets nobody reach a bucket, a queue or a topic but over TLS', () => {
    const kinds = ['aws_s3_bucket', 'aws_sqs_queue', 'aws_sns_topic'];
    for (const kind of kinds) {
      const policies = resources(stack, `${kind}_policy`);
      expect(policies).toHaveLength(resources(stack, kind).length);
      for (const { policy } of policies) {
        expect(statement(policy, 'OnlyTls')).toMatchObject({
          Effect: 'Deny',
          Principal: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        });
      }
    }
  });

  it('describes itself to IAM and EC2 in characters that they give back', () => {
    // API reference of IAM: \\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF; what lies beyond ASCII comes back as something else.
    const described = Object.entries(stack.resource)
      .filter(([kind]) => /^aws_(iam|security_group|vpc_security_group)/.test(kind))
      .flatMap(([, blocks]) => Object.values(blocks))
      .flatMap(({ description, name }) => [description, name])
      .filter((text): text is string => typeof text === 'string');

    if (!('dataOnly' in settings)) expect(described.length).toBeGreaterThan(5);
    expect(described.filter((text) => !/^[\x20-\x7e]*$/.test(text))).toEqual([]);
  });
});
