/**
 * Subnets: what AWS tells of those that have IPv6, and moto doesn't; and which of them a task runs in, so that none is
 * taken away from under it unseen.
 */

export interface Subnets {
  /** Before moto is asked: what it forgets is kept. @param form the request's body */
  readonly note: (operation: string, form: URLSearchParams) => void;
  /** After it. @param xml an answer that tells of subnets */
  readonly mend: (xml: string) => string;
  /** A task runs in one of these. @returns what is called when it has ended */
  readonly enter: (subnetIds: readonly string[]) => () => void;
  /**
   * Subnets that were to be deleted while a task might run in them: each once. AWS refuses that for as long as the task
   * is there (DeleteSubnet, API reference), and Terraform would wait for it.
   */
  readonly takenAway: () => readonly string[];
}

const IPV6_NAMES = 'EnableResourceNameDnsAAAARecordOnLaunch.Value';

/** How moto writes the state of a subnet's IPv6 block: a Python object in a string's place. */
const STATE = /<state>\{'State': '(\w+)'\}<\/state>/g;
/** The subnet's id follows, in moto's answers. */
const NAMES =
  /(<enableResourceNameDnsAAAARecord>)\w+(<\/enableResourceNameDnsAAAARecord>.*?<subnetId>)([^<]+)(?=<)/gs;

export function newSubnets(): Subnets {
  const withIpv6Names = new Set<string>();
  const tasksIn = new Map<string, number>();
  const taken = new Set<string>();
  const count = (id: string, change: number) => tasksIn.set(id, (tasksIn.get(id) ?? 0) + change);
  return {
    note: (operation, form) => {
      const id = form.get('SubnetId') ?? '';
      const named = form.get(IPV6_NAMES);
      if (operation === 'DeleteSubnet') {
        withIpv6Names.delete(id);
        if ((tasksIn.get(id) ?? 0) > 0) taken.add(id);
      }
      if (operation !== 'ModifySubnetAttribute' || named === null) return;
      if (named === 'true') withIpv6Names.add(id);
      else withIpv6Names.delete(id);
    },
    mend: (xml) =>
      xml
        .replaceAll(STATE, '<state>$1</state>')
        .replaceAll(
          NAMES,
          (_, open: string, between: string, id: string) =>
            `${open}${String(withIpv6Names.has(id))}${between}${id}`,
        ),
    enter: (subnetIds) => {
      for (const id of subnetIds) count(id, 1);
      return () => {
        for (const id of subnetIds) count(id, -1);
      };
    },
    takenAway: () => [...taken],
  };
}
