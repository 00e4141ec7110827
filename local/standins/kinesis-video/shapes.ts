/** The stand-in's own terms, in those of the API and back. */
import type * as v from 'valibot';
import type { Start } from '../../../ports/media/memory-stream.ts';
import type { GetMedia } from './requests.ts';
import type { Stream } from './stream.ts';

/** What DescribeStream tells of a stream. */
export function describeStream(stream: Stream): Record<string, unknown> {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    Status: 'ACTIVE',
    Version: '1',
    CreationTime: stream.createdAtMs / 1000,
    DataRetentionInHours: stream.retentionHours,
  };
}

export function startOf(selector: v.InferOutput<typeof GetMedia>['StartSelector']): Start {
  switch (selector.StartSelectorType) {
    case 'FRAGMENT_NUMBER':
      return { kind: 'afterFragment', number: BigInt(selector.AfterFragmentNumber) };
    case 'SERVER_TIMESTAMP':
      return { kind: 'serverTimestamp', atMs: Math.round(selector.StartTimestamp * 1000) };
    case 'PRODUCER_TIMESTAMP':
      return { kind: 'producerTimestamp', atMs: Math.round(selector.StartTimestamp * 1000) };
    case 'CONTINUATION_TOKEN':
      return { kind: 'continuationToken', token: selector.ContinuationToken };
    case 'EARLIEST':
      return { kind: 'earliest' };
    case 'NOW':
      return { kind: 'now' };
  }
}
