import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import { TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { TableRecordTranscript } from '../../ports/calls/record-transcript.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { callsIn, checkpointsIn } from '../../ports/table/dynamodb-table.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { recordingId } from '../../recording/identity.ts';
import { ERASED_ATTRIBUTES, RESUMED_ATTRIBUTES, TRANSCRIBED_ATTRIBUTES } from '../../stacks/people/people.ts';
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

const NEXT_ARN = `${EXECUTION_ARN}-r1`;
const BY = { beganAtMs: Date.parse(STARTED_AT), id: 'a' };
const RESUMPTION = { at: STARTED_AT, by: 'operator', why: 'asked for' } as const;
const CALL: CallRecord = {
  contactId: RECORDING.contactId,
  startFragmentNumber: RECORDING.startFragmentNumber.toString(),
  recordingId: recordingId(RECORDING),
  status: 'RECORDING',
  executionArn: EXECUTION_ARN,
  streamArn: STREAM_ARN,
  startedAt: STARTED_AT,
  day: STARTED_AT.slice(0, 10),
  instanceArn: CALLS_INSTANCE,
};
const CHECKPOINT = {
  recordingId: CALL.recordingId,
  owner: EXECUTION_ARN,
  attempt: 1,
  ended: { reason: 'RECORDER_GAVE_UP', at: STARTED_AT },
};

describe('what people may write of a record', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  afterAll(stack.dispose);

  it.each([
    ['operator', 'ResumeCalls', RESUMED_ATTRIBUTES.calls, resumeCall],
    ['operator', 'ResumeCheckpoints', RESUMED_ATTRIBUTES.checkpoints, resumeCheckpoint],
    ['eraser', 'NoteNext', ERASED_ATTRIBUTES, noteNext],
    ['transcriber', 'NoteWords', TRANSCRIBED_ATTRIBUTES, noteWords],
  ] as const)('is what the %s’s commands write, and nothing else: %s', async (id, sid, names, act) => {
    expect(statement(resource(stack, 'aws_iam_policy', id).policy, sid)).toMatchObject({
      Action: ['dynamodb:UpdateItem'],
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': names } },
    });

    const named = new Set<string>();
    await act(naming(named));
    expect([...named].toSorted()).toEqual(names);
  });

  it('is written by no other statement', () => {
    const policies = resources(stack, 'aws_iam_policy');
    expect(policies).toHaveLength(4);
    const open = policies
      .flatMap(({ policy }) => v.parse(Document, policy).Statement)
      .filter(({ Action, Condition }) => /UpdateItem|PartiQL/.test(String(Action)) && !Condition)
      // What was said stands in a table of its own.
      .filter(({ Resource }) => !String(Resource).includes('transcripts'));
    expect(open).toEqual([]);
  });
});

async function resumeCall(client: DynamoDBClient): Promise<void> {
  const calls = new TableCalls(callsIn(client, 'calls'));
  await calls.resuming(CALL, RESUMPTION, NEXT_ARN, BY);
  await calls.resuming({ ...CALL, resumptionCount: 1 }, RESUMPTION, NEXT_ARN, BY);
  await calls.startAgain(RECORDING, NEXT_ARN, BY);
}

async function resumeCheckpoint(client: DynamoDBClient): Promise<void> {
  const checkpoints = new TableCheckpoints(checkpointsIn(client, 'checkpoints'), systemClock, 30);
  await checkpoints.handOver(CALL.recordingId, EXECUTION_ARN, NEXT_ARN);
}

async function noteNext(client: DynamoDBClient): Promise<void> {
  const erasure = new TableRecordErasure(callsIn(client, 'calls'));
  await erasure.noteNextStart(RECORDING, RECORDING.startFragmentNumber + 1n, {
    fragments: 2,
    live: 1,
    knownFrom: STARTED_AT,
  });
}

async function noteWords(client: DynamoDBClient): Promise<void> {
  const facts = new TableRecordTranscript(callsIn(client, 'calls'));
  await facts.transcribed(RECORDING, { why: 'nobody has said a word' });
}

const Update = v.object({
  Key: v.record(v.string(), v.unknown()),
  UpdateExpression: v.string(),
  ExpressionAttributeNames: v.record(v.string(), v.string()),
});

/** A client that notes which attributes its writes name, as DynamoDB tells them to IAM. */
function naming(named: Set<string>): DynamoDBClient {
  const send = ({ input }: { readonly input: { readonly TableName?: string } }) => {
    const item = marshall(input.TableName === 'calls' ? CALL : CHECKPOINT);
    const update = v.safeParse(Update, input);
    if (!update.success) return Promise.resolve({ Item: item });
    const { Key, ExpressionAttributeNames } = update.output;
    for (const name of [...Object.keys(Key), ...Object.values(ExpressionAttributeNames)]) named.add(name);
    return Promise.resolve({ Attributes: item });
  };
  // Of the client nothing else is used.
  return { send } as unknown as DynamoDBClient;
}

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

  it.each([
    // API reference of IAM: \\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF; what lies beyond ASCII comes back as something else.
    ['IAM', /^aws_iam_/, /^[\x20-\x7e]*$/],
    // API reference of EC2, CreateSecurityGroup and IpRange.
    ['EC2', /^aws_(?:security_group|vpc_security_group)/, /^[\w .\-:/()#,@[\]+=&;{}!$*]*$/],
  ])('describes itself to %s in characters that it takes, and gives back', (service, kinds, allowed) => {
    const described = Object.entries(stack.resource)
      .filter(([kind]) => kinds.test(kind))
      .flatMap(([, blocks]) => Object.values(blocks))
      .flatMap(({ description, name }) => [description, name])
      .filter((text): text is string => typeof text === 'string');

    if (!('dataOnly' in settings)) expect(described.length).toBeGreaterThan(service === 'IAM' ? 5 : 1);
    expect(described.filter((text) => !allowed.test(text))).toEqual([]);
  });
});
