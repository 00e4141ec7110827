/** The settings, changed one after the other: what each would touch, and calls under some of them. */
import { join } from 'node:path';
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
import { Chain, valuesOf } from './chain.ts';
import { linksOf } from './links.ts';
import { type Rehearsal, variablesOf } from './rehearsal.ts';
import { together } from './together.ts';

export interface SettingSeen {
  readonly setting: SettingName;
  readonly to: GivenSettings;
  readonly changes: readonly Change[];
  /** What became of a call that was in progress when it was applied; undefined: it wasn't applied. */
  readonly callAcross?: string;
}

interface Chosen {
  readonly setting: SettingName;
  readonly change: SettingChange;
  readonly isApplied: boolean;
}

export interface SettingsSeen {
  readonly seen: readonly SettingSeen[];
  /** The settings that are deployed still. */
  readonly left: GivenSettings;
}

export async function changeSettings(
  rehearsal: Rehearsal,
  prepared: Prepared,
  network: NetworkName,
): Promise<SettingsSeen> {
  const { findings, settings } = rehearsal;
  findings.begin(
    settings === 'some' ? 'some settings, changed (--all: every one)' : 'every setting, changed',
  );
  const chosen = chooseSettings(rehearsal, settingChanges(prepared, network), network);
  const planned = planEach(rehearsal, chosen);
  const chain = new Chain(linksOf(rehearsal));
  const [changes] = await together(planned.all, applyEach(chosen, planned, chain));
  const seen = chosen.map(({ setting, change: { to } }): SettingSeen => {
    const callAcross = chain.became(setting);
    return {
      setting,
      to,
      changes: changes.get(setting) ?? [],
      ...(callAcross !== undefined && { callAcross }),
    };
  });
  return { seen, left: chain.now };
}

/** These have a step of their own, leave nothing to record with, or are beyond moto. */
const NOT_APPLIED: readonly SettingName[] = ['dataOnly', 'protectData', 'kmsKeyArn', 'instanceArn'];

function chooseSettings(
  { only, settings }: Rehearsal,
  changes: ReturnType<typeof settingChanges>,
  network: NetworkName,
): Chosen[] {
  return SETTING_NAMES.flatMap((setting) => {
    const change = changes[setting];
    if ('not' in change || change.notWith?.includes(network) === true) return [];
    const wanted = only.length > 0 ? only.includes(setting) : settings !== 'some' || change.usual === true;
    if (!wanted) return [];
    const applies = change.applied === true || (change.applied === 'long' && settings !== 'some');
    const isApplied = settings === 'all' || only.includes(setting) || applies;
    return [{ setting, change, isApplied: isApplied && !NOT_APPLIED.includes(setting) }];
  });
}

interface Planned {
  readonly of: (setting: SettingName) => Promise<readonly Change[]>;
  readonly all: Promise<ReadonlyMap<SettingName, readonly Change[]>>;
}

/** Each from what is deployed now, whatever is deployed meanwhile; those first that are waited for. */
function planEach(rehearsal: Rehearsal, chosen: readonly Chosen[]): Planned {
  const { base, dir, workspace } = rehearsal;
  const aside = workspace.aside(join(dir, 'aside'));
  const plans = new Map<SettingName, Promise<readonly Change[]>>();
  let last: Promise<unknown> = Promise.resolve();
  for (const one of chosen.toSorted((a, b) => Number(b.isApplied) - Number(a.isApplied))) {
    const plan = last.then(async () => {
      const changes = await aside.plan(variablesOf({ ...base, ...one.change.to }), false);
      tell(rehearsal, one.change, changes);
      return changes;
    });
    plan.catch(() => undefined);
    plans.set(one.setting, plan);
    last = plan;
  }
  const all = async () =>
    new Map(await Promise.all([...plans].map(async ([setting, plan]) => [setting, await plan] as const)));
  return { of: (setting) => plans.get(setting) ?? Promise.resolve([]), all: all() };
}

function tell({ findings }: Rehearsal, { to, takesData }: SettingChange, changes: readonly Change[]): void {
  const lost = lostData(changes);
  const which = lost.map(({ address }) => `; it takes ${address}`).join('');
  findings.expect(lost.length === 0 || takesData === true, `${valuesOf(to)}: ${counted(changes)}${which}`);
}

/** What would change nothing isn't applied. */
async function applyEach(chosen: readonly Chosen[], planned: Planned, chain: Chain): Promise<void> {
  for (const one of chosen) {
    if (!one.isApplied || (await planned.of(one.setting)).length === 0) continue;
    await chain.apply(one.setting, one.change);
  }
}
