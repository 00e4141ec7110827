/** The twins of the services, each of whose steps is held against the model as it takes effect. */
import { callKey } from '../../ports/calls/call-item.ts';
import { AssemblySuperseded } from '../../ports/calls/calls.ts';
import type { MemoryCalls } from '../../ports/calls/memory-calls.ts';
import { Superseded } from '../../ports/checkpoints/checkpoints.ts';
import type { MemoryCheckpoints } from '../../ports/checkpoints/memory-checkpoints.ts';
import type { MemoryTape } from '../../ports/tape/memory-tape.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import type { Services } from '../simulation/ports.ts';
import { BEGINNING, type Model, STEPS, wrongBetween, wrongIn } from './model.ts';

export interface Twins {
  readonly recording: Recording;
  /** In order. */
  readonly numbers: readonly bigint[];
  readonly checkpoints: MemoryCheckpoints;
  readonly calls: MemoryCalls;
  readonly tape: MemoryTape;
}

export class Modelled {
  readonly #twins: Twins;
  model: Model = BEGINNING;
  /** The first thing that was wrong. */
  wrong: string | undefined;

  constructor(twins: Twins) {
    this.#twins = twins;
  }

  services(services: Services): Services {
    return {
      ...services,
      checkpoints: this.#checkpoints(services.checkpoints),
      calls: this.#calls(services.calls),
      tape: this.#tape(services.tape),
    };
  }

  #checkpoints(checkpoints: Services['checkpoints']): Services['checkpoints'] {
    const write = async (
      name: 'advance' | 'end',
      act: () => Promise<void>,
      next: () => Model | undefined,
    ): Promise<void> => {
      const refusal = await refusedBy(Superseded, act());
      this.#step(name, refusal === undefined, next());
      if (refusal) throw refusal;
    };
    return {
      claim: async (id, owner) => {
        const result = await checkpoints.claim(id, owner);
        this.#step('claim', result.claimed, STEPS.claim(this.model, owner));
        return result;
      },
      advance: (claim, progress) =>
        write(
          'advance',
          () => checkpoints.advance(claim, progress),
          () => STEPS.advance(this.model, claim, this.#indexOf(progress.position?.lastFragmentNumber)),
        ),
      end: (claim, progress, ended) =>
        write(
          'end',
          () => checkpoints.end(claim, progress, ended),
          () =>
            STEPS.end(this.model, claim, this.#indexOf(progress.position?.lastFragmentNumber), ended.reason),
        ),
      read: (id) => checkpoints.read(id),
      fence: async (id, owner, ended) => {
        const checkpoint = await checkpoints.fence(id, owner, ended);
        this.#step('fence', true, STEPS.fence(this.model, owner, ended.reason));
        return checkpoint;
      },
      handOver: async (id, from, to) => {
        const isHandedOver = await checkpoints.handOver(id, from, to);
        this.#step('handOver', isHandedOver, STEPS.handOver(this.model, from, to));
        return isHandedOver;
      },
      erase: async (id, expiresAtMs) => {
        const before = await checkpoints.erase(id, expiresAtMs);
        this.#step('erase', true, STEPS.erase(this.model));
        return before;
      },
    };
  }

  #calls(calls: Services['calls']): Services['calls'] {
    return {
      ...passingOn(calls),
      assembling: async (recording, arn, sinceMs, facts) => {
        // Whether it began later is the table's to know: the claim's name is made there. What is refused changes nothing.
        const claim = await calls.assembling(recording, arn, sinceMs, facts);
        this.#step('assembling', true, STEPS.assembling(this.model, claim.assembly));
        return claim;
      },
      complete: async (claim, completion, facts) => {
        const completing = calls.complete(claim, completion, facts);
        const refusal = await refusedBy(AssemblySuperseded, completing);
        const fragments = completion.audio && completion.media.fragments;
        const next = STEPS.complete(this.model, claim.assembly, completion.status, fragments);
        this.#step('complete', refusal === undefined, next);
        return completing;
      },
    };
  }

  #tape(tape: Services['tape']): Services['tape'] {
    return {
      append: async (recording, segment) => {
        await tape.append(recording, segment);
        const inside = this.#twins.numbers.flatMap((number, index) =>
          segment.first <= number && number <= segment.last ? [index + 1] : [],
        );
        this.#step('append', true, STEPS.append(this.model, inside));
      },
      list: (recording, from) => tape.list(recording, from),
      read: (key) => tape.read(key),
      remove: (key) => tape.remove(key),
    };
  }

  #indexOf(number: bigint | undefined): number {
    return number === undefined ? 0 : this.#twins.numbers.indexOf(number) + 1;
  }

  /** @param next what the model makes of it; undefined: it has to be refused */
  #step(name: keyof typeof STEPS, isDone: boolean, next: Model | undefined): void {
    const before = this.model;
    if (isDone !== (next !== undefined)) {
      this.#find(`${name} was ${isDone ? 'done' : 'refused'}, and should not have been`);
      return;
    }
    if (!next) return;
    this.model = next;
    this.#find(
      wrongBetween(before, next, name) ?? wrongIn(next, this.#twins.numbers.length) ?? this.#differs(),
    );
  }

  #find(what: string | undefined): void {
    this.wrong ??= what;
  }

  /** @returns in what the tables are not as the model says */
  #differs(): string | undefined {
    const { recording, checkpoints, calls } = this.#twins;
    const checkpoint = checkpoints.item(recordingId(recording)) ?? {};
    const record = calls.item(callKey(recording));
    const { owner, attempt, ended, status, assembly, isErased } = this.model;
    const isEnded = checkpoint.ended !== undefined;
    if (
      checkpoint.owner !== owner ||
      (checkpoint.attempt ?? 0) !== attempt ||
      isEnded !== (ended !== undefined)
    )
      return 'the checkpoint is not what the model says';
    // It goes last.
    if (isErased && record === undefined) return undefined;
    if (record?.status !== status || (record.assembly ?? '') !== assembly)
      return 'the call record is not what the model says';
    return undefined;
  }
}

/** @returns the error, if it is one that the model knows. @throws any other */
async function refusedBy(
  kind: typeof Superseded | typeof AssemblySuperseded,
  promise: Promise<unknown>,
): Promise<Error | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
}

function passingOn(calls: Services['calls']): Services['calls'] {
  return {
    create: (call, by) => calls.create(call, by),
    get: (recording) => calls.get(recording),
    ofContact: (contactId) => calls.ofContact(contactId),
    startFailed: (recording, arn, why, by) => calls.startFailed(recording, arn, why, by),
    startAgain: (recording, arn, by) => calls.startAgain(recording, arn, by),
    streamingStopped: (recording, stop) => calls.streamingStopped(recording, stop),
    learn: (recording, facts, time) => calls.learn(recording, facts, time),
    assembling: (recording, arn, sinceMs, facts) => calls.assembling(recording, arn, sinceMs, facts),
    confirm: (claim) => calls.confirm(claim),
    complete: (claim, completion, facts) => calls.complete(claim, completion, facts),
  };
}
