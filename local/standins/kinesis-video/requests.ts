/** The requests of the five operations, as their API references describe them. */
import * as v from 'valibot';
import { KinesisVideoError } from './errors.ts';

export const OPERATIONS = [
  'describeStream',
  'getDataEndpoint',
  'getMedia',
  'listFragments',
  'getMediaForFragmentList',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The names that GetDataEndpoint knows, and the operation that each leads to. */
export const API_NAMES = {
  GET_MEDIA: 'getMedia',
  LIST_FRAGMENTS: 'listFragments',
  GET_MEDIA_FOR_FRAGMENT_LIST: 'getMediaForFragmentList',
} as const;

const FragmentNumber = v.pipe(v.string(), v.maxLength(128), v.regex(/^[0-9]+$/));
/** A timestamp in a JSON body: epoch seconds. */
const Timestamp = v.pipe(v.number(), v.finite());

const ofStream = {
  StreamName: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
  StreamARN: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))),
};

export const StreamReference = v.object(ofStream);
export type StreamReference = v.InferOutput<typeof StreamReference>;

export const GetDataEndpoint = v.object({
  ...ofStream,
  APIName: v.picklist(['GET_MEDIA', 'LIST_FRAGMENTS', 'GET_MEDIA_FOR_FRAGMENT_LIST']),
});

export const GetMedia = v.object({
  ...ofStream,
  StartSelector: v.variant('StartSelectorType', [
    v.object({ StartSelectorType: v.literal('FRAGMENT_NUMBER'), AfterFragmentNumber: FragmentNumber }),
    v.object({ StartSelectorType: v.literal('SERVER_TIMESTAMP'), StartTimestamp: Timestamp }),
    v.object({ StartSelectorType: v.literal('PRODUCER_TIMESTAMP'), StartTimestamp: Timestamp }),
    v.object({ StartSelectorType: v.literal('CONTINUATION_TOKEN'), ContinuationToken: FragmentNumber }),
    v.object({ StartSelectorType: v.literal('EARLIEST') }),
    v.object({ StartSelectorType: v.literal('NOW') }),
  ]),
});

const FragmentSelector = v.object({
  FragmentSelectorType: v.picklist(['SERVER_TIMESTAMP', 'PRODUCER_TIMESTAMP']),
  TimestampRange: v.object({ StartTimestamp: Timestamp, EndTimestamp: Timestamp }),
});

export const ListFragments = v.object({
  ...ofStream,
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 100),
  NextToken: v.optional(v.string()),
  FragmentSelector: v.optional(FragmentSelector),
});
export type ListFragments = v.InferOutput<typeof ListFragments>;

export const GetMediaForFragmentList = v.object({
  ...ofStream,
  Fragments: v.pipe(v.array(FragmentNumber), v.minLength(1), v.maxLength(1000)),
});

/** @throws KinesisVideoError InvalidArgumentException, which says what is wrong with which member. */
export function parseRequest<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the request';
  throw new KinesisVideoError('InvalidArgumentException', `${path}: ${issue.message}`);
}
