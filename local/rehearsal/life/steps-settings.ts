/** The settings, changed one after the other: what each would touch, and calls under some of them. */
import type { SettingName } from '../../../stacks/config/settings.ts';
import { SETTING_NAMES } from '../../../stacks/config/settings.ts';
import { type Change, counted, lostData } from '../stack/plan.ts';
import { type GivenSettings, type SettingChange, settingChanges } from '../stack/setting-changes.ts';
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

export async function changeSettings(rehearsal: Rehearsal, prepared: Prepared): Promise<SettingSeen[]> {
  const { base, findings, only, settings } = rehearsal;
  findings.begin(
    settings === 'some' ? 'some settings, changed (--all: every one)' : 'every setting, changed',
  );
  const changes = settingChanges(prepared);
  const seen: SettingSeen[] = [];
  for (const setting of SETTING_NAMES) {
    const change = changes[setting];
    if ('not' in change) continue;
    if (change.notWith !== undefined && change.notWith === (base.network ?? 'public')) continue;
    const wanted = settings !== 'some' || change.usual === true;
    if (only.length > 0 ? !only.includes(setting) : !wanted) continue;
    const applied = settings === 'all' || only.includes(setting) || change.applied === true;
    seen.push(await changeSetting(rehearsal, setting, change, applied));
  }
  return seen;
}

async function changeSetting(
  rehearsal: Rehearsal,
  setting: SettingName,
  { to, takesData, live }: SettingChange,
  apply: boolean,
): Promise<SettingSeen> {
  const { findings } = rehearsal;
  const changes = await plan(rehearsal, to, false);
  const lost = lostData(changes);
  const values = Object.entries(to).map(([name, value]) => `${name}=${value}`);
  const which = lost.map(({ address }) => `; it takes ${address}`).join('');
  findings.expect(
    lost.length === 0 || takesData === true,
    `${values.join(' ')}: ${counted(changes)}${which}`,
  );
  if (!apply || changes.length === 0 || NOT_APPLIED.includes(setting)) return { setting, to, changes };
  return { setting, to, changes, callAcross: await applyAndBack(rehearsal, setting, to, live === true) };
}

/** These have a step of their own, leave nothing to record with, or are beyond moto. */
const NOT_APPLIED: readonly SettingName[] = [
  'keepNetwork',
  'dataOnly',
  'protectData',
  'kmsKeyArn',
  'instanceArn',
];

/** A call is in progress when it is applied, another comes under it; then it is taken back. */
async function applyAndBack(
  rehearsal: Rehearsal,
  setting: SettingName,
  to: GivenSettings,
  listenedTo: boolean,
): Promise<string> {
  const { checkout, findings } = rehearsal;
  const played = await callAcross(rehearsal, checkout, () => deploy(rehearsal, to));
  const unharmed = isUnharmed(rehearsal, played);
  findings.expect(unharmed, `a call in progress while ${setting} changes: ${played.status}`);
  await expectRest(rehearsal, to);
  await playCalls(rehearsal, { [`a call with another ${setting}`]: { listenedTo } });
  await deploy(rehearsal);
  await expectRest(rehearsal);
  return unharmed ? 'unharmed' : played.status;
}
