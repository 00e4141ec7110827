/**
 * Tape objects → the recording's fragments, each once, in order of number. Objects may overlap, come from any number
 * of tasks, and hold copies of the same fragments. In memory are only the objects whose spans meet.
 */
import { MalformedError } from '../../matroska/errors.ts';
import { isNumbered } from '../../matroska/fragment.ts';
import { Repeats } from '../../matroska/repeats.ts';
import { salvage } from '../../matroska/salvage.ts';
import { TAG } from '../../matroska/tags.ts';
import type { Loss } from '../call-record.ts';
import { compareFragmentNumbers } from '../fragment-number.ts';
import type { Recording } from '../identity.ts';
import { type OwnFragment, statedOwnerOf } from '../ownership.ts';
import type { RecordingRange } from '../range.ts';
import { betterCopy } from './better-copy.ts';
import type { TapeObjectName } from './keys.ts';
import { checkSeal } from './seal.ts';
import { type Damage, SoundRuns, suspicionOf } from './sound-runs.ts';

/** A tape object as it was read; or why it could not be. */
export type TapeObjectContent = TapeObjectName & {
  readonly content:
    | { readonly pieces: readonly Uint8Array[] }
    /** `refused`: it is there, and whoever asks, or its key, may not be used. */
    | { readonly unreadable: string; readonly refused?: boolean };
};

/** What an object holds, and where it is damaged. */
interface ReadObject {
  readonly fragments: readonly OwnFragment[];
  readonly damages: readonly Damage[];
}

export class TapeMerge {
  readonly #recording: Recording;
  readonly #range: RecordingRange;
  /** Read and not yet handed over, by number. */
  readonly #waiting = new Map<bigint, Copy>();
  /** What no undamaged object has been found to hold. */
  #damages: Damage[] = [];
  /** The damages that an earlier reading of the tape found. */
  #suspects: Damage[];
  readonly #runs = new SoundRuns();
  /** Numbers of the recording's fragments, and whether an undamaged object holds them. */
  readonly #numbers = new Map<bigint, boolean>();
  /** The numbers of fragments that came from the archive. */
  readonly #archived = new Set<bigint>();
  /** The numbers of those of which the tape may have a part alone: nothing in their bytes says that they are whole. */
  readonly #doubtful = new Set<bigint>();
  /** What the objects before have said, since the next says nearly all of it again. */
  readonly #repeats = new Repeats();
  /** Fragments of any contact: the recorder may have stored some before it knew of the contact's next recording. */
  #stored = 0;
  readonly #countedUpTo: bigint | undefined;
  readonly #counted = { stored: 0, live: 0 };
  #objects = 0;
  #refused = 0;
  #refusal: string | undefined;
  #last: bigint | undefined;
  #lastOurs: bigint | undefined;

  /**
   * @param suspects what earlier assemblies found damaged
   * @param countedUpTo where the checkpoint's counters have come to; undefined where nothing has been counted
   */
  constructor(
    recording: Recording,
    range: RecordingRange,
    suspects: readonly Loss[] = [],
    countedUpTo?: bigint,
  ) {
    this.#countedUpTo = countedUpTo;
    this.#recording = recording;
    this.#range = range;
    this.#suspects = suspects.flatMap(suspicionOf);
  }

  /** The recording's fragments so far, by number: whether an undamaged object holds them. */
  get numbers(): ReadonlyMap<bigint, boolean> {
    return this.#numbers;
  }

  /** An undamaged object holds the fragment, and all of it: its trailing tags say so, or the archive had it. */
  holdsWhole(number: bigint): boolean {
    return this.#numbers.get(number) === true && !this.#doubtful.has(number);
  }

  /** Those of them that weren't read live but put on the tape from the stream's archive. */
  get archived(): ReadonlySet<bigint> {
    return this.#archived;
  }

  /** The highest of them. */
  get last(): bigint | undefined {
    return this.#lastOurs;
  }

  /** Distinct fragments on the tape, also those that turned out to be of the contact's next recording. */
  get stored(): number {
    return this.#stored;
  }

  /**
   * Of those up to where the checkpoint's counters have come to: all, and those that a task stored as it read them,
   * whatever came from the archive beside. What one stored behind, which was given up, is in no count.
   */
  get counted(): { readonly stored: number; readonly live: number } {
    return this.#counted;
  }

  /** Why, where there are objects and none of them may be read: that says nothing of what they hold. */
  get refusal(): string | undefined {
    return this.#refused === this.#objects ? this.#refusal : undefined;
  }

  /** Tells whether what an earlier assembly found damaged is now in an undamaged object. */
  isMended(loss: Loss): boolean {
    const [suspicion] = suspicionOf(loss);
    if (!suspicion) return false;
    return !this.#suspects.some(({ lower, upper }) => lower === suspicion.lower && upper === suspicion.upper);
  }

