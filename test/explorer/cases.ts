/** The small cases, of each of which as much is gone through as there is time for. */
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
  /** Somebody stops the execution, at any moment, and erases the recording. */
  readonly erasure: boolean;
  /** Processes that die in a run; a command that does is given again. */
  readonly deaths: number;
  /** Processes that the workflow takes for dead, and that go on at any later moment. */
  readonly zombies: number;
}

const PLAIN = {
  fragments: 2,
  archive: true,
  taskTries: 4,
  handOver: false,
  erasure: false,
  deaths: 0,
  zombies: 0,
};

/** The small ones first: what they don't need of the time is left to the others. */
export const CASES: readonly Case[] = [
  { ...PLAIN, name: 'one death', deaths: 1 },
  { ...PLAIN, name: 'two deaths', deaths: 2 },
  { ...PLAIN, name: 'three deaths', deaths: 3 },
  { ...PLAIN, name: 'two deaths, no retry: a fence', taskTries: 1, deaths: 2 },
  { ...PLAIN, name: 'two deaths, three fragments', fragments: 3, deaths: 2 },
  { ...PLAIN, name: 'two deaths without an archive', archive: false, deaths: 2 },
  { ...PLAIN, name: 'an erasure', erasure: true },
  { ...PLAIN, name: 'an erasure and one death', erasure: true, deaths: 1 },
  { ...PLAIN, name: 'a handover', handOver: true },
  { ...PLAIN, name: 'a zombie, no retry: a fence', taskTries: 1, zombies: 1 },
  { ...PLAIN, name: 'a zombie', zombies: 1 },
  {
    ...PLAIN,
    name: 'a zombie without an archive, three fragments',
    fragments: 3,
    archive: false,
    zombies: 1,
  },
  { ...PLAIN, name: 'a handover and one death', handOver: true, deaths: 1 },
  { ...PLAIN, name: 'an erasure and a zombie', erasure: true, zombies: 1 },
  { ...PLAIN, name: 'a zombie and one death, no retry: a fence', taskTries: 1, zombies: 1, deaths: 1 },
  { ...PLAIN, name: 'a handover and a zombie', handOver: true, zombies: 1 },
  { ...PLAIN, name: 'a handover and an erasure', handOver: true, erasure: true },
  { ...PLAIN, name: 'two zombies', zombies: 2 },
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
