/** What the program that changes the code and the thread that has the tests say to each other: both are in one process. */

/** A test, by its file (from the checkout's root) and its full name. */
export type TestId = `${string}#${string}`;

export type Request =
  /** Every test of these files, with nothing changed. */
  | { readonly kind: 'all'; readonly files: readonly string[] }
  /** These tests, one lot after the other, with one change; the first that fails is enough. */
  | {
      readonly kind: 'change';
      readonly change: string;
      readonly lots: readonly (readonly TestId[])[];
      /** How often the changed place may be passed before that counts as endless. */
      readonly hitLimit?: number;
    }
  | { readonly kind: 'stop' };

export type Question = Exclude<Request, { kind: 'stop' }>;

export interface TestOutcome {
  readonly id: TestId;
  readonly name: string;
  readonly file: string;
  readonly ms: number;
  /** Where it stands, from 1. Undefined: unknown. */
  readonly place?: { readonly line: number; readonly column: number };
  /** Undefined: it passed. */
  readonly failure?: string;
}

/** How often which change was passed, by its number. */
export type Hits = Readonly<Record<string, number>>;

export type Reply =
  | {
      readonly kind: 'all';
      readonly tests: readonly TestOutcome[];
      readonly coverage: { readonly static: Hits; readonly perTest: Readonly<Record<string, Hits>> };
    }
  | {
      readonly kind: 'change';
      readonly ran: number;
      readonly failed?: TestOutcome;
      readonly isEndless: boolean;
      /** The test that failed fails now without the change, too: the change has left something behind. */
      readonly isSpoilt: boolean;
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly why: string };

/** Threads of other processes don't hear it. */
export const TO_TESTS = 'callspool-mutation-tests';
export const TO_PROGRAM = 'callspool-mutation-program';
