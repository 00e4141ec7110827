/** What the function's log tells, for whoever looks why a call was not recorded. */
import { describe, expect, it } from 'vitest';
import type { ConnectDeps } from '../../../functions/connect/handler.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { MemoryExecutions } from '../../../ports/executions/memory-executions.ts';
import { CONTACT_ID, INSTANCE_ARN, RECORDING, RECORDING_ID } from '../../support/call.ts';
import { flowEvent } from '../../support/flow-event.ts';
import { invocation } from '../../support/invocation.ts';
import { settled } from '../../support/manual-clock.ts';
import type { LogLine } from '../../support/telemetry.ts';
import { onTwins } from './twins.ts';

const OTHER_INSTANCE = INSTANCE_ARN.replace('1f0a', '2f0a');
const IDENTITY = { contactId: CONTACT_ID, recordingId: RECORDING_ID };
const NEXT = '77777777-31c7-4a3e-9a63-8f5c7d21e0ab';

const refused = () => Promise.reject(new Error('no table'));

class NoExecutions extends MemoryExecutions {
  override start = () => Promise.reject(new Error('no executions'));
}

/** The table refuses these. */
function callsWithout(
  ...operations: ('create' | 'startAgain' | 'startFailed' | 'streamingStopped' | 'get')[]
) {
  return Object.assign(
    new MemoryCalls(),
    Object.fromEntries(operations.map((operation) => [operation, refused])),
  );
}

const line = (level: LogLine['level'], message: RegExp, fields: object) => ({
  level,
  message: expect.stringMatching(message) as unknown,
  fields,
});

describe('one line tells of', () => {
  it.each<[string, unknown, Partial<ConnectDeps>, object]>([
    [
      'a call that is recorded',
      flowEvent(),
      {},
      line('info', /answered/i, { ...IDENTITY, status: 'STARTED', live: 'off' }),
    ],
    [
      'an event that is none, and what is wrong with it',
      flowEvent({ ContactId: 5 }),
      {},
      line('warn', /not one of a contact flow/, {
        problems: [expect.stringContaining('Details.ContactData.ContactId')],
      }),
    ],
    [
      'a contact of nobody knows which instance',
      flowEvent({ InstanceARN: null, Queue: null }),
      { instanceArn: undefined },
      line('warn', /of which instance/, { contactId: CONTACT_ID }),
    ],
    [
      'another instance’s contact',
      flowEvent({ InstanceARN: OTHER_INSTANCE }),
      {},
      line('warn', /another instance/, { contactId: CONTACT_ID, instanceArn: OTHER_INSTANCE }),
    ],
    [
      'a chat',
      flowEvent({ Channel: 'CHAT' }, null),
      {},
      line('info', /no call/, { contactId: CONTACT_ID, channel: 'CHAT' }),
    ],
    [
      'a call that isn’t streamed',
      flowEvent({}, null),
      {},
      line('warn', /no media/i, { contactId: CONTACT_ID }),
    ],
  ])('%s', async (_, event, deps, expected) => {
    const { handler, telemetry } = onTwins(deps);

    await handler(event);

    expect(telemetry.lines).toEqual([expected]);
  });
});

it('facts that can’t be kept are named before the call is recorded without them', async () => {
  const { handler, telemetry } = onTwins();

  await handler(flowEvent({ Channel: 5 }));

  const warning = line('warn', /can’t be kept/, { contactId: CONTACT_ID, facts: ['Channel'] });
  expect(telemetry.lines).toMatchObject([warning, { level: 'info' }]);
});

it('a transferred contact’s line names the recording that has the session', async () => {
  const { handler, telemetry } = onTwins();
  await handler(flowEvent());

  await handler(flowEvent({ ContactId: NEXT }));

  expect(telemetry.lines.at(-1)?.fields).toMatchObject({ contactId: NEXT, sharesStreamWith: RECORDING_ID });
});

it('no recording shares a session with itself, also when it is asked for again', async () => {
  const { handler, telemetry } = onTwins();
  await handler(flowEvent());

  await handler(flowEvent());

  expect(telemetry.lines.at(-1)?.fields).toEqual({ ...IDENTITY, status: 'ALREADY_STARTED', live: 'off' });
});

it('whose invocation a line is of is told, where that is known', async () => {
  const { handler, telemetry } = onTwins();

  await handler(flowEvent(), invocation('first'));
  await handler(flowEvent());

  expect(telemetry.invocations).toEqual(['first']);
});

