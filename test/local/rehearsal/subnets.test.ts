import { describe, expect, it } from 'vitest';
import { newSubnets } from '../../../local/rehearsal/endpoint/subnets.ts';

const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields);

/** As moto 5.2.1 describes them: the state of IPv6 is a Python object, and names stay as they were. */
const described = (...ids: readonly string[]) =>
  ids
    .map(
      (id) =>
        `<item><ipv6CidrBlockState><state>{'State': 'associated'}</state></ipv6CidrBlockState><enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptionsOnLaunch><subnetId>${id}</subnetId><state>available</state></item>`,
    )
    .join('');
const namesOf = (xml: string) =>
  [...xml.matchAll(/AAAARecord>(\w+)<\/.*?<subnetId>([^<]+)/g)].map(([, named, id]) => [id, named]);

describe('the subnets of a rehearsal', () => {
  it('say that their IPv6 is there', () => {
    expect(newSubnets().mend(described('subnet-1'))).toContain(
      '<ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState>',
    );
  });

  it('say what was asked for of their names, each for itself, until they go', () => {
    const subnets = newSubnets();
    const ask = (id: string, value: string) => {
      const attribute = { 'EnableResourceNameDnsAAAARecordOnLaunch.Value': value };
      subnets.note('ModifySubnetAttribute', form({ SubnetId: id, ...attribute }));
    };
    const seen = () => namesOf(subnets.mend(described('subnet-1', 'subnet-2', 'subnet-3')));

    ask('subnet-2', 'true');
    ask('subnet-3', 'true');
    ask('subnet-3', 'false');
    subnets.note(
      'ModifySubnetAttribute',
      form({ SubnetId: 'subnet-2', 'MapPublicIpOnLaunch.Value': 'true' }),
    );
    expect(seen()).toEqual([
      ['subnet-1', 'false'],
      ['subnet-2', 'true'],
      ['subnet-3', 'false'],
    ]);

    subnets.note('DeleteSubnet', form({ SubnetId: 'subnet-2' }));
    expect(seen()).toContainEqual(['subnet-2', 'false']);
  });

  it('tell which of them were taken away while a task might run in them', () => {
    const subnets = newSubnets();
    const take = (id: string) => {
      subnets.note('DeleteSubnet', form({ SubnetId: id }));
    };
    const leave = [subnets.enter(['subnet-1', 'subnet-2']), subnets.enter(['subnet-2'])];

    leave[0]?.();
    take('subnet-1');
    expect(subnets.takenAway()).toEqual([]);

    take('subnet-2');
    take('subnet-2');
    expect(subnets.takenAway()).toEqual(['subnet-2']);
  });
});
