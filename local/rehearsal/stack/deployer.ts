/** Whoever deploys asks with a key that says what is deployed, so that the record can tell what each kind of deployment takes. */
import { type SettingName, settingVariable } from '../../../stacks/config/settings.ts';

/** What makes a difference in what is asked for: the network, and what regulated users may ask for. */
export const KINDS = ['existing', 'ipv6', 'nat', 'public', 'regulated'] as const;
export type Kind = (typeof KINDS)[number];

const DEPLOYER = 'deployer';
const OF_REGULATED: readonly SettingName[] = ['accessLogs', 'flowLogs', 'replicateTo'];

/** @param variables settings by their environment variables; without a network, there is nothing to tell */
export function kindsOf(variables: Readonly<Record<string, string>>): Kind[] {
  const valueOf = (name: SettingName) => variables[settingVariable(name)] ?? '';
  const networks = [valueOf('network'), valueOf('keepNetwork')];
  const isRegulated = OF_REGULATED.some((name) => !['', 'false'].includes(valueOf(name)));
  return KINDS.filter((kind) => networks.includes(kind) || (kind === 'regulated' && isRegulated));
}

/** An access key's id. @param kinds of what is deployed, and of what is to be */
export function deployerOf(kinds: Iterable<Kind>): string {
  const all = new Set(kinds);
  return [DEPLOYER, ...KINDS.filter((kind) => all.has(kind))].join('-');
}

/** @returns undefined where it is somebody else who asks */
export function kindsDeployedBy(who: string): Kind[] | undefined {
  const [first, ...kinds] = who.split('-');
  return first === DEPLOYER ? KINDS.filter((kind) => kinds.includes(kind)) : undefined;
}
