/** Plays one call through the system, from the first fragment to the finished recording. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { type Counters, NO_COUNTS } from '../../recording/checkpoint.ts';
import { executionName, recordingId } from '../../recording/identity.ts';
import type { Contact } from '../standins/connect.ts';
import { AGENT_ID, connectFlowEvent, disconnectedEvent, QUEUE_ID } from '../standins/connect-events.ts';
import type { PublishedEvent } from '../standins/event-bridge.ts';
import type { ExecutionOutcome } from '../standins/execution.ts';
import type { Json } from '../standins/json.ts';
import { StatesError } from '../standins/states-error.ts';
import { functionArn } from '../system/deployment.ts';
import type { Item } from '../system/store.ts';
import type { System } from '../system/system.ts';
import { type LocalCall, mediaMsUpToEach } from './call.ts';

export interface RunOptions {
  /** Multiple of live at which fragments come into the stream; without it, all at once. */
  readonly pace?: number;
  /** The first task is killed once so much audio is checkpointed. */
  readonly killAtMs?: number;
  /**
   * Comes in the middle of the call, once some of it is checkpointed and before the rest is spoken. The system that
   * it gives takes the rest, and ends the call.
   */
  readonly interlude?: () => Promise<System>;
  /** What the flow's block gives the connect function. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** No contact event comes: Connect knows that the call is over, and has to be asked. */
  readonly loseContactEvent?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
}

export interface RunProgress {
  /** The checkpoint's counters; `mediaMs` is the audio that is safe. */
  readonly counters: Counters;
  /** Tasks that have claimed the recording. */
  readonly attempt: number;
  /** Audio that is in the stream by now, and that of the whole call. */
  readonly availableMs: number;
  readonly totalMs: number;
}

export interface CallResult {
  /** The item of the calls table; undefined when nobody wrote one. */
  readonly record: Item | undefined;
  /** What the connect Lambda answered the contact flow. */
  readonly answer: Readonly<Record<string, string>>;
  /** Undefined when the connect Lambda started none. */
  readonly execution: ExecutionOutcome | undefined;
  readonly events: readonly PublishedEvent[];
  /** True when {@link RunOptions.killAtMs} was reached; undefined where none was asked for. */
  readonly killed: boolean | undefined;
}

/** What a contact flow takes for an answer: a flat map of strings. */
const flowAnswer = v.record(v.string(), v.string());

/** @throws when the connect Lambda fails, or the signal is aborted. */
export async function runCall(
  system: System,
  call: LocalCall,
  options: RunOptions = {},
): Promise<CallResult> {
  const { interlude, pace, signal } = options;
  const half = interlude === undefined ? call.own.length : Math.ceil(call.own.length / 2);
  const availableAtMs = fill(system, { ...call, own: call.own.slice(0, half) }, pace);
  const watch = watchRecording(system, call, availableAtMs, options);
  const checkpointed = interlude && firstCheckpoint(system, call);
  try {
    const facts = { ...call, streamArn: system.stream.arn };
    const contact = contactOf(call, system.stream.arn);
    system.connect.tell(contact);
    const answer = v.parse(
      flowAnswer,
      await system.lambda.invoke(functionArn('connect'), connectFlowEvent(facts, options.parameters)),
    );
    await unlessAborted(checkpointed ?? Promise.resolve(), signal);
    const after = (await interlude?.()) ?? system;
    availableAtMs.push(...fill(after, { ...call, earlier: [], own: call.own.slice(half) }, pace));
    await sleep(Math.max(0, (availableAtMs.at(-1) ?? 0) - Date.now()), undefined, signal && { signal });
    await hangUp(after, call, contact, options.loseContactEvent === true);
    const execution = system.stepFunctions.executions().find(({ name }) => name === executionName(call));
    return {
      answer,
      execution: execution && (await unlessAborted(execution.settled, signal)),
      record: await recordOf(system, call),
      events: system.eventBridge.events,
      killed: watch.killed(),
    };
  } finally {
    watch.stop();
  }
}

/** Puts the call into the stream. @returns when each of its own fragments can be read: epoch ms. */
function fill({ stream }: System, { earlier, own, startedAtMs }: LocalCall, pace = Infinity): number[] {
  for (const fragment of earlier) stream.put(fragment);
  const beganAtMs = Date.now();
  let lastMs = beganAtMs;
  return own.map((fragment) => {
    lastMs = Math.max(lastMs, beganAtMs + Math.round((fragment.serverTimestampMs - startedAtMs) / pace));
    stream.put(fragment, lastMs);
    return lastMs;
  });
}

