/** The call that is recorded, how it comes, and what the recording has to be: all by a seed. */
import type { LocalCall } from '../../local/run/call.ts';
import type { LocalSettings } from '../../local/system/deployment.ts';
import type { SystemOptions } from '../../local/system/system.ts';
import { noise, produced, silenced } from '../support/local-run.ts';
import type { Random } from '../support/random.ts';

export interface Trial {
  readonly call: LocalCall;
  /** What the WAV has to hold: the customer's samples, the agent's. */
  readonly channels: readonly [Int16Array, Int16Array];
  /** Multiple of live. */
  readonly pace: number;
  readonly settings: LocalSettings;
  /** 0: there is no archive that could make up for what the tasks have missed. */
  readonly retentionHours: number;
  /** How long a stream without retention keeps what came. */
  readonly bufferMs?: number;
  /** Who listens meanwhile: a listener’s variables. Default: nobody. */
  readonly liveSinks?: Readonly<Record<string, string>>;
  readonly kinesisVideo: NonNullable<SystemOptions['kinesisVideo']>;
}

/** A call of two who talk all the time, in segments of a second; nothing but the tasks themselves keeps it whole. */
export function plainTrial(milliseconds: number, pace: number): Trial {
  const channels = [noise(milliseconds, 1), noise(milliseconds, 2)] as const;
  return {
    call: produced(channels),
    channels,
    pace,
    settings: { segmentSeconds: 1, graceSeconds: 0.5 },
    retentionHours: 0,
    kinesisVideo: {},
  };
}

/** Gaps, odd blocks, an agent who joins late, sessions that are cut: now this, now that. */
export function randomTrial(random: Random): Trial {
  const milliseconds = 100 * random.integer(20, 80);
  const sources = [0, 1].map(() => noise(milliseconds, random.integer(1, 1e9))) as [Int16Array, Int16Array];
  const gapMs = random.chance(0.4) ? 100 * random.integer(3, 10) : 0;
  const gapAtMs = 100 * random.integer(5, Math.floor(milliseconds / 200));
  const joinsAtMs = random.chance(0.3) ? 100 * random.integer(1, Math.floor(milliseconds / 200)) : 0;
  const call = produced(sources, {
    seed: random.integer(1, 1e9),
    clockSkewMs: random.integer(-2_000, 2_000),
    oddBlocks: random.chance(0.3),
    layout: { firstTrack: random.pick(['agent', 'customer']) },
    agentJoinsAtMs: joinsAtMs,
    gaps: gapMs > 0 ? [0, 1].map((channel) => ({ channel, startMs: gapAtMs, lengthMs: gapMs })) : [],
  });
  const [customer, agent] = sources;
  const withGap = (samples: Int16Array) => silenced(samples, gapAtMs, gapAtMs + gapMs);
  const longest = Math.max(...call.own.map(({ document }) => document.length));
  const cut = random.integer(0, 3);
  return {
    call,
    channels: [withGap(customer), silenced(withGap(agent), 0, joinsAtMs)],
    pace: random.integer(2, 6),
    settings: { segmentSeconds: random.integer(1, 3), graceSeconds: 0.5 },
    retentionHours: random.pick([0, 24]),
    kinesisVideo: {
      ...(cut === 1 && { cutEveryFragments: random.integer(1, 4) }),
      ...(cut === 2 && { cutAtBytes: longest + random.integer(1, 3 * longest) }),
    },
  };
}
