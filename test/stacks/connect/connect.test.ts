import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { START_STATUSES } from '../../../functions/connect/answer.ts';
import { readContactEvent } from '../../../functions/contact-event/event.ts';
import {
  type Action,
  type Flow,
  NOT_RECORDED,
  RECORDED,
  recordingFlow,
  recordingModule,
  stopFlow,
} from '../../../stacks/connect/contact-flow.ts';
import { INSTANCE_ARN, resource, synthesise } from '../synthesise.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-2:123456789012:function:callspool-connect';
const FLOW = { functionArn: FUNCTION, queueArn: 'arn:queue', stopFlowArn: 'arn:stop' };
const FLOWS: Readonly<Record<string, Flow>> = {
  'the contact flow': recordingFlow({ ...FLOW, announcement: 'This call is recorded.' }),
  'the contact flow without announcement': recordingFlow({ ...FLOW, announcement: '' }),
  'the flow that stops': stopFlow(),
  'the flow module': recordingModule(FUNCTION),
};

/** Administrator Guide, "contact events data model". */
const CONTACT_EVENT_TYPES = [
  'INITIATED',
  'CONNECTED_TO_SYSTEM',
  'CONTACT_DATA_UPDATED',
  'QUEUED',
  'CONNECTED_TO_AGENT',
  'DISCONNECTED',
  'PAUSED',
  'RESUMED',
  'COMPLETED',
  'AMD_DISABLED',
];

const nextOf = ({ Transitions: { NextAction, Errors = [], Conditions = [] } }: Action) => [
  ...(NextAction === undefined ? [] : [NextAction]),
  ...[...Errors, ...Conditions].map((transition) => transition.NextAction),
];

/** Amazon Connect API reference, "Actions in the flow language": what each action must and may have. */
const GRAMMAR: Readonly<Record<string, { parameters: readonly string[]; errors: readonly string[] }>> = {
  UpdateFlowLoggingBehavior: { parameters: ['FlowLoggingBehavior'], errors: [] },
  UpdateContactEventHooks: { parameters: ['EventHooks'], errors: ['NoMatchingError'] },
  UpdateContactMediaStreamingBehavior: {
    parameters: ['MediaStreamType', 'MediaStreamingState', 'Participants'],
    errors: ['NoMatchingError'],
  },
  InvokeLambdaFunction: {
    parameters: ['InvocationTimeLimitSeconds', 'InvocationType', 'LambdaFunctionARN', 'ResponseValidation'],
    errors: ['NoMatchingError'],
  },
  Compare: { parameters: ['ComparisonValue'], errors: ['NoMatchingCondition'] },
  UpdateContactAttributes: { parameters: ['Attributes', 'TargetContact'], errors: ['NoMatchingError'] },
  MessageParticipant: { parameters: ['Text'], errors: ['NoMatchingError'] },
  UpdateContactTargetQueue: { parameters: ['QueueId'], errors: ['NoMatchingError'] },
  TransferContactToQueue: { parameters: [], errors: ['NoMatchingError', 'QueueAtCapacity'] },
  DisconnectParticipant: { parameters: [], errors: [] },
  EndFlowModuleExecution: { parameters: [], errors: [] },
};
const TERMINAL = ['DisconnectParticipant', 'EndFlowModuleExecution'];

describe.each(Object.entries(FLOWS))('%s', (_, flow) => {
  const byId = new Map(flow.Actions.map((action) => [action.Identifier, action]));

  it('is written in the flow language', () => {
    expect(flow.Version).toBe('2019-10-30');
    for (const { Identifier, Type, Parameters, Transitions } of flow.Actions) {
      const grammar = GRAMMAR[Type];
      expect(grammar, Type).toBeDefined();
      expect(Object.keys(Parameters).toSorted(), Identifier).toEqual(grammar?.parameters);
      expect((Transitions.Errors ?? []).map(({ ErrorType }) => ErrorType).toSorted()).toEqual(
        grammar?.errors,
      );
      expect(Transitions.NextAction === undefined, Identifier).toBe(TERMINAL.includes(Type));
      // Limits of an identifier: 50 characters, none of these.
      expect(Identifier).toMatch(/^[^%:(\\/)=$,;[\]{}]{1,50}$/);
    }
  });

  it('leads from its start to every action, and from every action to an end', () => {
    const reached = new Set<string>();
    const walk = (id: string): void => {
      if (reached.has(id)) return;
      reached.add(id);
      const action = byId.get(id);
      expect(action, `${id} is not there`).toBeDefined();
      if (action !== undefined) nextOf(action).forEach(walk);
    };
    walk(flow.StartAction);
    expect([...reached].toSorted()).toEqual([...byId.keys()].toSorted());

    const ends = new Set(
      flow.Actions.filter(({ Type }) => TERMINAL.includes(Type)).map(({ Identifier }) => Identifier),
    );
    for (let grown = true; grown;) {
      const before = ends.size;
      for (const action of flow.Actions)
        if (nextOf(action).some((next) => ends.has(next))) ends.add(action.Identifier);
      grown = ends.size > before;
    }
    expect(ends.size).toBe(byId.size);
  });
});

