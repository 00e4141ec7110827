/** The small cases that are gone through whole. */
import type { FragmentPlan } from '../simulation/scenario.ts';
import { makeStream, type TrueStream } from '../simulation/stream.ts';

export interface Case {
  readonly name: string;
  readonly fragments: number;
  readonly archive: boolean;
  /** Tasks before the workflow gives the recording to the assembly, which has to fence it. */
  readonly taskTries: number;
  /** Somebody resumes the recording, at any moment: a second execution. */
  readonly handOver: boolean;
  /** Deaths, and calls that are put aside, in a run. */
  readonly troubles: number;
}

const PLAIN = { fragments: 2, archive: true, taskTries: 3, handOver: false, troubles: 1 };

export const CASES: readonly Case[] = [
  { ...PLAIN, name: 'one trouble' },
  { ...PLAIN, name: 'one trouble, no retry: a fence', taskTries: 1 },
  { ...PLAIN, name: 'a handover at any moment', handOver: true, troubles: 0 },
  { ...PLAIN, name: 'two troubles', troubles: 2 },
  { ...PLAIN, name: 'two troubles, one retry: a fence', taskTries: 2, troubles: 2 },
  { ...PLAIN, name: 'a handover and one trouble', handOver: true, troubles: 1 },
  {
    ...PLAIN,
    name: 'two troubles without an archive, three fragments',
    fragments: 3,
    archive: false,
    troubles: 2,
  },
  { ...PLAIN, name: 'a handover and two troubles', handOver: true, troubles: 2, taskTries: 2 },
  { ...PLAIN, name: 'three troubles, three fragments', fragments: 3, troubles: 3 },
];

export function streamOf({ fragments }: Case): TrueStream {
  const plan = (noise: number): FragmentPlan => ({
    part: 'ours',
    pauseMs: 0,
    lengthMs: 1_024,
    latencyMs: 50,
    blocks: ([0, 1] as const).map((channel) => ({ channel, atMs: 0, frames: 256 })),
    contactTag: true,
    trailingTags: true,
    malformed: false,
    clockJumpMs: 0,
    noise,
  });
  return makeStream({
    sampleRate: 250,
    channels: 2,
    firstTrack: 'customer',
    connectTags: 'around',
    knownSizes: false,
    clockSkewMs: 0,
    startedAtMs: 0,
    executionAfterMs: 0,
    fragments: Array.from({ length: fragments }, (_, index) => plan(index + 1)),
    disconnectAfterMs: 0,
    eventAfterMs: 0,
    describeAfterMs: 0,
  });
}
