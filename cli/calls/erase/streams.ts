/** What the video streams still hold of the recordings that are erased, and for how long that is to be remembered. */
import type { Access } from '../../access/access.ts';
import type { Target } from './targets.ts';

const HOUR_MS = 3_600_000;
/** Step Functions remembers an execution for 90 days, and with it that its name is taken. */
const EXECUTIONS_MS = 90 * 24 * HOUR_MS;
/** The longest that Kinesis Video Streams keeps anything: 87,600 hours. */
const RETENTION_MS_MAX = 87_600 * HOUR_MS;
const MARGIN_MS = 24 * HOUR_MS;

/** @returns epoch ms until which some stream holds audio of them; undefined where one of them doesn't say */
export async function streamsHoldUntilMs(
  access: Access,
  targets: readonly Target[],
  nowMs: number,
): Promise<number | undefined> {
  const retention = new Map<string, number | undefined>();
  let untilMs = 0;
  for (const { call } of targets) {
    if (call === undefined) continue;
    const { streamArn, disconnectedAt, endedAt } = call;
    if (!retention.has(streamArn)) retention.set(streamArn, await access.retentionHoursOf(call));
    const hours = retention.get(streamArn);
    if (hours === undefined) return undefined;
    const lastMs = Date.parse(disconnectedAt ?? endedAt ?? new Date(nowMs).toISOString());
    untilMs = Math.max(untilMs, lastMs + hours * HOUR_MS);
  }
  return untilMs;
}

/** When a tombstone may go: nothing could bring the recording back any more. */
export function tombstoneExpiresMs(holdUntilMs: number | undefined, nowMs: number): number {
  const streamsMs = holdUntilMs === undefined ? nowMs + RETENTION_MS_MAX : holdUntilMs + MARGIN_MS;
  return Math.max(nowMs + EXECUTIONS_MS, streamsMs);
}