/** Walks a flow as Connect would. @param answers what the function answers, one an invocation; undefined: it fails. */
function run(flow: Flow, answers: readonly (string | undefined)[], failing: readonly string[] = []) {
  const byId = new Map(flow.Actions.map((action) => [action.Identifier, action]));
  const path: Action[] = [];
  let external: string | undefined;
  let invocations = 0;
  for (let id: string | undefined = flow.StartAction; id !== undefined;) {
    const action = byId.get(id);
    if (action === undefined || path.length > 50) throw new Error(`the flow is lost at ${id}`);
    path.push(action);
    const { NextAction, Errors = [], Conditions = [] } = action.Transitions;
    const error = (type: string) => Errors.find(({ ErrorType }) => ErrorType === type)?.NextAction;
    if (action.Type === 'InvokeLambdaFunction') {
      external = answers[invocations++];
      id = external === undefined ? error('NoMatchingError') : NextAction;
    } else if (action.Type === 'Compare') {
      id =
        Conditions.find(({ Condition }) => Condition.Operands.includes(external ?? ''))?.NextAction ??
        error('NoMatchingCondition');
    } else id = failing.includes(action.Identifier) ? error('NoMatchingError') : NextAction;
  }
  const attributes = path
    .filter(({ Type }) => Type === 'UpdateContactAttributes')
    .map(({ Parameters }) => Parameters);
  return { path: path.map(({ Identifier }) => Identifier), attributes, invocations };
}

