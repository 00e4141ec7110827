/** The feed, where the environment asks for one. */
import { type Environment, optional } from '../../contract/environment.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { FeedServer } from './feed-server.ts';

/** @returns undefined where none is asked for, or it can't be opened: recording needs none. */
export async function openFeed(
  env: Environment,
  clock: Clock,
  telemetry: Telemetry,
): Promise<FeedServer | undefined> {
  const path = optional(env, LIVE_VARIABLES.feedSocket);
  if (path === undefined) return undefined;
  try {
    const { FeedServer: Server } = await import('./feed-server.ts');
    return await Server.listen({ path, clock, telemetry });
  } catch (error) {
    telemetry.error('the feed can’t be opened; recording goes on without it', error);
    return undefined;
  }
}
