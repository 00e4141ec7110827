/** The function as it is deployed: told by its environment alone, on the SDK's client and Connect's stand-in. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ASKS_CONNECT_VARIABLES } from '../../../contract/variables.ts';
import type { handler as Handler } from '../../../functions/ask-connect/handler.ts';
import { type ConnectStandin, startConnect } from '../../../local/standins/connect.ts';
import { stubAwsEnvironment } from '../../support/aws-environment.ts';
import { CONTACT_ID, INSTANCE_ARN, START_FRAGMENT_NUMBER, STREAM_ARN } from '../../support/call.ts';

const BEGAN_MS = Date.parse('2026-03-14T09:26:53Z');

let connect: ConnectStandin;
let handler: typeof Handler;

beforeAll(async () => {
  connect = await startConnect(INSTANCE_ARN);
  connect.tell({
    contactId: CONTACT_ID,
    initiatedAtMs: BEGAN_MS,
    queueId: 'sales',
    agentId: 'anna',
    connectedToAgentAtMs: BEGAN_MS + 1_000,
    streamArn: STREAM_ARN,
    firstFragmentNumber: START_FRAGMENT_NUMBER,
  });
  stubAwsEnvironment({ CONNECT: connect.url });
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv(ASKS_CONNECT_VARIABLES.instanceArn, INSTANCE_ARN);
  // A container of its own.
  vi.resetModules();
  ({ handler } = await import('../../../functions/ask-connect/handler.ts'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await connect.close();
});

it('says what Connect knows of a contact of its instance, and of no other', async () => {
  expect(await handler({ contactId: CONTACT_ID, instanceArn: INSTANCE_ARN })).toEqual({
    known: true,
    facts: {
      connectedToAgentAt: new Date(BEGAN_MS + 1_000).toISOString(),
      queue: { arn: `${INSTANCE_ARN}/queue/sales` },
      agent: { arn: `${INSTANCE_ARN}/agent/anna` },
    },
    spans: [{ firstFragmentNumber: START_FRAGMENT_NUMBER.toString() }],
  });

  // The container keeps what it has made of its environment.
  vi.stubEnv(ASKS_CONNECT_VARIABLES.instanceArn, undefined);
  const other = INSTANCE_ARN.replace('1f0a', '2f0a');
  expect(await handler({ contactId: CONTACT_ID, instanceArn: other })).toMatchObject({
    known: false,
    why: 'the contact is of another instance',
  });
});

it('says that it doesn’t know where Connect doesn’t', async () => {
  expect(await handler({ contactId: 'nobody', instanceArn: INSTANCE_ARN })).toMatchObject({
    known: false,
    why: expect.stringContaining('ResourceNotFoundException') as unknown,
  });
});
