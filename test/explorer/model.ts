/**
 * What the tables and the tape are to do, on a page: claim, checkpoint, fence, handover, erasure, tape and assembly. It is the
 * whole of what the explorer holds every step against. Fragments are counted from 1; a step gives the next state, or
 * undefined where it has to be refused.
 */

import { NOBODY } from '../../recording/checkpoint.ts';

export interface Model {
  readonly owner: string | undefined;
  readonly attempt: number;
  readonly ended: string | undefined;
  /** The last fragment that the checkpoint tells of; 0 before the first. */
  readonly position: number;
  /** On the tape. */
  readonly stored: ReadonlySet<number>;
  readonly status: string;
  /** The assembly that holds the record. */
  readonly assembly: string;
  /** How many fragments its WAV was made of, when there is one. */
  readonly fragments: number | undefined;
  /** A tombstone stands in the checkpoint's place. */
  readonly isErased: boolean;
}

export const BEGINNING: Model = {
  owner: undefined,
  attempt: 0,
  ended: undefined,
  position: 0,
  stored: new Set(),
  status: 'RECORDING',
  assembly: '',
  fragments: undefined,
  isErased: false,
};

export interface Holder {
  readonly owner: string;
  readonly attempt: number;
}

const FINAL = ['COMPLETE', 'INCOMPLETE', 'EMPTY', 'FAILED'];

const mayTake = ({ owner }: Model, execution: string) => owner === undefined || owner === execution;
const holds = (model: Model, by: Holder) => model.owner === by.owner && model.attempt === by.attempt;

export const STEPS = {
  claim: (model: Model, owner: string) =>
    mayTake(model, owner) ? { ...model, owner, attempt: model.attempt + 1 } : undefined,

  advance: (model: Model, by: Holder, position: number) =>
    holds(model, by) && model.ended === undefined ? { ...model, position } : undefined,

  /** Once more it changes nothing. */
  end: (model: Model, by: Holder, position: number, ended: string) => {
    if (!holds(model, by)) return undefined;
    return model.ended === undefined ? { ...model, position, ended } : model;
  },

  /** Never refused: where it may not, it changes nothing. */
  fence: (model: Model, owner: string, ended: string) =>
    mayTake(model, owner) && model.ended === undefined
      ? { ...model, owner, attempt: model.attempt + 1, ended }
      : model,

  handOver: (model: Model, from: string, to: string) =>
    model.owner === from
      ? { ...model, owner: to, attempt: model.attempt + 1, ended: undefined }
      : model.owner === to
        ? model
        : undefined,

  /** Never refused. Nobody is its owner, so that nobody ever is again. */
  erase: (model: Model) => ({
    ...model,
    owner: NOBODY,
    attempt: 0,
    ended: undefined,
    position: 0,
    isErased: true,
  }),

  append: (model: Model, fragments: readonly number[]) => ({
    ...model,
    stored: new Set([...model.stored, ...fragments]),
  }),

  /** One that began later takes the record; the same again only until it has ended. */
  assembling: (model: Model, assembly: string) => {
    const hasEnded = model.assembly === assembly && model.status !== 'ASSEMBLING';
    return model.assembly > assembly || hasEnded ? undefined : { ...model, assembly, status: 'ASSEMBLING' };
  },

  complete: (model: Model, assembly: string, status: string, fragments: number | undefined) =>
    model.assembly === assembly ? { ...model, status, fragments } : undefined,
} as const;

/** What must be true of every state. @param count of the call's fragments. @returns what isn't */
export function wrongIn(model: Model, count: number): string | undefined {
  for (let fragment = 1; fragment <= model.position; fragment += 1)
    if (!model.stored.has(fragment)) return `the checkpoint is ahead of the tape, which lacks ${fragment}`;
  if (model.status === 'COMPLETE' && model.fragments !== count)
    return `COMPLETE with ${String(model.fragments)} of ${count} fragments`;
  return undefined;
}

/** What must be true of every step. */
export function wrongBetween(before: Model, after: Model, step: keyof typeof STEPS): string | undefined {
  if (step === 'erase') return undefined;
  if (before.isErased && !after.isErased) return 'what was erased came back';
  if (after.attempt < before.attempt) return 'the attempt fell';
  if (before.ended !== undefined && after.ended !== before.ended && step !== 'handOver')
    return 'an end was taken back';
  if (before.owner !== undefined && after.owner !== before.owner && step !== 'handOver')
    return 'the owner changed without a handover';
  if ((after.fragments ?? 0) < (before.fragments ?? 0)) return 'a fuller WAV gave way to a lesser one';
  return undefined;
}

/** When nobody is at work any more, and nothing was lost, nothing may be missing. */
export function wrongAtRest(model: Model, count: number): string | undefined {
  if (!FINAL.includes(model.status)) return `${model.status}, and nobody is at work any more`;
  if (model.stored.size === count && model.status !== 'COMPLETE' && model.ended !== 'RECORDER_GAVE_UP')
    return `${model.status}, though all is on the tape and the end was seen`;
  return undefined;
}
