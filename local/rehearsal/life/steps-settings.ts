/** The settings, changed one after the other: what each would touch, and calls under some of them. */
import type { SettingName } from '../../../stacks/config/settings.ts';
import { SETTING_NAMES } from '../../../stacks/config/settings.ts';
import { type Change, counted, lostData } from '../stack/plan.ts';
import {
  type GivenSettings,
  type NetworkName,
  type SettingChange,
  settingChanges,
} from '../stack/setting-changes.ts';
import type { Prepared } from '../tools/prepare.ts';
import { callAcross, isUnharmed } from './across.ts';
import { deploy, expectRest, plan, playCalls, type Rehearsal } from './rehearsal.ts';

export interface SettingSeen {
  readonly setting: SettingName;
  readonly to: GivenSettings;
  readonly changes: readonly Change[];
  /** What became of a call that was in progress when it was applied; undefined: it wasn't applied. */
  readonly callAcross?: string;
}

export async function changeSettings(
  rehearsal: Rehearsal,
  prepared: Prepared,
  network: NetworkName,
): Promise<SettingSeen[]> {
  const { findings, only, settings } = rehearsal;
  findings.begin(
    settings === 'some' ? 'some settings, changed (--all: every one)' : 'every setting, changed',
  );
  const changes = settingChanges(prepared, network);
  const seen: SettingSeen[] = [];
  for (const setting of SETTING_NAMES) {
    const change = changes[setting];
    if ('not' in change) continue;
    if (change.notWith?.includes(network) === true) continue;
    const wanted = settings !== 'some' || change.usual === true;
    if (only.length > 0 ? !only.includes(setting) : !wanted) continue;
    const applies = change.applied === true || (change.applied === 'long' && settings !== 'some');
    const applied = settings === 'all' || only.includes(setting) || applies;
    seen.push(await changeSetting(rehearsal, setting, change, applied));
  }
  return seen;
}

async function changeSetting(
  rehearsal: Rehearsal,
  setting: SettingName,
  change: SettingChange,
  apply: boolean,
): Promise<SettingSeen> {
  const { findings } = rehearsal;
  const { to, takesData } = change;
  const changes = await plan(rehearsal, to, false);
  const lost = lostData(changes);
  const which = lost.map(({ address }) => `; it takes ${address}`).join('');
  findings.expect(lost.length === 0 || takesData === true, `${valuesOf(to)}: ${counted(changes)}${which}`);
  if (!apply || changes.length === 0 || NOT_APPLIED.includes(setting)) return { setting, to, changes };
  const callAcross = await applyAndBack(rehearsal, setting, change);
  return { setting, to, changes, ...(callAcross !== undefined && { callAcross }) };
}

/** These have a step of their own, leave nothing to record with, or are beyond moto. */
const NOT_APPLIED: readonly SettingName[] = ['dataOnly', 'protectData', 'kmsKeyArn', 'instanceArn'];

const valuesOf = (settings: GivenSettings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/**
 * A call is in progress when it is applied, another comes under it; then it is taken back.
 * @returns what became of the calls in progress; undefined: there was none
 */
async function applyAndBack(
  rehearsal: Rehearsal,
  setting: SettingName,
  { to, then = [], betweenCalls, live }: SettingChange,
): Promise<string | undefined> {
  const during: string[] = [];
  for (const settings of [to, ...then]) {
    const what = then.length === 0 ? `another ${setting}` : valuesOf(settings);
    if (betweenCalls === true) await deploy(rehearsal, settings);
    else during.push(await deployDuringCall(rehearsal, what, settings));
    await expectRest(rehearsal, settings);
    await playCalls(rehearsal, { [`a call with ${what}`]: { listenedTo: live === true } });
  }
  if (then.length === 0) await deploy(rehearsal);
  else during.push(await deployDuringCall(rehearsal, 'what there was before', {}));
  await expectRest(rehearsal);
  return during.find((became) => became !== UNHARMED) ?? during[0];
}

const UNHARMED = 'unharmed';

/** @returns what became of the call */
async function deployDuringCall(
  rehearsal: Rehearsal,
  what: string,
  settings: GivenSettings,
): Promise<string> {
  const { checkout, findings, front } = rehearsal;
  const before = front.subnets.takenAway().length;
  const played = await callAcross(rehearsal, checkout, () => deploy(rehearsal, settings));
  const unharmed = isUnharmed(rehearsal, played);
  findings.expect(unharmed, `a call in progress while ${what} is deployed: ${played.status}`);
  const taken = front.subnets.takenAway().slice(before);
  if (taken.length === 0) return unharmed ? UNHARMED : played.status;
  findings.expect(false, `its subnet was taken away from under it: ${taken.join(', ')}`);
  return 'its subnet was taken away';
}
