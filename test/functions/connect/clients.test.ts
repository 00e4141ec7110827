import { beforeAll, expect, it, vi } from 'vitest';
import { CONNECT_VARIABLES } from '../../../contract/variables.ts';
import { STATE_MACHINE_ARN } from '../../support/call.ts';

const made = vi.hoisted(() => ({ clients: [] as string[] }));

vi.mock('@aws-sdk/client-dynamodb', async (original) => {
  const module = await original<typeof import('@aws-sdk/client-dynamodb')>();
  class DynamoDBClient extends module.DynamoDBClient {
    constructor(...args: ConstructorParameters<typeof module.DynamoDBClient>) {
      super(...args);
      made.clients.push('DynamoDB');
    }
  }
  return { ...module, DynamoDBClient };
});
vi.mock('@aws-sdk/client-sfn', async (original) => {
  const module = await original<typeof import('@aws-sdk/client-sfn')>();
  class SFNClient extends module.SFNClient {
    constructor(...args: ConstructorParameters<typeof module.SFNClient>) {
      super(...args);
      made.clients.push('SFN');
    }
  }
  return { ...module, SFNClient };
});

let program: typeof import('../../../functions/connect/handler.ts');
beforeAll(async () => {
  program = await import('../../../functions/connect/handler.ts');
});

it('makes its clients while the container starts, and none while a caller waits', () => {
  expect(made.clients.toSorted()).toEqual(['DynamoDB', 'SFN']);

  program.handlerFromEnvironment({
    [CONNECT_VARIABLES.callsTable]: 'callspool-calls',
    [CONNECT_VARIABLES.stateMachineArn]: STATE_MACHINE_ARN,
  });

  expect(made.clients).toHaveLength(2);
});
