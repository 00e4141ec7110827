import { describe, expect, it } from 'vitest';
import { RUN_VARIABLES, TASK_VARIABLES } from '../../contract/variables.ts';
import { readSettings } from '../../task/settings.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING,
  START_FRAGMENT_NUMBER,
  STARTED_AT,
  STREAM_ARN,
} from '../support/call.ts';

const ENVIRONMENT: Record<string, string> = {
  [RUN_VARIABLES.contactId]: CONTACT_ID,
  [RUN_VARIABLES.startFragmentNumber]: START_FRAGMENT_NUMBER.toString(),
  [RUN_VARIABLES.streamArn]: STREAM_ARN,
  [RUN_VARIABLES.startedAt]: STARTED_AT,
  [RUN_VARIABLES.instanceArn]: INSTANCE_ARN,
  [RUN_VARIABLES.executionArn]: EXECUTION_ARN,
  [TASK_VARIABLES.bucket]: 'bucket',
  [TASK_VARIABLES.checkpointsTable]: 'checkpoints',
  [TASK_VARIABLES.callsTable]: 'calls',
};

describe('readSettings', () => {
  it('takes what is set, and defaults for the rest', () => {
    const settings = readSettings({
      ...ENVIRONMENT,
      [TASK_VARIABLES.segmentSeconds]: '1',
      [TASK_VARIABLES.graceSeconds]: '0.5',
    });
    expect(settings).toEqual({
      recording: RECORDING,
      streamArn: STREAM_ARN,
      instanceArn: INSTANCE_ARN,
      executionArn: EXECUTION_ARN,
      bucket: 'bucket',
      checkpointsTable: 'checkpoints',
      callsTable: 'calls',
      asksConnect: undefined,
      startedAtMs: Date.parse(STARTED_AT),
      segmentMs: 1_000,
      graceMs: 500,
      idleTimeoutMs: 600_000,
      longestCallMs: 43_200_000,
    });
  });

  it('takes the function that asks Connect, where there is one', () => {
    const settings = readSettings({ ...ENVIRONMENT, [TASK_VARIABLES.asksConnect]: 'arn:aws:lambda:asks' });
    expect(settings.asksConnect).toBe('arn:aws:lambda:asks');
  });

  it.each(Object.keys(ENVIRONMENT))('names %s when it is missing or empty', (name) => {
    const rest = Object.fromEntries(Object.entries(ENVIRONMENT).filter(([other]) => other !== name));
    expect(() => readSettings(rest)).toThrow(`the environment variable ${name} must be set`);
    expect(() => readSettings({ ...rest, [name]: ' ' })).toThrow(
      `the environment variable ${name} must be set`,
    );
  });

  it.each([
    [TASK_VARIABLES.segmentSeconds, '0', 'from 1 to 300'],
    [TASK_VARIABLES.segmentSeconds, 'ten', 'from 1 to 300'],
    [TASK_VARIABLES.longestCallSeconds, 'Infinity', 'from 60 to 172800'],
    [TASK_VARIABLES.idleTimeoutSeconds, '-1', 'from 30 to 86400'],
    [RUN_VARIABLES.startedAt, 'yesterday', 'ISO 8601'],
    [RUN_VARIABLES.contactId, '../../etc', 'a contact id is'],
    [RUN_VARIABLES.startFragmentNumber, '0x10', 'a fragment number is'],
  ])('refuses %s = %j, and says what is allowed', (name, value, rule) => {
    expect(() => readSettings({ ...ENVIRONMENT, [name]: value })).toThrow(rule);
  });
});
