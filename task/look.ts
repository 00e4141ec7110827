/** When to look again what has become of a contact. Pure: no promise, no port, no clock. */
import { backoffMs } from '../reading/backoff.ts';

/** Epoch ms by our clock. */
export interface LookPlan {
  readonly pollAtMs: number;
  readonly askAtMs: number;
  /** How often Connect has been asked in this silence: DescribeContact takes two requests a second for the whole instance. */
  readonly asked: number;
}

export interface Look {
  /** Read the calls table. */
  readonly poll: boolean;
  /** Ask Connect, unless the contact is known to be over by then. */
  readonly ask: boolean;
  /** When to look after this. */
  readonly plan: LookPlan;
}

export const LOOK_AT_ONCE: LookPlan = { pollAtMs: 0, askAtMs: 0, asked: 0 };

/** While audio flows nothing is to be learnt but that streaming was stopped, or the contact's next recording has begun. */
const FLOWING_POLL_MS = 30_000;
const QUIET_POLL_MS_MAX = 2_000;
/** Fragments come about once a second. */
const QUIET_AFTER_MS = 2_500;
const ASK_CONNECT_AFTER_MS = 15_000;
const ASK_CONNECT_MS_MAX = 120_000;

/** @param quietMs how long no audio of the contact has come */
export function lookAt(plan: LookPlan, quietMs: number, nowMs: number, graceMs: number): Look {
  const isQuiet = quietMs >= Math.min(QUIET_AFTER_MS, graceMs);
  const asked = isQuiet ? plan.asked : 0;
  const pollMs = isQuiet ? Math.min(QUIET_POLL_MS_MAX, graceMs) : FLOWING_POLL_MS;
  // Silence has begun, which is what a hang-up sounds like; or the clock was set back.
  const isTooFar = plan.pollAtMs > nowMs + pollMs;
  const pollAtMs = isTooFar ? nowMs : plan.pollAtMs;
  const askAtMs = Math.min(plan.askAtMs, nowMs + ASK_CONNECT_MS_MAX);
  const poll = nowMs >= pollAtMs;
  const ask = quietMs >= ASK_CONNECT_AFTER_MS && nowMs >= askAtMs;
  return {
    poll,
    ask,
    plan: {
      pollAtMs: poll ? nowMs + pollMs : pollAtMs,
      askAtMs: ask ? nowMs + backoffMs(asked, ASK_CONNECT_AFTER_MS, ASK_CONNECT_MS_MAX) : askAtMs,
      asked: asked + (ask ? 1 : 0),
    },
  };
}
