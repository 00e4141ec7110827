/** AudioHook's messages (version 2): what the client sends, and what it understands of what a server sends. */
import * as v from 'valibot';
import { chosenMedia, type Media, SAMPLE_RATE } from './media.ts';

export type CloseReason = 'end' | 'error' | 'disconnect' | 'reconnect';
/** 400 malformed, 408 too late, 415 no such thing is taken. */
export type ErrorCode = 400 | 408 | 415;

export interface OpenParameters {
  readonly organizationId: string;
  readonly conversationId: string;
  readonly participant: {
    readonly id: string;
    readonly ani: string;
    readonly aniName: string;
    readonly dnis: string;
  };
  readonly media: readonly Media[];
  readonly language?: string;
  readonly continuedSessions?: readonly {
    readonly id: string;
    readonly serverseq: number;
    readonly clientseq: number;
  }[];
  readonly customConfig: Readonly<Record<string, unknown>>;
}

export interface LeftOut {
  readonly start: string;
  readonly discarded: string;
}

/** By type. */
export interface ClientParameters {
  open: OpenParameters;
  ping: { readonly rtt?: string };
  discarded: LeftOut;
  paused: Readonly<Record<string, never>>;
  resumed: LeftOut;
  error: { readonly code: ErrorCode; readonly message: string };
  close: { readonly reason: CloseReason };
}

const sequenceNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const duration = v.pipe(
  v.string(),
  v.maxLength(40),
  v.regex(/^PT(?:\d*\.)?\d+S$/),
  v.transform((text) => Math.round(Number(text.slice(2, -1)) * SAMPLE_RATE)),
);

const base = v.object({
  version: v.literal('2'),
  id: v.string(),
  type: v.pipe(v.string(), v.maxLength(100)),
  seq: sequenceNumber,
  clientseq: sequenceNumber,
});

const opened = v.object({
  media: chosenMedia,
  /** Frames. */
  discardTo: v.optional(duration),
  startPaused: v.optional(v.boolean(), false),
});
export type Opened = v.InferOutput<typeof opened>;

const disconnect = v.object({ reason: v.picklist(['completed', 'unauthorized', 'error']) });

/** What the client does something about. Of `info` and of what servers have heard nothing is kept: words may be in it. */
const parameters = v.variant('type', [
  v.object({ type: v.literal('opened'), parameters: opened }),
  v.object({ type: v.literal('disconnect'), parameters: disconnect }),
  v.object({ type: v.literal('closed') }),
  v.object({ type: v.literal('pong') }),
  v.object({ type: v.literal('pause') }),
  v.object({ type: v.literal('resume') }),
  v.object({ type: v.literal('reconnect') }),
]);
export type Understood = v.InferOutput<typeof parameters>;

const KNOWN: ReadonlySet<string> = new Set(parameters.options.map(({ entries }) => entries.type.literal));

export interface ServerMessage {
  readonly seq: number;
  /** The last of the client's messages that the server had got. */
  readonly clientSeq: number;
  /** Undefined for types that nothing is done about, such as `event` and `updated`. */
  readonly understood: Understood | undefined;
}

/** @returns undefined for what is no message of a server's, for this session. */
export function parseServerMessage(text: string, sessionId: string): ServerMessage | undefined {
  const json = parsed(text);
  const message = v.safeParse(base, json);
  if (!message.success || message.output.id !== sessionId) return undefined;
  const { type, seq, clientseq: clientSeq } = message.output;
  const { success, output } = v.safeParse(parameters, json);
  if (!success && KNOWN.has(type)) return undefined;
  return { seq, clientSeq, understood: success ? output : undefined };
}

/** Frames as a duration, exactly. */
export function durationOf(frames: number): string {
  const seconds = (frames / SAMPLE_RATE).toFixed(6).replace(/\.?0+$/, '');
  return `PT${seconds}S`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
