import { afterEach, describe, expect, it, vi } from 'vitest';
import { ASSEMBLE_VARIABLES } from '../../../contract/variables.ts';
import type { AssembleInput } from '../../../contract/workflow.ts';
import { handler } from '../../../functions/assemble/handler.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING_ID,
  START_FRAGMENT_NUMBER,
  STARTED_AT,
  STREAM_ARN,
} from '../../support/call.ts';

const INPUT: AssembleInput = {
  recordingId: RECORDING_ID,
  contactId: CONTACT_ID,
  startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
  streamArn: STREAM_ARN,
  startedAt: STARTED_AT,
  instanceArn: INSTANCE_ARN,
  executionArn: EXECUTION_ARN,
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the assemble function', () => {
  it('loads without its environment, and says which variable is missing when it is invoked', async () => {
    for (const name of Object.values(ASSEMBLE_VARIABLES)) vi.stubEnv(name, undefined);
    await expect(handler(INPUT)).rejects.toThrow(
      `the environment variable ${ASSEMBLE_VARIABLES.bucket} must be set`,
    );
  });

  it('says which variable is neither true nor false', async () => {
    for (const name of Object.values(ASSEMBLE_VARIABLES)) vi.stubEnv(name, 'something');
    await expect(handler(INPUT)).rejects.toThrow(
      `the environment variable ${ASSEMBLE_VARIABLES.flac} must be true or false`,
    );
  });

  it('refuses what no workflow of a recording sends', async () => {
    await expect(handler({ ...INPUT, startedAt: 'yesterday' })).rejects.toThrow(
      'assemble was not invoked by the recording’s workflow',
    );
  });
});
