/**
 * The event of Connect's "Invoke AWS Lambda function" block, and what it asks for. What names objects and records is
 * checked; a fact beside it that can't be kept is left out, since it is no reason to lose a call.
 */
import * as v from 'valibot';
import { isFragmentNumber } from '../../matroska/tags.ts';
import { evidenceOf } from '../../ports/table/item.ts';
import { instanceArnIn } from '../../recording/arn.ts';
import { LIVE_CHOICES, type LiveChoice } from '../../recording/call-record.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import { fact, leftOut, texts } from '../support/facts.ts';
import { ContactId, InstanceArn, label, ResourceArn, ResourceName } from '../support/schema.ts';
import { startTime } from './times.ts';

/** Connect keeps at most 32 KB of attributes a contact (Administrator Guide, "Contact attributes"). */
const ATTRIBUTE_LENGTH_MAX = 65_536;

const Endpoint = v.object({ Address: fact(label(256)) });

/** The API reference's pattern of a stream's ARN, with limits on the lengths. */
const StreamArn = v.pipe(
  v.string(),
  v.regex(
    /^arn:[a-z-]{1,32}:kinesisvideo:[a-z0-9-]{1,32}:[0-9]{1,20}:stream\/[A-Za-z0-9_.-]{1,256}\/[0-9]{1,20}$/,
    'the ARN of a Kinesis video stream',
  ),
);

const FragmentNumber = v.pipe(v.string(), v.check(isFragmentNumber, 'a fragment number'));

/** Accepts what Connect gives where nothing is streamed: `Audio` is null, or its values are. */
function nothing<Schema extends v.GenericSchema>(schema: Schema) {
  return v.nullish(v.union([schema, v.literal('')]));
}

const Audio = v.object({
  StreamARN: nothing(StreamArn),
  StartFragmentNumber: nothing(FragmentNumber),
  StopFragmentNumber: fact(nothing(FragmentNumber)),
  StartTimestamp: v.optional(v.unknown()),
});

/** However the flow's author writes it. */
const LiveParameter = v.pipe(v.string(), v.trim(), v.toLowerCase(), v.picklist(LIVE_CHOICES));

const ContactData = v.object({
  ContactId,
  InstanceARN: fact(InstanceArn),
  ContactARN: fact(ResourceArn),
  Channel: fact(label(64)),
  InitiationMethod: fact(label(64)),
  InitialContactId: fact(nothing(ContactId)),
  PreviousContactId: fact(nothing(ContactId)),
  CustomerEndpoint: fact(Endpoint),
  SystemEndpoint: fact(Endpoint),
  Queue: fact(v.object({ ARN: fact(ResourceArn), Name: fact(ResourceName) })),
  Attributes: fact(texts(ATTRIBUTE_LENGTH_MAX)),
  MediaStreams: v.nullish(v.object({ Customer: v.nullish(v.object({ Audio: v.nullish(Audio) })) })),
});
export type ContactData = v.InferOutput<typeof ContactData>;

/** What the flow's block gives the function beside the contact; names that aren't ours are the flow's business. */
const Parameters = v.object({ live: fact(LiveParameter) });

const FlowEvent = v.object({
  Details: v.object({ ContactData, Parameters: v.fallback(v.nullish(Parameters, {}), {}) }),
});
const Unchecked = v.object({
  Details: v.object({ ContactData: v.unknown(), Parameters: v.optional(v.unknown()) }),
});

/** The media stream that is to be recorded. */
export interface MediaStream {
  readonly streamArn: string;
  readonly startFragmentNumber: string;
  readonly startedAt: Date;
  /** The session's last fragment, where the flow has stopped streaming. */
  readonly stopFragmentNumber: string | undefined;
}

export type FlowRequest =
  | {
      readonly valid: true;
      readonly contact: ContactData;
      /** Undefined where the event doesn't say which instance's contact it is. */
      readonly instanceArn: string | undefined;
      readonly stream: MediaStream | undefined;
      /** What the flow asks for; undefined where it leaves that to the deployment. */
      readonly live: LiveChoice | undefined;
      /** The names of facts that can't be kept. */
      readonly leftOut: readonly string[];
    }
  /** What is wrong, by field; never a value. */
  | { readonly valid: false; readonly problems: readonly string[] };

/** @param nowMs epoch ms */
export function readFlowEvent(event: unknown, nowMs: number): FlowRequest {
  const result = v.safeParse(FlowEvent, event);
  if (!result.success) return { valid: false, problems: evidenceOf(result.issues) };
  const { ContactData: contact, Parameters: parameters } = result.output.Details;
  const { Details } = v.parse(Unchecked, event);
  const { stream, odd } = mediaStream(contact, nowMs);
  return {
    valid: true,
    contact,
    instanceArn: instanceOf(contact),
    stream,
    live: parameters.live ?? undefined,
    leftOut: [
      ...leftOut(Details.ContactData, contact, ['Attributes']),
      ...leftOut(Details.Parameters, { live: parameters.live }),
      ...odd,
    ],
  };
}

/** Queues and contacts lie below their instance. */
function instanceOf({ InstanceARN, ContactARN, Queue }: ContactData): string | undefined {
  return InstanceARN ?? instanceArnIn(ContactARN ?? '') ?? instanceArnIn(Queue?.ARN ?? '');
}

/**
 * Also of a stream that has been stopped already: what it still holds is worth recording.
 * @returns with the names of facts that can't be right
 */
function mediaStream(contact: ContactData, nowMs: number): { stream?: MediaStream; odd: string[] } {
  const { StreamARN, StartFragmentNumber, ...audio } = contact.MediaStreams?.Customer?.Audio ?? {};
  if (!StreamARN || !StartFragmentNumber) return { odd: [] };
  const start = parseFragmentNumber(StartFragmentNumber);
  const { startedAt, asTold } = startTime(audio.StartTimestamp, start, nowMs);
  const stop = audio.StopFragmentNumber ? parseFragmentNumber(audio.StopFragmentNumber) : undefined;
  const isStopped = stop !== undefined && stop >= start;
  const stream = {
    streamArn: StreamARN,
    startFragmentNumber: StartFragmentNumber,
    startedAt,
    stopFragmentNumber: isStopped ? stop.toString() : undefined,
  };
  const odd = [
    ...(asTold ? [] : ['StartTimestamp']),
    ...(stop === undefined || isStopped ? [] : ['StopFragmentNumber']),
  ];
  return { stream, odd };
}
