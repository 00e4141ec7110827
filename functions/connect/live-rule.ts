/**
 * Whether whoever listens while people talk is given a call. Decided once: it stands in the execution's input and in the
 * call record, so that every task of the recording, and every resumption, goes by it.
 */
import { createHash } from 'node:crypto';
import { bounded, type Environment, optional } from '../../contract/environment.ts';
import { LIVE_LIMITS } from '../../contract/limits.ts';
import { CONNECT_VARIABLES } from '../../contract/variables.ts';
import { LIVE_CHOICES, type LiveChoice } from '../../recording/call-record.ts';
import { RecordingError } from '../../recording/errors.ts';

export interface LiveRule {
  /** What holds of a call whose flow doesn't say. */
  readonly otherwise: LiveChoice;
  /** How many of a hundred such calls are listened to. */
  readonly percent: number;
}

/** @returns undefined where nothing that listens is deployed. @throws RecordingError when a variable is absurd */
export function liveRule(env: Environment): LiveRule | undefined {
  const text = optional(env, CONNECT_VARIABLES.live);
  if (text === undefined) return undefined;
  const otherwise = LIVE_CHOICES.find((choice) => choice === text);
  if (otherwise === undefined)
    throw new RecordingError(
      `the environment variable ${CONNECT_VARIABLES.live} must be ${LIVE_CHOICES.join(' or ')}`,
    );
  return { otherwise, percent: bounded(env, CONNECT_VARIABLES.livePercent, LIVE_LIMITS.percent) };
}

/** The flow's word stands, whatever the percentage. @param asked by the contact flow */
export function decideLive(
  rule: LiveRule | undefined,
  asked: LiveChoice | undefined,
  contactId: string,
): LiveChoice {
  if (rule === undefined) return 'off';
  if (asked !== undefined) return asked;
  return rule.otherwise === 'on' && percentileOf(contactId) < rule.percent ? 'on' : 'off';
}

const UINT32 = 2 ** 32;

/** From 0 to below 100, the same for a contact every time. */
function percentileOf(contactId: string): number {
  return (createHash('sha256').update(contactId).digest().readUInt32BE() / UINT32) * 100;
}
