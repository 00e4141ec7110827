/** Amazon EventBridge's stand-in: PutEvents. It keeps what is published, and delivers it to nobody. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { startJsonService } from './aws-json.ts';
import { checked, type Json } from './json.ts';
import type { Standin } from './standin.ts';

export interface PublishedEvent {
  readonly id: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: Json;
}

export interface EventBridgeStandin extends Standin {
  /** In the order in which they came. */
  readonly events: readonly PublishedEvent[];
}

const ENTRIES_MAX = 10;
const EVENTS_MAX = 10_000;

const putEvents = v.object({
  Entries: v.pipe(
    v.array(
      v.object({
        Source: v.pipe(v.string(), v.nonEmpty()),
        DetailType: v.pipe(v.string(), v.nonEmpty()),
        Detail: v.string(),
        EventBusName: v.optional(v.string(), 'default'),
      }),
    ),
    v.minLength(1),
    v.maxLength(ENTRIES_MAX),
  ),
});

type Entry = v.InferOutput<typeof putEvents>['Entries'][number];

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_EVENTBRIDGE` to `url`. */
export async function startEventBridge(): Promise<EventBridgeStandin> {
  const events: PublishedEvent[] = [];
  const put = (entry: Entry) => {
    const detail = parseDetail(entry.Detail);
    if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    if (events.length >= EVENTS_MAX) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'Too many.' };
    const id = randomUUID();
    events.push({
      id,
      bus: entry.EventBusName,
      source: entry.Source,
      detailType: entry.DetailType,
      detail,
    });
    return { EventId: id };
  };
  const standin = await startJsonService('AWSEvents', {
    PutEvents: (input) => {
      const Entries = checked(putEvents, input).Entries.map(put);
      return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
    },
  });
  return { ...standin, events };
}

/** EventBridge takes JSON objects alone. */
function parseDetail(text: string): Json | undefined {
  try {
    const detail = JSON.parse(text) as Json;
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}
