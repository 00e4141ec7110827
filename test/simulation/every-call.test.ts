/** One fault at each port call of some calls: none is left out. */
import { describe, expect, it } from 'vitest';
import { scenarioOf } from './generate.ts';
import { runScenario } from './run.ts';
import type { CallSite, Fault, Scenario } from './scenario.ts';
import { report } from './seeds.ts';

const at = (site: CallSite): readonly Fault[] => [
  { kind: 'kill', at: site, when: 'before' },
  { kind: 'kill', at: site, when: 'effect' },
  { kind: 'kill', at: site, when: 'after' },
  { kind: 'fail', at: site, when: 'before' },
  { kind: 'fail', at: site, when: 'effect' },
  { kind: 'freeze', at: site, when: 'before', ms: 10_000, orphan: true },
  { kind: 'freeze', at: site, when: 'effect', ms: 10_000, orphan: true },
];

/** A seed's call, without its faults, and made to be of the kind that is wanted. */
function base(seed: number, changes: (scenario: Scenario) => Partial<Scenario>): Scenario {
  const scenario = { ...scenarioOf(seed), faults: [] };
  return { ...scenario, ...changes(scenario) };
}

const withAll = (scenario: Scenario, parts: readonly string[]) =>
  scenario.call.fragments.filter(({ part }) => parts.includes(part));

function firstSeedWith(parts: readonly string[], isFit: (scenario: Scenario) => boolean): number {
  for (let seed = 1; ; seed += 1) {
    const scenario = scenarioOf(seed);
    const hasAll = parts.every((part) => withAll(scenario, [part]).length > 0);
    if (hasAll && withAll(scenario, ['ours']).length >= 4 && isFit(scenario)) return seed;
  }
}

const isTold = ({ call }: Scenario) => call.eventAfterMs !== undefined;
const BASES = [
  {
    name: 'a call on an archived stream, hung up',
    scenario: base(firstSeedWith(['ours'], isTold), ({ call, service, settings }) => ({
      call: { ...call, fragments: call.fragments.filter(({ part }) => part === 'ours') },
      service: { ...service, archive: true, keepMs: undefined, retriesMax: undefined, chunkBytes: undefined },
      settings: { ...settings, segmentMs: 2_000 },
    })),
  },
  {
    name: 'two recordings of a contact between other contacts',
    scenario: base(firstSeedWith(['earlier', 'ours', 'next', 'later'], isTold), ({ service }) => ({
      service: {
        ...service,
        archive: false,
        keepMs: undefined,
        retriesMax: undefined,
        chunkBytes: undefined,
      },
    })),
  },
  {
    name: 'a last fragment without trailing tags on a stream without an archive',
    scenario: base(
      firstSeedWith(['ours'], (one) => isTold(one) && withAll(one, ['ours']).at(-1)?.trailingTags === false),
      ({ call, service }) => ({
        call: { ...call, fragments: call.fragments.filter(({ part }) => part === 'ours') },
        service: {
          ...service,
          archive: false,
          keepMs: undefined,
          retriesMax: undefined,
          chunkBytes: undefined,
        },
      }),
    ),
  },
];

describe.each(BASES)('$name', ({ scenario }) => {
  it('survives every fault at every port call', { timeout: 300_000 }, async () => {
    const { world, findings } = await runScenario(scenario);
    expect(findings).toEqual([]);
    expect(world.injector.sites.length).toBeGreaterThan(40);
    for (const { operation, nth } of world.injector.sites) {
      for (const fault of at({ operation, nth })) {
        const verdict = await runScenario({ ...scenario, faults: [fault] });
        expect(verdict.findings.length > 0 && (await report(verdict))).toBe(false);
      }
    }
  });
});
