/** The sample call, recorded and listened to as it is deployed, for tests of both kinds of deployment. */
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { loadCall } from '../../local/run/input.ts';
import { runCall, type RunOptions } from '../../local/run/run-call.ts';
import { startSystem, type System } from '../../local/system/system.ts';
import { livePrefix } from '../../recording/tape/live-keys.ts';
import { firstDifference } from '../support/heard.ts';
import { assembledPieces } from '../support/live-pieces.ts';
import type { OwnOfTest } from '../support/own-of-test.ts';
import { objectsBelow } from '../support/stored-objects.ts';
import { PACE, recordedAudio, SAMPLE, sampleAudio } from './sample-call.ts';

export const PIECES = { [LIVE_VARIABLES.sinks]: 'pieces' };

export interface Recorded {
  /** In which the workflow was, in order. */
  readonly states: readonly string[];
  /** How many tasks there were, of whatever kind. */
  readonly tasks: number;
  /** By pieces: interleaved S16LE. */
  readonly heard: Buffer;
  /** What it should be. */
  readonly sample: Buffer;
  readonly pieces: number;
  readonly live: unknown;
}

export type RecordListened = (
  sinks: Readonly<Record<string, string>>,
  options?: RunOptions,
  during?: (system: System) => Promise<unknown>,
) => Promise<Recorded>;

/**
 * To be called once a file, outside its tests.
 * @param listenersApart whether whoever listens has a task of its own
 * @returns what records the sample, and holds it against the WAV, whatever becomes of whoever listens
 */
export function listenedCalls(
  own: OwnOfTest,
  { listenersApart }: { readonly listenersApart: boolean },
): RecordListened {
  let sample: Buffer = Buffer.alloc(0);
  beforeAll(async () => {
    await buildUnlessStanding();
    sample = await sampleAudio();
  });
  return async (sinks, options = {}, during = () => Promise.resolve()) => {
    const call = await loadCall({ file: SAMPLE, pace: PACE });
    const states: string[] = [];
    const system = await startSystem({
      logsDir: join(own.dir, 'logs'),
      settings: { graceSeconds: 1, segmentSeconds: 4 },
      retryMs: 50,
      liveSinks: sinks,
      listenersApart,
      onExecutionEvent: ({ type, state }) => {
        if (type === 'StateEntered' && state !== undefined) states.push(state);
      },
    });
    try {
      const [{ record: item }] = await Promise.all([
        runCall(system, call, { pace: PACE, ...options }),
        during(system),
      ]);
      expect(item).toMatchObject({ status: 'COMPLETE' });
      expect(firstDifference(await recordedAudio(system), sample)).toBeUndefined();
      // Those that listen apart leave by themselves, when they have heard all.
      if (listenersApart) await Promise.all(system.ecs.tasks.map((task) => task.exited));
      const objects = await objectsBelow(system, livePrefix(call));
      return {
        states,
        tasks: system.ecs.tasks.length,
        heard: assembledPieces({ objects }, call).heard.audioOf(sample.length / 4),
        sample,
        pieces: [...objects.keys()].filter((key) => key.endsWith('.wav')).length,
        live: item?.live,
      };
    } finally {
      await system.close();
    }
  };
}