/** Resolves once audio of the call is safe. */
function firstCheckpoint(system: System, call: LocalCall): Promise<void> {
  return new Promise((resolve) => {
    const stop = system.onCheckpoint(({ recordingId: id, counters }) => {
      if (id !== recordingId(call) || counters.mediaMs === 0) return;
      stop();
      resolve();
    });
  });
}

/** The contact is over: Connect says so, and others may use the stream. */
async function hangUp(
  system: System,
  call: LocalCall,
  contact: Contact,
  loseContactEvent: boolean,
): Promise<void> {
  const last = call.own.at(-1);
  const endMs = (last?.serverTimestampMs ?? call.startedAtMs) + LAST_FRAGMENT_MS;
  const disconnectedAtMs = Math.min(endMs, Date.now());
  for (const fragment of call.later) system.stream.put(fragment);
  system.connect.tell({ ...contact, disconnectedAtMs, ...(last && { lastFragmentNumber: last.number }) });
  if (loseContactEvent) return;
  const event = disconnectedEvent(
    { ...call, streamArn: system.stream.arn },
    { connectedToAgentAtMs: contact.connectedToAgentAtMs, disconnectedAtMs },
  );
  await deliver(() => system.lambda.invoke(functionArn('contact-event'), event));
}

/** About as long as Connect's fragments are. */
const LAST_FRAGMENT_MS = 1_000;
const ANSWERED_AFTER_MS = 1_000;

function contactOf({ contactId, startFragmentNumber, startedAtMs }: LocalCall, streamArn: string): Contact {
  return {
    contactId,
    streamArn,
    firstFragmentNumber: startFragmentNumber,
    initiatedAtMs: startedAtMs,
    queueId: QUEUE_ID,
    agentId: AGENT_ID,
    connectedToAgentAtMs: startedAtMs + ANSWERED_AFTER_MS,
  };
}

const DELIVERIES_MAX = 3;

/** Delivers as EventBridge and Lambda do: an event that fails comes twice more, and is then given up. */
async function deliver(invoke: () => Promise<Json>): Promise<void> {
  for (let delivery = 1; delivery <= DELIVERIES_MAX; delivery++) {
    try {
      await invoke();
      return;
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
    }
  }
}

interface Watch {
  readonly killed: () => boolean | undefined;
  readonly stop: () => void;
}

const TICK_MS = 250;

/** Tells of progress, and kills the first task where it is asked to. */
function watchRecording(
  system: System,
  call: LocalCall,
  availableAtMs: readonly number[],
  { killAtMs, onProgress }: RunOptions,
): Watch {
  let killed = killAtMs === undefined ? undefined : false;
  let last: Pick<RunProgress, 'counters' | 'attempt'> = { counters: NO_COUNTS, attempt: 0 };
  const mediaMs = onProgress ? mediaMsUpToEach(call) : [];
  const tell = () => {
    const nowMs = Date.now();
    const available = availableAtMs.findLastIndex((atMs) => atMs <= nowMs);
    onProgress?.({ ...last, availableMs: mediaMs[available] ?? 0, totalMs: mediaMs.at(-1) ?? 0 });
  };
  const ticks = setInterval(tell, TICK_MS);
  const stopWatching = system.onCheckpoint(async ({ recordingId: id, counters, attempt }) => {
    if (id !== recordingId(call)) return;
    last = { counters, attempt };
    tell();
    const [first] = system.ecs.tasks;
    if (killed !== false || counters.mediaMs < (killAtMs ?? 0) || first?.running() !== true) return;
    killed = true;
    await first.kill('SIGKILL');
  });
  return {
    killed: () => killed,
    stop: () => {
      clearInterval(ticks);
      stopWatching();
    },
  };
}

async function recordOf({ dynamoDb, tables }: System, call: LocalCall): Promise<Item | undefined> {
  const key = { contactId: call.contactId, startFragmentNumber: call.startFragmentNumber.toString() };
  const { Item: item } = await dynamoDb.send(
    new GetItemCommand({ TableName: tables.calls, Key: marshall(key), ConsistentRead: true }),
  );
  return item && (unmarshall(item) as Item);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = new Promise<never>((_, reject) => {
    const refuse = () => {
      reject(new Error('interrupted'));
    };
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
  return Promise.race([promise, aborted]);
}