  /**
   * Takes the next object. @param object in order of `first`.
   * @returns the fragments that nothing to come can precede or replace, in order.
   */
  *add(object: TapeObjectContent): Generator<OwnFragment> {
    yield* this.#release(object.first);
    const { fragments, damages } = readObject(object, this.#repeats);
    this.#count(object);
    if (damages.length === 0) this.#remember(object.first, fragments);
    else this.#damages.push(...damages.filter((damage) => !this.#runs.hold(damage)));
    for (const fragment of fragments) {
      const live = !fragment.tags.has(TAG.archivedServerTimestamp);
      const whole = fragment.wholeness === 'tagged' || !live;
      const copy = { fragment, live, whole, sound: damages.length === 0 };
      const other = this.#waiting.get(fragment.number);
      this.#waiting.set(fragment.number, other ? betterOf(other, copy) : copy);
    }
  }

  /** What is left up to a number, where it is known that no object to come holds anything before it. */
  *upTo(number: bigint): Generator<OwnFragment> {
    yield* this.#release(number + 1n);
  }

  /** All that is left. */
  *finish(): Generator<OwnFragment> {
    yield* this.#release(undefined);
  }

  /** What could not be read, unless another object holds the same run of fragments unharmed. */
  losses(): Loss[] {
    return this.#damages.map(({ loss }) => loss);
  }

  #count({ content }: TapeObjectContent): void {
    this.#objects += 1;
    if (!('unreadable' in content) || content.refused !== true) return;
    this.#refused += 1;
    this.#refusal ??= content.unreadable;
  }

  #remember(first: bigint, fragments: readonly OwnFragment[]): void {
    this.#runs.add(
      first,
      fragments.map(({ number }) => number),
    );
    this.#damages = this.#damages.filter((damage) => !this.#runs.hold(damage));
    this.#suspects = this.#suspects.filter((damage) => !this.#runs.hold(damage));
  }

  /** Only what was judged to be ours is stored, so that an untagged fragment on the tape has been judged already. */
  #isOurs(fragment: OwnFragment): boolean {
    const stated = statedOwnerOf(fragment, this.#recording, this.#range);
    return stated === 'ours' || stated === 'untagged';
  }

  *#release(below: bigint | undefined): Generator<OwnFragment> {
    const ready = [...this.#waiting.values()]
      .filter(({ fragment }) => below === undefined || fragment.number < below)
      .sort((a, b) => compareFragmentNumbers(a.fragment.number, b.fragment.number));
    for (const { fragment, sound, live, whole } of ready) {
      this.#waiting.delete(fragment.number);
      // An object may hold numbers below its name's: they come too late, and only if they are new.
      if (this.#last !== undefined && fragment.number <= this.#last) continue;
      this.#last = fragment.number;
      this.#stored += 1;
      if (this.#countedUpTo === undefined || fragment.number <= this.#countedUpTo) {
        this.#counted.stored += 1;
        if (live) this.#counted.live += 1;
      }
      if (!this.#isOurs(fragment)) continue;
      this.#numbers.set(fragment.number, sound);
      if (fragment.tags.has(TAG.archivedServerTimestamp)) this.#archived.add(fragment.number);
      if (!whole) this.#doubtful.add(fragment.number);
      this.#lastOurs = fragment.number;
      yield fragment;
    }
  }
}

/** A fragment as one object has it. */
interface Copy {
  readonly fragment: OwnFragment;
  /** The object it is from is undamaged. */
  readonly sound: boolean;
  /** A task read it, or a copy of it, while people talked. */
  readonly live: boolean;
  /** It has all that there is of the fragment: its trailing tags say so, or it, or one that it is no worse than, is the archive's. */
  readonly whole: boolean;
}

function betterOf(a: Copy, b: Copy): Copy {
  const live = a.live || b.live;
  if (a.sound !== b.sound) return { ...(a.sound ? a : b), live };
  const isFirst = betterCopy(a.fragment, b.fragment) === a.fragment;
  return { ...(isFirst ? a : b), live, whole: a.whole || b.whole };
}

function readObject({ first, last, uuid, content }: TapeObjectContent, repeats: Repeats): ReadObject {
  if ('unreadable' in content) return { fragments: [], damages: [damage(content.unreadable, first, last)] };
  const { fragments, damages } = readSalvaging(first, last, content.pieces, repeats);
  switch (checkSeal(uuid, content.pieces)) {
    case 'sound':
      return { fragments, damages: [] };
    case 'damaged':
      if (damages.length > 0) return { fragments, damages };
      return { fragments, damages: [damage('its bytes are not those that were stored', first, last)] };
    case 'unsealed':
      return { fragments, damages };
  }
}

/** Reads on behind a damage, from the next thing that looks like a fragment. */
function readSalvaging(
  first: bigint,
  last: bigint,
  pieces: readonly Uint8Array[],
  repeats: Repeats,
): ReadObject {
  const fragments: OwnFragment[] = [];
  const damages: Damage[] = [];
  let why: string | undefined;
  let before = first - 1n;
  for (const part of salvage(pieces, repeats)) {
    if (part instanceof MalformedError) {
      why ??= part.message;
    } else if (isNumbered(part)) {
      if (why !== undefined)
        damages.push(
          damage(why, before + 1n, part.number - 1n, before < first ? first : before, part.number),
        );
      why = undefined;
      before = part.number;
      fragments.push(part);
      if (part.wholeness === 'torn')
        damages.push(damage('a fragment is cut short', part.number, part.number));
    }
  }
  if (why === undefined && before !== last) why = 'it lacks fragments that its name promises';
  if (why !== undefined) damages.push(damage(why, before + 1n, last, before < first ? first : before));
  return { fragments, damages };
}

/** @param lower a fragment that the object holds, or held, at or before the damage @param upper at or behind it */
function damage(why: string, first: bigint, last: bigint, lower = first, upper = last): Damage {
  const loss: Loss = {
    kind: 'TAPE_DAMAGED',
    why: `a tape object is damaged: ${why}`,
    firstFragmentNumber: first.toString(),
    lastFragmentNumber: last.toString(),
  };
  return { loss, lower, upper };
}
