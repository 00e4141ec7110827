/** All that the steps of a rehearsal work with. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type SettingName, settingVariable } from '../../../stacks/config/settings.ts';
import { INSTANCE_ARN } from '../../standins/connect-events.ts';
import { REGION } from '../../standins/environment.ts';
import type { System } from '../../system/system.ts';
import { play, type Played, type PlayOptions } from '../calls/play.ts';
import { appliedIn, readState } from '../calls/state.ts';
import { runDeployed, type Services } from '../calls/world.ts';
import type { Front } from '../endpoint/front.ts';
import type { Change } from '../stack/plan.ts';
import type { GivenSettings } from '../stack/setting-changes.ts';
import type { SettingVariables, Workspace } from '../stack/workspace.ts';
import type { Moto } from '../tools/moto.ts';
import type { Spent } from '../tools/spent.ts';
import type { Extent } from './arguments.ts';
import type { Findings } from './findings.ts';

export const PREFIX = 'callspool';

export interface Rehearsal {
  readonly findings: Findings;
  readonly moto: Moto;
  readonly front: Front;
  readonly services: Services;
  readonly workspace: Workspace;
  readonly spent: Spent;
  /** A folder of its own; everything that is written lies in it. */
  readonly dir: string;
  /** The checkout whose stack is deployed, and whose programs run. */
  checkout: string;
  /** What every deploy has. */
  readonly base: GivenSettings;
  /** What the same audio gives on this machine alone. */
  readonly reference: () => Promise<Played>;
  readonly settings: Extent;
  /** Only these settings, where some are named. */
  readonly only: readonly SettingName[];
  readonly signal: AbortSignal;
}

/** Less waiting: a call in the middle of which something is deployed waits for its first checkpoint, every call for its end. */
const SEGMENT_SECONDS = '5';
const GRACE_SECONDS = '2';

/** @param network settings of the network */
export function baseSettings(network: GivenSettings): GivenSettings {
  return {
    region: REGION,
    prefix: PREFIX,
    instanceArn: INSTANCE_ARN,
    alarmEmail: 'alarms@example.org',
    segmentSeconds: SEGMENT_SECONDS,
    graceSeconds: GRACE_SECONDS,
    ...network,
  };
}

export function variablesOf(settings: GivenSettings): SettingVariables {
  const names = Object.keys(settings) as SettingName[];
  return Object.fromEntries(names.map((name) => [settingVariable(name), settings[name] ?? '']));
}

/** What calls are held against. */
export async function expectReference({ findings, reference }: Rehearsal): Promise<void> {
  const { status, bytes } = await reference();
  findings.expect(status === 'COMPLETE', `the local run: ${status}, ${bytes} bytes`);
}

/** Runs `cdktf deploy`, with a line of progress for each of Terraform's that tells something done. */
export async function deploy(
  { workspace, base, findings }: Rehearsal,
  more: GivenSettings = {},
): Promise<void> {
  const beganMs = Date.now();
  let done = 0;
  await workspace.deploy(variablesOf({ ...base, ...more }), (line) => {
    if (!/(Creation|Modifications|Destruction) complete/.test(line)) return;
    done += 1;
    if (done % PROGRESS_EVERY === 0) findings.progress(`${done} resources`);
  });
  findings.expect(true, `cdktf deploy: ${done} resources in ${Math.round((Date.now() - beganMs) / 1000)} s`);
}

const PROGRESS_EVERY = 20;

export function plan(
  { workspace, base }: Rehearsal,
  more: GivenSettings = {},
  refresh = true,
): Promise<Change[]> {
  return workspace.plan(variablesOf({ ...base, ...more }), refresh);
}

/** A plan right after a deploy has nothing to do. */
export async function expectRest(rehearsal: Rehearsal, more: GivenSettings = {}): Promise<void> {
  const changes = await plan(rehearsal, more);
  const which = changes.map(
    ({ address, kind, attributes }) => `${address} ${kind} (${attributes.join(', ')})`,
  );
  const isEmpty = changes.length === 0;
  rehearsal.findings.expect(
    isEmpty,
    isEmpty ? 'the plan is empty' : `the plan isn’t empty: ${which.join('; ')}`,
  );
}

let systems = 0;

/** The programs of the deployment as it stands; `use` may play calls through them. */
async function withPrograms<T>(rehearsal: Rehearsal, use: (system: System) => Promise<T>): Promise<T> {
  const system = await startPrograms(rehearsal);
  try {
    return await use(system);
  } finally {
    await system.close();
  }
}

/** The caller closes it. */
export async function startPrograms(rehearsal: Rehearsal): Promise<System> {
  const { front, services, workspace, checkout } = rehearsal;
  const dir = join(rehearsal.dir, `programs-${++systems}`);
  mkdirSync(dir, { recursive: true });
  return runDeployed({
    front,
    services,
    applied: appliedIn(readState(workspace.statePath), PREFIX),
    stackDir: workspace.stackDir,
    dir,
    taskProgram: join(checkout, 'dist/task/index.mjs'),
    listenerProgram: join(checkout, 'dist/live/index.mjs'),
  });
}

/** Calls through what is deployed: their bytes are those of the local run. */
export async function playCalls(
  rehearsal: Rehearsal,
  calls: Readonly<Record<string, PlayOptions>>,
): Promise<Played[]> {
  const { findings, services, signal, spent } = rehearsal;
  const reference = await rehearsal.reference();
  return withPrograms(rehearsal, async (system) => {
    const played: Played[] = [];
    for (const [what, options] of Object.entries(calls)) {
      const one = await spent.on('a call', () =>
        play({ ...system, stream: services.newStream() }, { ...options, signal }),
      );
      const same = one.status === 'COMPLETE' && one.sha256 === reference.sha256;
      const told = `${one.status}, ${one.bytes} bytes, ${one.attempts} tasks`;
      findings.expect(same, `${what}: ${told}${same ? ', as on this machine' : ', not as on this machine'}`);
      if (options.listenedTo === true) {
        const not = (isSo: boolean | undefined) => (isSo === true ? '' : 'not ');
        findings.expect(one.isHeard === true, `${what}: ${not(one.isHeard)}all of it was given`);
        findings.expect(one.isWritten === true, `${what}: ${not(one.isWritten)}all words were written down`);
      }
      played.push(one);
    }
    return played;
  });
}
