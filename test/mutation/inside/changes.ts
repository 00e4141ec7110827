/** What Stryker has put into the code, and how it is told which of its changes holds. */
import type { Hits } from '../messages.ts';

interface Switch {
  /** Ours (`vitest.config.ts`): what tests pass is no longer counted. */
  hasCounted?: boolean;
  activeMutant?: string | undefined;
  /** Counted only while this is a number. */
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?:
    { static: Record<string, number>; perTest: Record<string, Record<string, number>> } | undefined;
}

declare global {
  var __stryker__: Switch | undefined;
}

const state: Switch = (globalThis.__stryker__ ??= {});

export function holds(change: string, hitLimit: number | undefined): void {
  state.hasCounted = true;
  // As a key, so that it is the very string that the code has: a comparison each time that the code comes there.
  [state.activeMutant] = Object.keys({ [change]: true });
  state.hitLimit = hitLimit;
  state.hitCount ??= 0;
}

export function holdsNone(): void {
  state.activeMutant = undefined;
}

/** From here on it counts anew. */
export function forgetHits(): void {
  state.hitCount = 0;
}

export function isEndless(): boolean {
  return (state.hitCount ?? 0) > (state.hitLimit ?? Infinity);
}

/** What is passed from now on is this test's; undefined: nobody's, but the process's. */
export function belongsTo(test: string | undefined): void {
  state.currentTestId = test;
}

/** What has been passed since the last time. */
export function takePassed(): { readonly static: Hits; readonly perTest: Readonly<Record<string, Hits>> } {
  const { mutantCoverage } = state;
  const passed = structuredClone(mutantCoverage) ?? { static: {}, perTest: {} };
  // What Stryker has put into the files holds on to these very objects.
  for (const counted of [mutantCoverage?.static, mutantCoverage?.perTest])
    for (const key of Object.keys(counted ?? {})) delete counted?.[key];
  return passed;
}

/**
 * Of what was passed outside of tests: what is passed but once a process, or by no test.
 * @param again what was passed outside of them when the test files were evaluated anew
 */
export function onceOnly(outside: Hits, again: Hits, perTest: Readonly<Record<string, Hits>>): Hits {
  const byTests = new Set(Object.values(perTest).flatMap((hits) => Object.keys(hits)));
  return Object.fromEntries(
    Object.entries(outside).filter(([change, hits]) => hits > (again[change] ?? 0) || !byTests.has(change)),
  );
}
