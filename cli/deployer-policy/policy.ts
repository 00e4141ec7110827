/** The policy of whoever deploys (docs/deployer-policy.json), for one deployment, in parts that IAM takes. */
import * as v from 'valibot';
import forAll from '../../docs/deployer-policy.json' with { type: 'json' };
import forIpv6 from '../../docs/deployer-policy-ipv6.json' with { type: 'json' };
import forNat from '../../docs/deployer-policy-nat.json' with { type: 'json' };
import forOwnNetwork from '../../docs/deployer-policy-own-network.json' with { type: 'json' };
import forRegulated from '../../docs/deployer-policy-regulated.json' with { type: 'json' };

const statement = v.strictObject({
  Sid: v.string(),
  Effect: v.literal('Allow'),
  Action: v.array(v.string()),
  Resource: v.union([v.string(), v.array(v.string())]),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
});
const policy = v.strictObject({ Version: v.literal('2012-10-17'), Statement: v.array(statement) });
export type Policy = v.InferOutput<typeof policy>;

export const NETWORKS = ['public', 'ipv6', 'nat', 'existing'] as const;
export type Network = (typeof NETWORKS)[number];

/** What is to be put in for the policy's variables. */
export interface Place {
  readonly prefix: string;
  readonly region: string;
  readonly account: string;
  /** The Connect instance's id; `*`: any of the account's. */
  readonly instance: string;
}

/** "Managed policies can't exceed 6,144 characters", not counting white space (IAM User Guide, "IAM and AWS STS quotas"). */
export const MANAGED_POLICY_CHARACTERS = 6_144;

const PARTS = v.object({
  forAll: policy,
  forOwnNetwork: policy,
  forIpv6: policy,
  forNat: policy,
  forRegulated: policy,
});
export const deployerPolicyParts = v.parse(PARTS, { forAll, forOwnNetwork, forIpv6, forNat, forRegulated });

const OF_NETWORK: Readonly<Record<Network, readonly (keyof typeof deployerPolicyParts)[]>> = {
  public: ['forOwnNetwork'],
  ipv6: ['forOwnNetwork', 'forIpv6'],
  nat: ['forOwnNetwork', 'forNat'],
  existing: [],
};

/**
 * With its variables as they stand in the files.
 * @param regulated with what accessLogs, flowLogs, tracing and replicateTo need
 */
export function deployerPolicy(network: Network, regulated = false): Policy {
  const parts = [
    'forAll',
    ...OF_NETWORK[network],
    ...(regulated ? (['forRegulated'] as const) : []),
  ] as const;
  return { Version: '2012-10-17', Statement: parts.flatMap((part) => deployerPolicyParts[part].Statement) };
}

/** @throws when the policy has a variable that {@link Place} has not. */
export function filledIn(template: Policy, place: Place): Policy {
  const values = new Map(Object.entries<string>({ ...place }));
  const text = JSON.stringify(template).replaceAll(/\$\{([A-Z][a-z]+)\}/g, (_, name: string) => {
    const value = values.get(name.toLowerCase());
    if (value === undefined) throw new Error(`the policy has a variable ${name} that nothing fills in`);
    return value;
  });
  return v.parse(policy, JSON.parse(text));
}

/** Splits a policy into as few as IAM takes as managed policies; statements stay whole, and in order. */
export function inParts({ Version, Statement }: Policy): Policy[] {
  const parts: Policy['Statement'][] = [];
  for (const next of Statement) {
    const last = parts.at(-1);
    if (last && characters({ Version, Statement: [...last, next] }) <= MANAGED_POLICY_CHARACTERS)
      last.push(next);
    else parts.push([next]);
  }
  return parts.map((part) => ({ Version, Statement: part }));
}

/** A policy's length as IAM counts it. */
export function characters(document: Policy): number {
  return JSON.stringify(document).replaceAll(/\s/g, '').length;
}
