/** What holds of a reading between two steps, whatever has come in. */
import { isWanted } from './position.ts';
import type { Output, Reading } from './reading.ts';

/** @throws Error when it contradicts itself: a fresh task reads on from the checkpoint then. */
export function checkReading({ phase, session, position, openings }: Reading): void {
  const { held } = session;
  if (held && phase.kind !== 'open' && phase.kind !== 'leaving') fail('a fragment is held of no session');
  if (held && !isWanted(position, held.number)) fail('what is held has been handed over');
  if (phase.kind === 'open' && openings === 0) fail('a session is open that was never opened');
  if (session.isMidway && phase.kind !== 'open' && phase.kind !== 'leaving')
    fail('a fragment is on its way in no session');
}

/** @throws Error when fragments would be handed over in another order than that of their numbers. */
export function checkSaid(outputs: readonly Output[]): void {
  let before: bigint | undefined;
  for (const output of outputs) {
    if (output.kind !== 'fragment') continue;
    const { number } = output.fragment;
    if (before !== undefined && number <= before) fail('fragments are out of order');
    before = number;
  }
}

function fail(what: string): never {
  throw new Error(`a reading contradicts itself: ${what}`);
}
