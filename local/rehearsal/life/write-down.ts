/** Writes down what a rehearsal saw: the actions of whoever deploys, and what each setting touches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Tools } from '../tools/find.ts';
import { type Provenance, writeActions, writeSettings } from './recorded.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { SettingSeen } from './steps-settings.ts';

export interface Seen {
  readonly rehearsal: Rehearsal;
  readonly tools: Tools;
  readonly network: string;
  readonly actions: readonly string[];
  readonly seen: readonly SettingSeen[];
}

const pinned = v.looseObject({
  terraform: v.looseObject({
    required_providers: v.looseObject({ aws: v.looseObject({ version: v.string() }) }),
  }),
});

export function writeDown({ rehearsal, tools, network, actions, seen }: Seen): void {
  const ranWith: Provenance = {
    terraform: tools.terraform.version,
    provider: providerVersion(rehearsal),
    moto: tools.moto.version,
  };
  writeActions({ ranWith, networks: [network], deployer: [...actions] });
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
