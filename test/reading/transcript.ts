/**
 * A reading told as text: on each line when, what comes in, what is said of it, and what is to be done next.
 *
 * `+1.5  opened                     | read`: 1.5 s after the call's start. Fragments are told by their number from the
 * recording's first, which is 0; `6 torn 1` came in part, with its first block; `6 torn 1 40` with 40 bytes more. `nothing
 * for 4 halted 4`: no byte for 4 s, in which the process was halted.
 */
import type { NumberedFragment } from '../../matroska/fragment.ts';
import type { MediaErrorKind, StartSelector } from '../../ports/media/media.ts';
import { beginReading, type Command, type Input, type Output, type Reading } from '../../reading/reading.ts';
import { step } from '../../reading/step.ts';
import type { Position } from '../../recording/checkpoint.ts';
import { RECORDING, START_FRAGMENT_NUMBER as START } from '../support/call.ts';
import { fragmentOf, ramp, T0 } from '../support/documents.ts';

const LIMITS = { graceMs: 5_000, tickMs: 1_000 };
/** The columns begin here. */
const COLUMNS = [0, 8, 42] as const;

/** What was dealt with before: the fragment of this number, at its second. */
export function behind(offset: number): Position {
  const number = START + BigInt(offset);
  return {
    lastFragmentNumber: number,
    continuationToken: number.toString(),
    lastServerTimestamp: T0 + offset * 1_000,
  };
}

/** Plays what comes in, as the text tells it. @returns the same text, as it is */
export function played(text: string, last?: Position, limits = LIMITS): string {
  let reading = beginReading(RECORDING, T0, last);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .map((line) => {
      const [, seconds = '', come = ''] = /^\s*\+([0-9.]+)\s+(.*?)\s*(?:\|.*)?$/.exec(line) ?? [];
      const nowMs = T0 + Math.round(Number(seconds) * 1_000);
      const next = step(reading, inputOf(come, nowMs, reading), nowMs, limits);
      reading = next.reading;
      const said = next.outputs.flatMap(saidOf);
      return lineOf(`+${seconds}`, come, [...said, doneOf(next.command, nowMs)].join('; '));
    })
    .join('\n');
}

/** Lays a text out as {@link played} does. */
export function laidOut(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => line.trim()).join('\n');
}

function lineOf(time: string, come: string, rest: string): string {
  const [, second, third] = COLUMNS;
  return `${time.padEnd(second)}${come}`.padEnd(third) + `| ${rest}`;
}

function inputOf(come: string, nowMs: number, { session }: Reading): Input {
  const words = come.split(' ');
  const [kind = '', ...rest] = words;
  const sinceMs = nowMs;
  const tail = rest.includes('with') ? fragmentFrom(rest.slice(rest.indexOf('with') + 1)) : undefined;
  const isMidway = rest.includes('midway');
  const halted = rest.includes('halted') ? 1_000 * Number(rest[rest.indexOf('halted') + 1]) : undefined;
  const refusal = { kind: rest[0] as MediaErrorKind, why: 'refused' };
  switch (kind) {
    case 'waited':
      return { kind };
    case 'opened':
      return { kind, sinceMs };
    case 'refused':
      return { kind, refusal, sinceMs };
    case 'broke':
      return { kind, refusal, tail };
    case 'reported':
      return { kind, refusal, tail, sinceMs };
    case 'ended':
      return { kind, tail, sinceMs };
    case 'left':
      return { kind, tail };
    case 'malformed':
      return {
        kind,
        number: rest[0] === undefined ? undefined : START + BigInt(rest[0]),
        why: 'no Matroska',
      };
    case 'over':
      return { kind: 'callIsOver' };
    case 'stop':
      return { kind };
    case 'nothing':
      return {
        kind,
        sinceMs: nowMs - (halted ?? Math.min(1_000, nowMs - session.openedAtMs)),
        bytesAtMs: rest.includes('for')
          ? nowMs - 1_000 * Number(rest[rest.indexOf('for') + 1])
          : nowMs - 1_000,
        isMidway,
      };
    case 'unnumbered':
      return {
        kind: 'fragment',
        fragment: { ...fragmentOf({}), number: undefined },
        sinceMs,
        bytesAtMs: nowMs,
        isMidway,
      };
    default:
      return { kind: 'fragment', fragment: fragmentFrom(words), sinceMs, bytesAtMs: nowMs, isMidway };
  }
}

/** `7`, `7 structural`, `7 torn 1`, `7 torn 1 40`; and `7 behind 20`: so many seconds behind the stream's head. */
function fragmentFrom(words: readonly string[]): NumberedFragment {
  const [number = '0', wholeness = 'tagged', blocks = '2', tornBytes = '0'] = words;
  const offset = BigInt(number);
  const atMs = T0 + Number(offset) * 1_000;
  const made = fragmentOf({
    number: START + offset,
    serverMs: atMs,
    blocks: [0, 1].map((index) => ({ channel: 0, atMs: atMs + index * 100, pcm: ramp(80, index) }) as const),
  });
  const behindMs = wholeness === 'behind' ? 1_000 * Number(blocks) : 0;
  const isWhole = wholeness !== 'structural' && wholeness !== 'torn';
  return {
    ...made,
    wholeness: isWhole ? 'tagged' : wholeness,
    tornBytes: Number(tornBytes),
    blocks: made.blocks.slice(0, isWhole ? undefined : Number(blocks)),
    millisBehindNow: behindMs,
  };
}

function saidOf(output: Output): string[] {
  switch (output.kind) {
    case 'fragment':
      return [`${short(output.fragment.number)}${output.keptAs === 'cut' ? ' cut' : ''}`];
    case 'hole': {
      const { after, before, malformed } = output.hole;
      return [`hole ${short(after)}…${short(before)}${malformed === undefined ? '' : ' malformed'}`];
    }
    case 'lost':
      return [`lost ${output.number === undefined ? afterOf(output.after) : short(output.number)}`];
    case 'quiet': {
      const { forMs, afterCall, unsettled, refusal } = output;
      const words = [afterCall ? 'after the call' : '', unsettled ? 'unsettled' : '', refusal?.reason ?? ''];
      return [['quiet', seconds(forMs), ...words].filter((word) => word !== '').join(' ')];
    }
    case 'warning':
      return [];
  }
}

function afterOf(after: bigint | undefined): string {
  return after === undefined ? 'without a number' : `behind ${short(after)}`;
}

function doneOf(command: Command, nowMs: number): string {
  switch (command.kind) {
    case 'wait':
      return `wait ${seconds(Math.max(0, command.untilMs - nowMs))}`;
    case 'open':
      return `open ${startOf(command.start)}`;
    case 'readBehind':
      return 'read behind it';
    case 'read':
    case 'leave':
    case 'stop':
      return command.kind;
  }
}

function startOf(start: StartSelector): string {
  switch (start.kind) {
    case 'serverTimestamp':
      return `at ${seconds(start.atMs - T0)}`;
    case 'afterFragment':
      return `after ${short(start.number)}`;
    case 'continuationToken':
      return `by the token of ${short(BigInt(start.token))}`;
    case 'earliest':
      return 'at the oldest';
    case 'now':
      return 'now';
  }
}

function short(number: bigint): string {
  return (number - START).toString();
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
