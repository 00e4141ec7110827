/** The settings, changed one after the other: what each would touch, and calls under some of them. */
import type { SettingName } from '../../../stacks/config/settings.ts';
import { SETTING_NAMES } from '../../../stacks/config/settings.ts';
import { type Change, counted, lostData } from '../stack/plan.ts';
import { type GivenSettings, settingChanges } from '../stack/setting-changes.ts';
import type { Prepared } from './prepare.ts';
import { deploy, expectRest, plan, playCalls, type Rehearsal } from './rehearsal.ts';

export interface SettingSeen {
  readonly setting: SettingName;
  readonly to: GivenSettings;
  readonly changes: readonly Change[];
  /** Whether it was applied, calls were recorded under it, and it was taken back. */
  readonly applied: boolean;
}

/** What takes the data away by intent, and says so. */
const TAKES_DATA: readonly SettingName[] = [];

export async function changeSettings(rehearsal: Rehearsal, prepared: Prepared): Promise<SettingSeen[]> {
  const { all, base, findings } = rehearsal;
  findings.begin(all ? 'every setting, changed' : 'some settings, changed (--all: every one)');
  const changes = settingChanges(prepared);
  const seen: SettingSeen[] = [];
  for (const setting of SETTING_NAMES) {
    const change = changes[setting];
    if ('not' in change) continue;
    if (change.notWith !== undefined && change.notWith === (base.network ?? 'public')) continue;
    if (!all && change.usual !== true) continue;
    seen.push(await changeSetting(rehearsal, setting, change.to, all || change.applied === true));
  }
  return seen;
}

async function changeSetting(
  rehearsal: Rehearsal,
  setting: SettingName,
  to: GivenSettings,
  apply: boolean,
): Promise<SettingSeen> {
  const { findings } = rehearsal;
  const changes = await plan(rehearsal, to, false);
  const lost = TAKES_DATA.includes(setting) ? [] : lostData(changes);
  const values = Object.entries(to).map(([name, value]) => `${name}=${value}`);
  const which = lost.map(({ address }) => `; it takes ${address}`).join('');
  findings.expect(lost.length === 0, `${values.join(' ')}: ${counted(changes)}${which}`);
  const applied = apply && changes.length > 0 && !NOT_APPLIED.includes(setting);
  if (applied) await applyAndBack(rehearsal, setting, to);
  return { setting, to, changes, applied };
}

/** These have a step of their own, or leave nothing to record with. */
const NOT_APPLIED: readonly SettingName[] = ['dataOnly', 'protectData', 'kmsKeyArn', 'instanceArn'];

async function applyAndBack(rehearsal: Rehearsal, setting: SettingName, to: GivenSettings): Promise<void> {
  await deploy(rehearsal, to);
  await expectRest(rehearsal, to);
  await playCalls(rehearsal, { [`a call with another ${setting}`]: {} });
  await deploy(rehearsal);
  await expectRest(rehearsal);
}
