/** Shows what a recorder has checkpointed, each time, before the recorder itself hears that it has. */
import * as v from 'valibot';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import { type Hooks, PASS, type ProxiedRequest } from '../standins/proxy.ts';

/** The write's answer waits until it resolves. */
export type CheckpointListener = (checkpoint: Checkpoint) => void | Promise<void>;

const WRITES = ['DynamoDB_20120810.UpdateItem', 'DynamoDB_20120810.PutItem'];
const write = v.object({
  TableName: v.string(),
  Key: v.object({ recordingId: v.object({ S: v.string() }) }),
});

/**
 * @param read the item as it stands, not by way of the proxy
 * @param others what else the proxy is to do; its answer hook comes after the listener
 */
export function watchCheckpoints(
  table: string,
  read: (recordingId: string) => Promise<Checkpoint | undefined>,
  listener: CheckpointListener,
  others: Hooks = {},
): Hooks {
  return {
    ...others,
    answer: async (request, answer) => {
      const recordingId = answer.statusCode === 200 ? writtenTo(request, table) : undefined;
      const checkpoint = recordingId === undefined ? undefined : await read(recordingId);
      if (checkpoint !== undefined) await listener(checkpoint);
      return others.answer?.(request, answer) ?? PASS;
    },
  };
}

/** @returns the recording whose checkpoint was written. */
function writtenTo({ headers, body }: ProxiedRequest, table: string): string | undefined {
  if (!WRITES.includes(String(headers['x-amz-target']))) return undefined;
  const { success, output } = v.safeParse(write, JSON.parse(body.toString()));
  return success && output.TableName === table ? output.Key.recordingId.S : undefined;
}
