import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { clientConfig } from '../../../local/standins/environment.ts';
import { startEventBridge } from '../../../local/standins/event-bridge.ts';

test('published events are kept; a malformed one is refused by itself', async () => {
  const bridge = await startEventBridge();
  const client = new EventBridgeClient(clientConfig(bridge.url));

  const answer = await client.send(
    new PutEventsCommand({
      Entries: [
        { Source: 'callspool', DetailType: 'Recording Completed', Detail: '{"status":"COMPLETE"}' },
        {
          Source: 'callspool',
          DetailType: 'Recording Completed',
          Detail: 'no object',
          EventBusName: 'other',
        },
      ],
    }),
  );

  expect(answer.FailedEntryCount).toBe(1);
  expect(answer.Entries?.[1]?.ErrorCode).toBe('MalformedDetail');
  expect(bridge.events).toEqual([
    {
      id: answer.Entries?.[0]?.EventId,
      bus: 'default',
      source: 'callspool',
      detailType: 'Recording Completed',
      detail: { status: 'COMPLETE' },
    },
  ]);
  await expect(client.send(new PutEventsCommand({ Entries: [] }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  client.destroy();
  await bridge.close();
});
