/** What a chain of settings is made of, in a rehearsal. */
import type { GivenSettings } from '../stack/setting-changes.ts';
import { callAcross, isUnharmed } from './across.ts';
import { type Links, UNHARMED } from './chain.ts';
import { deploy, expectRest, playCalls, type Rehearsal } from './rehearsal.ts';
import { together } from './together.ts';

export function linksOf(rehearsal: Rehearsal): Links {
  return {
    deploy: (settings) => deploy(rehearsal, settings),
    deployDuringCall: (what, settings) => deployDuringCall(rehearsal, what, settings),
    record: async (what, settings, listenedTo) => {
      const calls = playCalls(rehearsal, { [`a call with ${what}`]: { listenedTo } });
      await together(expectRest(rehearsal, settings), calls);
    },
    rest: () => expectRest(rehearsal),
  };
}

async function deployDuringCall(
  rehearsal: Rehearsal,
  what: string,
  settings: GivenSettings,
): Promise<string> {
  const { checkout, findings, front } = rehearsal;
  const before = front.subnets.takenAway().length;
  const played = await callAcross(rehearsal, checkout, () => deploy(rehearsal, settings));
  const unharmed = await isUnharmed(rehearsal, played);
  findings.expect(unharmed, `a call in progress while ${what} is deployed: ${played.status}`);
  const taken = front.subnets.takenAway().slice(before);
  if (taken.length === 0) return unharmed ? UNHARMED : played.status;
  findings.expect(false, `its subnet was taken away from under it: ${taken.join(', ')}`);
  return 'its subnet was taken away';
}
