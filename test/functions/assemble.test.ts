import { describe, expect, it, vi } from 'vitest';
import { handler } from '../../functions/assemble.ts';
import { ASSEMBLE_VARIABLES } from '../../recording/environment.ts';
import type { AssembleInput } from '../../recording/workflow.ts';
import { CONTACT_ID, EXECUTION_ARN, START_FRAGMENT_NUMBER } from '../support/call.ts';

const INPUT: AssembleInput = {
  recordingId: `${CONTACT_ID}:${String(START_FRAGMENT_NUMBER)}`,
  contactId: CONTACT_ID,
  startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
  streamArn: 'arn:aws:kinesisvideo:eu-central-1:111122223333:stream/connect/1',
  startedAt: '2026-07-01T10:00:00.000Z',
  instanceArn: 'arn:aws:connect:eu-central-1:111122223333:instance/11111111-2222-4333-8444-555555555555',
  executionArn: EXECUTION_ARN,
};

describe('the assemble function', () => {
  it('loads without its environment, and says which variable is missing when it is invoked', async () => {
    for (const name of Object.values(ASSEMBLE_VARIABLES)) vi.stubEnv(name, undefined);
    await expect(handler(INPUT)).rejects.toThrow(
      `the environment variable ${ASSEMBLE_VARIABLES.bucket} must be set`,
    );
    vi.unstubAllEnvs();
  });

  it('refuses what no workflow of a recording sends', async () => {
    await expect(handler({ ...INPUT, startedAt: 'yesterday' })).rejects.toThrow(
      'assemble was not invoked by the recording’s workflow',
    );
  });
});
