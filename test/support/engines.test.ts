/** What `npm ci` installs, held against the oldest Nodes that package.json promises to run on. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';

type Version = readonly [major: number, minor: number, patch: number];

/** There is no version of it that asks for less, and the tests run the whole system with it on Node 20. README tells. */
const ASKS_FOR_MORE = ['node_modules/aws-local-stepfunctions'];

const Lock = v.object({
  packages: v.record(v.string(), v.object({ engines: v.optional(v.record(v.string(), v.string())) })),
});

const versionOf = (text: string): Version => {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return [major, minor, patch];
};

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Reads a range as npm does, as far as packages here write it. */
function admits(range: string, node: Version): boolean {
  return range.split('||').some((alternative) =>
    [...alternative.matchAll(/(>=|<=|>|<|\^|~|=)?\s*v?(\d+(?:\.\w+)*|\*)/g)].every(
      ([, operator, text = '']) => {
        const version = versionOf(text);
        const difference = compare(node, version);
        if (text === '*') return true;
        if (operator === '>=') return difference >= 0;
        if (operator === '>') return difference > 0;
        if (operator === '<') return difference < 0;
        if (operator === '<=') return difference <= 0;
        return difference >= 0 && node[0] === version[0];
      },
    ),
  );
}

async function lockedPackages() {
  const text = await readFile(join(import.meta.dirname, '../../package-lock.json'), 'utf8');
  return v.parse(Lock, JSON.parse(text)).packages;
}

/** The oldest of each line that is promised: `^20.19.0 || >=24`. */
const oldestOf = (range: string) =>
  range.split('||').map((alternative) => versionOf(alternative.replace(/[^\d.]/g, '')));

test('every package runs on the oldest of each Node that is promised', async () => {
  const packages = await lockedPackages();
  const promised = packages['']?.engines?.node ?? expect.fail('no engines in package.json');
  const refusing = oldestOf(promised).map((oldest) => [
    oldest[0],
    Object.entries(packages)
      .filter(([, { engines }]) => engines?.node !== undefined && !admits(engines.node, oldest))
      .map(([path]) => path),
  ]);
  expect(Object.fromEntries(refusing)).toEqual({ 20: ASKS_FOR_MORE, 22: [], 24: [] });
});

test('package.json and its lock promise the same', async () => {
  const { engines } = v.parse(
    v.object({ engines: v.object({ node: v.string() }) }),
    JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')),
  );
  expect((await lockedPackages())['']?.engines).toEqual(engines);
});