describe('an error tells of', () => {
  const error = (message: RegExp, fields: object, said: string) => ({
    ...line('error', message, fields),
    error: expect.objectContaining({ message: said }) as unknown,
  });
  const errorsOf = ({ telemetry }: ReturnType<typeof onTwins>) =>
    telemetry.lines.filter(({ level }) => level === 'error');

  it('a record that can’t be written', async () => {
    const twins = onTwins({ calls: callsWithout('create') });
    await twins.handler(flowEvent());
    expect(errorsOf(twins)).toEqual([error(/recorded all the same/, IDENTITY, 'no table')]);
  });

  it('a start that fails, and a record that doesn’t say so', async () => {
    const twins = onTwins({ calls: callsWithout('startFailed'), executions: new NoExecutions() });
    await twins.handler(flowEvent());
    expect(errorsOf(twins)).toEqual([
      error(/could not be started/, IDENTITY, 'no executions'),
      error(/FAILED/, IDENTITY, 'no table'),
    ]);
  });

  it('a record that says FAILED for good, though the call is recorded now', async () => {
    const calls = callsWithout('startAgain');
    await onTwins({ calls, executions: new NoExecutions() }).handler(flowEvent());
    const twins = onTwins({ calls });
    expect(await twins.handler(flowEvent())).toMatchObject({ status: 'STARTED' });
    expect(errorsOf(twins)).toEqual([error(/opened again/, IDENTITY, 'no table')]);
  });

  it('a start that isn’t this invocation’s in the record', async () => {
    const calls = callsWithout('startAgain');
    const first = onTwins({ calls });
    await first.handler(flowEvent());
    const twins = onTwins({ calls });
    expect(await twins.handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });
    expect(errorsOf(twins)).toEqual([error(/taken over/, IDENTITY, 'no table')]);
  });

  it('a session of which nothing can be known', async () => {
    const twins = onTwins({ calls: callsWithout('get', 'streamingStopped') });
    const stopFragmentNumber = RECORDING.startFragmentNumber.toString();
    await twins.handler(flowEvent({ ContactId: NEXT }, { StopFragmentNumber: stopFragmentNumber }));
    const expected = error(/streaming session/, { contactId: NEXT }, 'no table');
    expect(errorsOf(twins)).toEqual([expected, expected]);
  });
});

describe('who gave no answer is told, and how long it was waited for:', () => {
  const STOPPED = { StopFragmentNumber: RECORDING.startFragmentNumber.toString() };
  const failed = (calls: MemoryCalls) =>
    onTwins({ calls, executions: new NoExecutions() }).handler(flowEvent());
  const begun = (calls: MemoryCalls) => onTwins({ calls }).handler(flowEvent());

  it.each<[string, keyof MemoryCalls, number, Partial<Waiting>]>([
    ['the record', 'create', 1_000, {}],
    ['the earlier contact’s record', 'get', 300, { contact: { ContactId: NEXT } }],
    ['the session’s end', 'streamingStopped', 1_000, {}],
    ['the start of what had failed', 'startAgain', 1_700, { before: failed }],
    ['the start of what had been begun', 'startAgain', 2_000, { before: begun }],
    ['what came of the start', 'startFailed', 2_000, { executions: new NoExecutions() }],
  ])('%s', async (_, operation, ms, { before, contact = {}, executions }) => {
    const calls = new MemoryCalls();
    await before?.(calls);
    const { handler, telemetry, clock } = onTwins({ calls, ...(executions && { executions }) });
    Object.assign(calls, { [operation]: () => new Promise(() => undefined) });
    const said = () =>
      telemetry.lines.flatMap(({ error }) => (error instanceof Error ? error.message : [])).slice(-1);

    const answered = handler(flowEvent(contact, STOPPED));
    await settled();
    clock.advance(ms - 1);
    await settled();
    expect(said()).not.toEqual([expect.stringContaining('no answer')]);
    clock.advance(1);
    await answered;

    expect(said()).toEqual([`The calls table gave no answer within ${String(ms)} ms`]);
  });
});

interface Waiting {
  /** What an earlier invocation did. */
  readonly before: (calls: MemoryCalls) => Promise<unknown>;
  readonly contact: Record<string, unknown>;
  readonly executions: MemoryExecutions;
}

it('what a slow table took of the time is not waited for again', async () => {
  const calls = new MemoryCalls();
  const executions = new MemoryExecutions();
  const { handler, clock } = onTwins({ calls, executions });
  const create = calls.create.bind(calls);
  calls.create = (...args) => {
    clock.advance(900);
    return create(...args);
  };
  executions.start = () => new Promise(() => undefined);

  const answered = handler(flowEvent());
  await settled();
  clock.advance(800);

  expect(await answered).toMatchObject({ status: 'START_FAILED' });
});

describe('of two invocations at the same moment', () => {
  it('the one whose start failed takes nothing from the one that has taken it over', async () => {
    const calls = new MemoryCalls();
    const failing = onTwins({ calls, executions: new NoExecutions() });
    const startFailed = calls.startFailed.bind(calls);
    let late: (() => Promise<void>) | undefined;
    calls.startFailed = (...args) => {
      late = () => startFailed(...args);
      return Promise.resolve();
    };
    // By their ids, the first one comes first.
    await failing.handler(flowEvent(), invocation('a'));
    await onTwins({ calls }).handler(flowEvent(), invocation('b'));

    await late?.();

    expect(late).toBeDefined();
    expect(await calls.get(RECORDING)).toMatchObject({ status: 'RECORDING' });
  });
});
