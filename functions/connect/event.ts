/**
 * The event of Connect's "Invoke AWS Lambda function" block, and what it asks for. What names objects and records is
 * checked; a fact beside it that can't be kept is left out, since it is no reason to lose a call.
 */
import * as v from 'valibot';
import { evidenceOf } from '../../ports/item.ts';
import { fact, leftOut } from '../facts.ts';
import { ContactId, InstanceArn, label, ResourceArn, ResourceName } from '../schema.ts';

/** Connect keeps at most 32 KB of attributes a contact (Administrator Guide, "Contact attributes"). */
const ATTRIBUTES_LENGTH_MAX = 65_536;

const Attributes = v.pipe(
  v.unknown(),
  // A record may be a list, as far as valibot is concerned.
  v.check((attributes) => !Array.isArray(attributes), 'a map'),
  v.record(v.string(), v.string()),
  v.check(
    (attributes) =>
      Object.entries(attributes).reduce((sum, [name, value]) => sum + name.length + value.length, 0) <=
      ATTRIBUTES_LENGTH_MAX,
    `at most ${String(ATTRIBUTES_LENGTH_MAX)} characters`,
  ),
);

const Endpoint = v.object({ Address: v.nullish(label(256)) });

/** The API reference's pattern of a stream's ARN, with limits on the lengths. */
const StreamArn = v.pipe(
  v.string(),
  v.regex(
    /^arn:[a-z-]{1,32}:kinesisvideo:[a-z0-9-]{1,32}:[0-9]{1,20}:stream\/[A-Za-z0-9_.-]{1,256}\/[0-9]{1,20}$/,
    'the ARN of a Kinesis video stream',
  ),
);

/** Epoch ms, up to the year 5138. */
const Timestamp = v.pipe(v.string(), v.regex(/^[0-9]{1,14}$/, 'epoch milliseconds'));
const FragmentNumber = v.pipe(v.string(), v.regex(/^[0-9]{1,60}$/, 'a fragment number'));

/** Where nothing is streamed, `Audio` is null, or its values are. */
function nothing<Schema extends v.GenericSchema>(schema: Schema) {
  return v.nullish(v.union([schema, v.literal('')]));
}

const Audio = v.object({
  StreamARN: nothing(StreamArn),
  StartTimestamp: nothing(Timestamp),
  StartFragmentNumber: nothing(FragmentNumber),
});

const ContactData = v.object({
  ContactId,
  InstanceARN: InstanceArn,
  Channel: fact(label(64)),
  InitiationMethod: fact(label(64)),
  InitialContactId: fact(nothing(ContactId)),
  PreviousContactId: fact(nothing(ContactId)),
  CustomerEndpoint: fact(Endpoint),
  SystemEndpoint: fact(Endpoint),
  Queue: fact(v.object({ ARN: v.nullish(ResourceArn), Name: v.nullish(ResourceName) })),
  Attributes: fact(Attributes),
  MediaStreams: v.nullish(v.object({ Customer: v.nullish(v.object({ Audio: v.nullish(Audio) })) })),
});
export type ContactData = v.InferOutput<typeof ContactData>;

const FlowEvent = v.object({ Details: v.object({ ContactData }) });
const Unchecked = v.object({ Details: v.object({ ContactData: v.unknown() }) });

/** The media stream that is to be recorded. */
export interface MediaStream {
  readonly streamArn: string;
  readonly startFragmentNumber: string;
  readonly startedAt: Date;
}

export type FlowRequest =
  | {
      readonly valid: true;
      readonly contact: ContactData;
      readonly stream: MediaStream | undefined;
      /** By name, facts that can't be kept. */
      readonly leftOut: readonly string[];
    }
  /** What is wrong, by field; never a value. */
  | { readonly valid: false; readonly problems: readonly string[] };

export function readFlowEvent(event: unknown): FlowRequest {
  const result = v.safeParse(FlowEvent, event);
  if (!result.success) return { valid: false, problems: evidenceOf(result.issues) };
  const contact = result.output.Details.ContactData;
  const { Details } = v.parse(Unchecked, event);
  return {
    valid: true,
    contact,
    stream: mediaStream(contact),
    leftOut: leftOut(Details.ContactData, contact),
  };
}

/** Also of a stream that has been stopped already: what it still holds is worth recording. */
function mediaStream({ MediaStreams }: ContactData): MediaStream | undefined {
  const { StreamARN, StartTimestamp, StartFragmentNumber } = MediaStreams?.Customer?.Audio ?? {};
  if (!StreamARN || !StartTimestamp || !StartFragmentNumber) return undefined;
  return {
    streamArn: StreamARN,
    startFragmentNumber: StartFragmentNumber,
    startedAt: new Date(Number(StartTimestamp)),
  };
}
