/** What goes onto the bus, and what comes of a bus that doesn't take it. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { expect, it, onTestFinished } from 'vitest';
import { EventBridgeEvents } from '../../../ports/events/event-bridge-events.ts';
import { MemoryEvents } from '../../../ports/events/memory-events.ts';
import { answering } from '../../support/answering.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

async function given(body: unknown) {
  const { url, requests } = await answering(() => ({
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body,
  }));
  const client = new EventBridgeClient({
    endpoint: url,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  onTestFinished(() => {
    client.destroy();
  });
  return { events: new EventBridgeEvents(client, 'bus'), requests };
}

it.each([{ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }, {}])(
  'an event goes onto the bus once, as callspool’s: %o',
  async (answer) => {
    const { events, requests } = await given(answer);
    await events.publish('Recording finished', { recordingId: 'r', frames: 7 });
    expect(requests.map(({ body }): unknown => JSON.parse(body))).toEqual([
      {
        Entries: [
          {
            EventBusName: 'bus',
            Source: 'callspool',
            DetailType: 'Recording finished',
            Detail: '{"recordingId":"r","frames":7}',
          },
        ],
      },
    ]);
  },
);

it.each([
  [[{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }], 'ThrottlingException slow down'],
  [[{}], 'unknown '],
  [undefined, 'unknown '],
])('an event that is not taken is no success: %o', async (Entries, why) => {
  const { events } = await given({ FailedEntryCount: 1, Entries });
  const published = events.publish('Recording finished', {});
  await expect(published).rejects.toMatchObject({ message: `EventBridge didn’t take the event: ${why}` });
});

it('the twin keeps what was published, in order', async () => {
  const events = new MemoryEvents();
  await events.publish('one', { a: 1 });
  await events.publish('two', {});
  expect(events.published).toEqual([
    { detailType: 'one', detail: { a: 1 } },
    { detailType: 'two', detail: {} },
  ]);
});
