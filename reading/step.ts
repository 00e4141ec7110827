/**
 * What becomes of a reading when something comes in: all the decisions about reading a stream, and none of the doing.
 * Pure: no promise, no port, no clock (ESLint holds that). `driver.ts` performs the commands.
 *
 * Each thing that a command brings in (a *round*) is answered by at least one output: `quiet`, where there is nothing
 * else to say.
 */
import { selectorOf } from './position.ts';
import type { Command, Input, Output, Reading, ReadingLimits } from './reading.ts';
import { standing } from './refusals.ts';
import { settleUnread, takeFragment } from './step-fragments.ts';
import { checkReading, checkSaid } from './step-invariants.ts';
import {
  broke,
  callIsOver,
  ended,
  heard,
  left,
  metMalformed,
  opened,
  quietFor,
  refuse,
  REOPEN_SPACING_MS,
  stop,
  WAIT_MS_MAX,
} from './step-sessions.ts';
import { change, changeSession, hasTail, quietForMs, say, type Turn } from './step-turn.ts';

export interface Step {
  readonly reading: Reading;
  readonly outputs: readonly Output[];
  readonly command: Command;
}

/** @throws Error when the input doesn't fit the phase, or the reading contradicts itself. */
export function step(reading: Reading, input: Input, nowMs: number, limits: ReadingLimits): Step {
  const turn: Turn = { reading, outputs: [], nowMs, limits };
  take(turn, input);
  settlePhase(turn);
  if (isRoundOver(turn, reading, input)) endRound(turn);
  checkReading(turn.reading);
  checkSaid(turn.outputs);
  return { reading: turn.reading, outputs: turn.outputs, command: commandOf(turn.reading, limits) };
}

function take(turn: Turn, input: Input): void {
  switch (input.kind) {
    case 'waited':
      return;
    case 'opened':
      if (turn.reading.phase.kind !== 'opening') throw misplaced(input, turn.reading);
      change(turn, { openAtMs: input.sinceMs + REOPEN_SPACING_MS });
      opened(turn);
      return;
    case 'refused':
      if (turn.reading.phase.kind !== 'opening') throw misplaced(input, turn.reading);
      change(turn, { openAtMs: input.sinceMs + REOPEN_SPACING_MS });
      refuse(turn, input.refusal);
      return;
    case 'callIsOver':
      callIsOver(turn);
      return;
    case 'stop':
      stop(turn);
      return;
    case 'left':
      takeLeft(turn, input);
      return;
    case 'fragment':
    case 'nothing':
    case 'ended':
    case 'broke':
    case 'reported':
    case 'malformed':
      takeFromSession(turn, input);
      return;
  }
}

type OfSession = Extract<
  Input,
  { kind: 'fragment' | 'nothing' | 'ended' | 'broke' | 'reported' | 'malformed' }
>;

function takeFromSession(turn: Turn, input: OfSession): void {
  if (turn.reading.phase.kind !== 'open') throw misplaced(input, turn.reading);
  change(turn, { phase: { kind: 'open', readOn: 'here' } });
  if ('isMidway' in input) changeSession(turn, { isMidway: input.isMidway });
  if ('sinceMs' in input) heard(turn, input.sinceMs);
  switch (input.kind) {
    case 'fragment':
      takeFragment(turn, input.fragment);
      return;
    case 'nothing':
      quietFor(turn, turn.nowMs - input.bytesAtMs);
      return;
    case 'ended':
      ended(turn, input.tail);
      return;
    case 'broke':
    case 'reported':
      broke(turn, input.tail, input.refusal);
      return;
    case 'malformed':
      metMalformed(turn, input.number, input.why);
      return;
  }
}

function takeLeft(turn: Turn, input: Extract<Input, { kind: 'left' }>): void {
  const { phase } = turn.reading;
  if (phase.kind !== 'leaving') throw misplaced(input, turn.reading);
  say(turn, ...phase.unsaid);
  left(turn, phase.because, input.tail);
}

/** Where no session is: may the next one be opened? */
function settlePhase(turn: Turn): void {
  const { phase, openAtMs } = turn.reading;
  if (phase.kind !== 'waiting' && phase.kind !== 'opening') return;
  // The clock may have been set back.
  const atMs = Math.min(openAtMs, turn.nowMs + WAIT_MS_MAX);
  change(turn, { openAtMs: atMs, phase: { kind: atMs > turn.nowMs ? 'waiting' : 'opening' } });
}

/** A session that has just been opened, or can be, has nothing to say yet; nor does whoever is told something. */
function isRoundOver({ reading: { phase } }: Turn, before: Reading, { kind }: Input): boolean {
  if (kind === 'opened' || kind === 'callIsOver' || kind === 'stop' || phase.kind === 'leaving') return false;
  if (kind === 'waited') return phase.kind === 'waiting';
  const because = before.phase.kind === 'leaving' ? before.phase.because : undefined;
  return because !== 'callIsOver' && because !== 'stop';
}

function endRound(turn: Turn): void {
  settleUnread(turn);
  if (turn.outputs.some(({ kind }) => kind !== 'warning')) return;
  const { reading } = turn;
  say(turn, {
    kind: 'quiet',
    forMs: quietForMs(reading),
    afterCall: reading.call === 'is over',
    // On its way, or without its trailing tags and being read again.
    unsettled: reading.unfinished !== undefined || hasTail(reading),
    refusal: standing(reading.refusals),
  });
}

/** What is to be done next. */
export function commandOf({ phase, position, openAtMs }: Reading, { tickMs }: ReadingLimits): Command {
  switch (phase.kind) {
    case 'waiting':
      return { kind: 'wait', untilMs: openAtMs, mostMs: tickMs };
    case 'opening':
      return { kind: 'open', start: selectorOf(position) };
    case 'open':
      return { kind: phase.readOn === 'here' ? 'read' : 'readBehind', mostMs: tickMs };
    case 'leaving':
      return { kind: 'leave' };
    case 'stopped':
      return { kind: 'stop' };
  }
}

function misplaced({ kind }: Input, { phase }: Reading): Error {
  return new Error(`a reading that is ${phase.kind} has no use for ${kind}`);
}
