/** Starting the workflow by name, and how its executions stand, on answers of a test's own and in memory. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ExecutionInput } from '../../../contract/workflow.ts';
import { MemoryExecutionStates } from '../../../ports/executions/memory-execution-states.ts';
import { MemoryExecutions } from '../../../ports/executions/memory-executions.ts';
import { SfnExecutionStates } from '../../../ports/executions/sfn-execution-states.ts';
import { SfnExecutions } from '../../../ports/executions/sfn-executions.ts';
import { type Answer, answering } from '../../support/answering.ts';
import { gate } from '../../support/gate.ts';
import { RecordingWorld } from '../../support/recording-world.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool';
const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:callspool:one';

const INPUT: ExecutionInput = { ...new RecordingWorld().assembleInput, live: 'off' };

const json = (body: unknown): Answer => ({ headers: { 'content-type': 'application/x-amz-json-1.0' }, body });
const refusal = (name: string): Answer => ({ ...json({ __type: name, message: 'as told' }), status: 400 });

async function given(answer: Parameters<typeof answering>[0]) {
  const { url, requests } = await answering(answer);
  const client = new SFNClient({ endpoint: url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });
  onTestFinished(() => {
    client.destroy();
  });
  const asked = () => requests.map(({ body }): unknown => JSON.parse(body));
  return {
    executions: new SfnExecutions(client, MACHINE),
    states: new SfnExecutionStates(client),
    client,
    asked,
  };
}

describe('an execution in Step Functions', () => {
  it.each([
    ['has begun since it was asked for', 3_600, 'started'],
    ['had been asked for before', -3_600, 'running'],
  ])('%s', async (_, seconds, result) => {
    const { executions, asked } = await given(() =>
      json({ executionArn: EXECUTION, startDate: Date.now() / 1000 + seconds }),
    );
    expect(await executions.start('one', INPUT)).toBe(result);
    expect(asked()).toEqual([{ stateMachineArn: MACHINE, name: 'one', input: JSON.stringify(INPUT) }]);
  });

  it('counts as started where nobody says when it began', async () => {
    const { executions } = await given(() => json({ executionArn: EXECUTION }));
    expect(await executions.start('one', INPUT)).toBe('started');
  });

  it('may be over, or another’s', async () => {
    const { executions } = await given(() => refusal('ExecutionAlreadyExists'));
    expect(await executions.start('one', INPUT)).toBe('exists');
  });

  it('is not known to be one where Step Functions refuses', async () => {
    const { executions } = await given(() => refusal('StateMachineDoesNotExist'));
    await expect(executions.start('one', INPUT)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  it('is waited for no longer than the signal says', async () => {
    const held = gate();
    const { executions, asked } = await given(async () => {
      await held.passed;
      return json({});
    });
    const controller = new AbortController();
    const started = executions.start('one', INPUT, controller.signal);
    await expect.poll(asked).toHaveLength(1);
    controller.abort();
    await expect(started).rejects.toMatchObject({ name: 'AbortError' });
    held.open();
  });

  it('is named by its machine’s ARN, which has to be one', async () => {
    const { executions, client } = await given(() => ({}));
    expect(executions.arnOf('one')).toBe(EXECUTION);
    const gov = new SfnExecutions(client, 'arn:aws-us-gov:states:us-gov-west-1:1:stateMachine:a.b_c-D1');
    expect(gov.arnOf('x')).toBe('arn:aws-us-gov:states:us-gov-west-1:1:execution:a.b_c-D1:x');
    for (const none of [
      '',
      'callspool',
      EXECUTION,
      `${MACHINE}:3`,
      ` ${MACHINE}`,
      `${MACHINE}${'x'.repeat(80)}`,
    ])
      expect(() => new SfnExecutions(client, none), none).toThrow(/state machine’s ARN is arn:aws:states/);
  });
});

describe('how an execution stands in Step Functions', () => {
  it.each([
    ['RUNNING', 'running'],
    ['PENDING_REDRIVE', 'running'],
    ['SUCCEEDED', 'over'],
    ['FAILED', 'over'],
    [undefined, 'over'],
  ])('is told by its status: %s', async (status, state) => {
    const { states, asked } = await given(() => json({ status }));
    expect(await states.stateOf(EXECUTION)).toBe(state);
    expect(asked()).toEqual([{ executionArn: EXECUTION }]);
  });

  it('is told since when it is over, unless it isn’t, or there is none', async () => {
    const answers = [
      json({ status: 'FAILED', stopDate: 1_700_000_000.5 }),
      json({ status: 'RUNNING' }),
      refusal('ExecutionDoesNotExist'),
    ];
    const { states } = await given((_, request) => answers[request - 1] ?? {});
    expect(await states.overSinceMs(EXECUTION)).toBe(1_700_000_000_500);
    expect(await states.overSinceMs(EXECUTION)).toBeUndefined();
    expect(await states.overSinceMs(EXECUTION)).toBeUndefined();
  });

  it('is unknown of one that there isn’t, and not told where Step Functions refuses', async () => {
    const { states } = await given((_, request) =>
      refusal(request === 1 ? 'ExecutionDoesNotExist' : 'InvalidArn'),
    );
    expect(await states.stateOf(EXECUTION)).toBe('unknown');
    await expect(states.stateOf(EXECUTION)).rejects.toMatchObject({ name: 'InvalidArn' });
  });
});

describe('executions in memory', () => {
  it('begin once by a name, and are told of as they begin', async () => {
    const begun: string[] = [];
    const executions = new MemoryExecutions((name, { over }) => begun.push(`${name} ${String(over)}`));
    expect(await executions.start('one', INPUT)).toBe('started');
    expect(await executions.start('one', { ...INPUT })).toBe('running');
    expect(await executions.start('one', { ...INPUT, live: 'on' })).toBe('exists');
    const one = executions.executions.get('one');
    if (one) one.over = true;
    expect(await executions.start('one', INPUT)).toBe('exists');
    expect(begun).toEqual(['one false']);
    expect(one?.input).toEqual(INPUT);
  });

  it('stand as somebody has said', async () => {
    const executions = new MemoryExecutions();
    const states = new MemoryExecutionStates(executions);
    const arn = executions.arnOf('one');
    expect([await states.stateOf(arn), await states.overSinceMs(arn)]).toEqual(['unknown', undefined]);
    await executions.start('one', INPUT);
    Object.assign(executions.executions.get('one') ?? {}, { overSinceMs: 7 });
    expect([await states.stateOf(arn), await states.overSinceMs(arn)]).toEqual(['running', undefined]);
    Object.assign(executions.executions.get('one') ?? {}, { over: true });
    expect([await states.stateOf(arn), await states.overSinceMs(arn)]).toEqual(['over', 7]);
  });
});
