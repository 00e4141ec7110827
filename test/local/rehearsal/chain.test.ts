import { describe, expect, it } from 'vitest';
import { Chain, type Links, UNHARMED, valuesOf } from '../../../local/rehearsal/life/chain.ts';
import { together } from '../../../local/rehearsal/life/together.ts';
import type { GivenSettings } from '../../../local/rehearsal/stack/setting-changes.ts';

function links(became: (what: string) => string = () => UNHARMED) {
  const done: string[] = [];
  const note = (...words: string[]) => {
    done.push(words.join(' '));
    return Promise.resolve();
  };
  const given: Links = {
    deploy: (settings) => note('deployed', valuesOf(settings)),
    deployDuringCall: async (what, settings) => {
      await note('deployed in a call', valuesOf(settings));
      return became(what);
    },
    record: (_, settings: GivenSettings, isHeard) => note(isHeard ? 'heard' : 'recorded', valuesOf(settings)),
    rest: () => note('rest'),
  };
  return { done, chain: new Chain(given) };
}

describe('settings, one after the other', () => {
  it('are each deployed over the one before, during a call, and recorded with', async () => {
    const { chain, done } = links();
    await chain.apply('flac', { to: { flac: 'true' } });
    await chain.apply('liveSinks', { to: { liveSinks: 'pieces' }, live: true });

    expect(done).toEqual([
      'deployed in a call flac=true',
      'recorded flac=true',
      'deployed in a call liveSinks=pieces',
      'heard liveSinks=pieces',
    ]);
    expect(chain.now).toEqual({ liveSinks: 'pieces' });
    expect([chain.became('flac'), chain.became('spot')]).toEqual([UNHARMED, undefined]);
  });

  it('by which a task would lose what it stands in go in and out while nobody calls', async () => {
    const { chain, done } = links();
    await chain.apply('vpcCidr', { to: { vpcCidr: '10.92.0.0/16' }, betweenCalls: true });
    await chain.apply('zones', { to: { zones: '3' }, takenBackBetweenCalls: true });

    expect(done).toEqual([
      'deployed vpcCidr=10.92.0.0/16',
      'recorded vpcCidr=10.92.0.0/16',
      'deployed ',
      'rest',
      'deployed in a call zones=3',
      'recorded zones=3',
      'deployed ',
      'rest',
    ]);
    expect([chain.became('vpcCidr'), chain.became('zones')]).toEqual([undefined, UNHARMED]);
    expect(chain.now).toEqual({});
  });

  it('that take several deploys go back as they came, and what harmed a call is told', async () => {
    const { chain, done } = links((what) => (what === 'network=ipv6' ? 'FAILED' : UNHARMED));
    await chain.apply('keepNetwork', {
      to: { network: 'ipv6', keepNetwork: 'public' },
      then: [{ network: 'ipv6' }],
    });

    expect(done).toEqual([
      'deployed in a call network=ipv6 keepNetwork=public',
      'recorded network=ipv6 keepNetwork=public',
      'deployed in a call network=ipv6',
      'recorded network=ipv6',
      'deployed in a call ',
      'rest',
    ]);
    expect(chain.became('keepNetwork')).toBe('FAILED');
  });
});

it('of two that are done together, one that fails doesn’t leave the other behind', async () => {
  let isDone = false;
  const slow = new Promise<void>((resolve) => {
    setImmediate(() => {
      isDone = true;
      resolve();
    });
  });

  await expect(together(Promise.reject(new Error('refused')), slow)).rejects.toThrow('refused');
  expect(isDone).toBe(true);
  expect(await together(Promise.resolve(1), Promise.resolve('two'))).toEqual([1, 'two']);
});