describe('a call through the flow', () => {
  const flow = recordingFlow({ ...FLOW, announcement: 'This call is recorded.' });
  const noted = (value: string) => [{ Attributes: { callspool: value }, TargetContact: 'Current' }];

  it.each(['STARTED', 'ALREADY_STARTED'])('that is recorded (%s) is announced and goes on', (status) => {
    const { path, attributes, invocations } = run(flow, [status]);

    expect(attributes).toEqual(noted(RECORDED));
    expect(invocations).toBe(1);
    expect(path).toContain('Announce');
    expect(path.indexOf('Start media streaming')).toBeLessThan(path.indexOf('Start recording'));
    expect(path).toContain('Transfer to the queue');
  });

  it.each([
    [['NO_MEDIA_STREAM', 'STARTED']],
    [['START_FAILED', 'STARTED']],
    [[undefined, 'ALREADY_STARTED']],
  ])('is asked for once more after %j', (answers) => {
    const { attributes, invocations } = run(flow, answers);

    expect(invocations).toBe(2);
    expect(attributes).toEqual(noted(RECORDED));
  });

  it.each([
    [['WRONG_INSTANCE']],
    [['INVALID_EVENT']],
    [['SOMETHING_NEW']],
    [['START_FAILED', 'START_FAILED']],
    [[undefined, undefined]],
  ])('goes on unrecorded, and unannounced, after %j', (answers) => {
    const { path, attributes } = run(flow, answers);

    expect(attributes).toEqual(noted(NOT_RECORDED));
    expect(path).not.toContain('Announce');
    expect(path).toContain('Transfer to the queue');
  });

  it('stops streaming before it hangs up, and has it stopped when the agent leaves', () => {
    const { path } = run(flow, ['STARTED'], ['Choose the queue']);

    expect(path[1]).toBe('Stop streaming at the end');
    expect(path.slice(-2)).toEqual(['Stop media streaming', 'Hang up']);
  });

  it('knows every answer of the function', () => {
    const text = JSON.stringify(flow);
    const branched = START_STATUSES.filter((status) => text.includes(`"${status}"`));

    expect(branched).toEqual(['STARTED', 'ALREADY_STARTED', 'NO_MEDIA_STREAM', 'START_FAILED']);
    for (const [answer] of text.matchAll(/(?<="Operands":\[")[A-Z_]+/g))
      expect(START_STATUSES).toContain(answer);
  });
});

describe('the wiring', () => {
  const stack = synthesise({
    instanceArn: INSTANCE_ARN,
    mediaStreamPrefix: 'calls',
    mediaRetentionHours: 48,
  });
  stack.dispose();
  const id = INSTANCE_ARN.split('/')[1];

  it('turns on live media streaming with retention and key', () => {
    expect(resource(stack, 'aws_connect_instance_storage_config')).toMatchObject({
      instance_id: id,
      resource_type: 'MEDIA_STREAMS',
      storage_config: {
        storage_type: 'KINESIS_VIDEO_STREAM',
        kinesis_video_stream_config: {
          prefix: 'calls',
          retention_period_hours: 48,
          encryption_config: { encryption_type: 'KMS', key_id: '${aws_kms_key.data_key.arn}' },
        },
      },
    });
    expect(String(resource(stack, 'aws_iam_role_policy', 'task_policy').policy)).toContain(
      'stream/calls-connect-*/*',
    );
  });

  it('lets this instance alone invoke the function', () => {
    expect(resource(stack, 'aws_lambda_permission', 'connect_permission')).toMatchObject({
      principal: 'connect.amazonaws.com',
      source_arn: INSTANCE_ARN,
      source_account: '123456789012',
    });
    expect(resource(stack, 'aws_connect_lambda_function_association')).toMatchObject({
      instance_id: id,
      function_arn: '${aws_lambda_function.connect.arn}',
    });
  });

  it('hears of this instance’s voice calls, whichever way its ARN is spelt', () => {
    const pattern = v.parse(
      v.pipe(v.string(), v.parseJson()),
      resource(stack, 'aws_cloudwatch_event_rule').event_pattern,
    );

    expect(pattern).toEqual({
      source: ['aws.connect'],
      'detail-type': ['Amazon Connect Contact Event'],
      detail: {
        eventType: ['QUEUED', 'CONNECTED_TO_AGENT', 'DISCONNECTED', 'COMPLETED'],
        channel: ['VOICE'],
        $or: [{ instanceArn: [INSTANCE_ARN] }, { instanceARN: [INSTANCE_ARN] }],
      },
    });
  });

  it('hears of the events that tell the function something, and of no others', () => {
    const tells = (eventType: string) => {
      const reading = readContactEvent({
        source: 'aws.connect',
        'detail-type': 'Amazon Connect Contact Event',
        time: '2026-01-02T03:04:05Z',
        detail: {
          eventType,
          contactId: '12345678-90ab-cdef-1234-567890abcdef',
          disconnectTimestamp: '2026-01-02T03:04:05.678Z',
          queueInfo: { queueArn: `${INSTANCE_ARN}/queue/1`, queueName: 'BasicQueue' },
          agentInfo: {
            agentArn: `${INSTANCE_ARN}/agent/1`,
            connectedToAgentTimestamp: '2026-01-02T03:04:00Z',
          },
        },
      });
      if (!reading.valid) throw new Error(reading.problems.join());
      return reading.facts !== undefined;
    };
    const pattern = String(resource(stack, 'aws_cloudwatch_event_rule').event_pattern);

    for (const type of CONTACT_EVENT_TYPES) expect(pattern.includes(`"${type}"`), type).toBe(tells(type));
  });

  it('is left out without an instance, and the outputs say how to do it by hand', () => {
    const unwired = synthesise();
    unwired.dispose();

    expect(Object.keys(unwired.resource).filter((type) => type.startsWith('aws_connect_'))).toEqual([]);
    // What broke off is resumed without an instance, too: one may be wired by hand.
    const wiring = ['aws_cloudwatch_event_rule', 'aws_cloudwatch_event_target', 'aws_lambda_permission'];
    const ids = wiring.flatMap((type) => Object.keys(unwired.resource[type] ?? {}));
    expect(ids.filter((id) => !id.startsWith('resume_'))).toEqual([]);
    const steps = JSON.stringify(unwired.output.next_steps);
    for (const command of [
      'associate-instance-storage-config',
      'add-permission',
      'associate-lambda-function',
    ]) {
      expect(steps).toContain(command);
    }
    expect(JSON.stringify(stack.output.next_steps)).not.toContain('aws connect');
  });
});
