import { ConnectClient, DescribeContactCommand, ResourceNotFoundException } from '@aws-sdk/client-connect';
import { expect, test } from 'vitest';
import { startConnect } from '../../../local/standins/connect.ts';
import { clientConfig } from '../../../local/standins/environment.ts';

const INSTANCE_ARN = 'arn:aws:connect:us-east-1:123456789012:instance/12345678-1234-1234-1234-123456789012';
const CALL = {
  contactId: 'call-1',
  initiatedAtMs: 1000,
  connectedToAgentAtMs: 2500,
  queueId: 'q',
  agentId: 'a',
  streamArn: 's',
  firstFragmentNumber: 10n,
};

test('DescribeContact says what is known of a contact, and nothing of others', async () => {
  const connect = await startConnect(INSTANCE_ARN);
  const client = new ConnectClient(clientConfig(connect.url));
  const describe = (InstanceId: string, ContactId: string) =>
    client.send(new DescribeContactCommand({ InstanceId, ContactId }));

  connect.tell(CALL);
  const during = await describe(INSTANCE_ARN, 'call-1');
  connect.tell({ ...CALL, disconnectedAtMs: 9000, lastFragmentNumber: 19n });
  const after = await describe('12345678-1234-1234-1234-123456789012', 'call-1');

  expect(during.Contact).toMatchObject({
    Id: 'call-1',
    InitiationTimestamp: new Date(1000),
    QueueInfo: { Id: 'q' },
    AgentInfo: { Id: 'a', ConnectedToAgentTimestamp: new Date(2500) },
  });
  expect(during.Contact?.DisconnectTimestamp).toBeUndefined();
  expect(during.Contact?.Recordings?.[0]?.FragmentStopNumber).toBeUndefined();
  expect(after.Contact?.DisconnectTimestamp).toEqual(new Date(9000));
  expect(after.Contact?.Recordings).toMatchObject([
    {
      StorageType: 'KINESIS_VIDEO_STREAM',
      Location: 's',
      FragmentStartNumber: '10',
      FragmentStopNumber: '19',
    },
  ]);
  await expect(describe(INSTANCE_ARN, 'call-2')).rejects.toThrow(ResourceNotFoundException);
  await expect(describe('another', 'call-1')).rejects.toThrow(ResourceNotFoundException);
  client.destroy();
  await connect.close();
});
