/** Writes down what a rehearsal saw: the actions of whoever deploys, and what each setting touches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ActionRecord } from '../endpoint/action-record.ts';
import { kindsDeployedBy } from '../stack/deployer.ts';
import type { Tools } from '../tools/find.ts';
import { type Provenance, writeActions, writeSettings } from './recorded.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { SettingSeen } from './steps-settings.ts';

/** Those who ask in a rehearsal and have a policy, beside whoever deploys: programs, and people by the command line. */
const OTHERS = [
  'task',
  'listener',
  'connect',
  'contact-event',
  'assemble',
  'resume',
  'ask-connect',
  'operator',
  'doctor',
];

/** Actions, and in which deployments whoever deploys has asked for them. */
export type AskedFor = ReadonlyMap<string, string[]>;

export function askedForByDeployers({ actionsOf, everybody }: ActionRecord): AskedFor {
  const asked = new Map<string, string[]>();
  for (const who of everybody()) {
    const kinds = kindsDeployedBy(who);
    if (kinds === undefined) continue;
    for (const action of actionsOf(who)) asked.set(action, [...(asked.get(action) ?? []), kinds.join(' ')]);
  }
  return asked;
}

export interface Seen {
  readonly rehearsal: Rehearsal;
  readonly tools: Tools;
  readonly network: string;
  readonly seen: readonly SettingSeen[];
}

const pinned = v.looseObject({
  terraform: v.looseObject({
    required_providers: v.looseObject({ aws: v.looseObject({ version: v.string() }) }),
  }),
});

export function writeDown({ rehearsal, tools, network, seen }: Seen): void {
  const { record } = rehearsal.front;
  const ranWith: Provenance = {
    terraform: tools.terraform.version,
    provider: providerVersion(rehearsal),
    moto: tools.moto.version,
  };
  const asked = OTHERS.filter((who) => record.everybody().includes(who));
  writeActions({
    ranWith,
    deployer: Object.fromEntries(askedForByDeployers(record)),
    others: Object.fromEntries(asked.map((who) => [who, record.actionsOf(who)])),
  });
  // The network that most have is the one that the documentation tells of.
  if (network !== 'public') return;
  const settings = seen.map(({ setting, to, callAcross, changes }) => ({
    setting,
    to: steady(to),
    ...(callAcross !== undefined && { callAcross }),
    changes: changes.map(({ address, kind, attributes }) => ({ address, kind, attributes: [...attributes] })),
  }));
  writeSettings({ ranWith, settings });
}

function providerVersion({ workspace }: Rehearsal): string {
  const json: unknown = JSON.parse(readFileSync(join(workspace.stackDir, 'cdk.tf.json'), 'utf8'));
  return v.parse(pinned, json).terraform.required_providers.aws.version;
}

/** Ids that moto makes up are others each time. */
function steady(to: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(to).map(([name, value]) => [
      name,
      value.replaceAll(/\b(vpc|subnet)-[0-9a-f]+/g, '$1-…').replaceAll(/key\/[0-9a-f-]{36}/g, 'key/…'),
    ]),
  );
}
