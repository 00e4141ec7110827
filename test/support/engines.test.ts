/** What `npm ci` installs, held against the oldest Node that package.json promises to run on. */
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

test('every package runs on the oldest Node that is promised', async () => {
  const { packages } = v.parse(
    Lock,
    JSON.parse(await readFile(join(import.meta.dirname, '../../package-lock.json'), 'utf8')),
  );
  const promised = packages['']?.engines?.node ?? expect.fail('no engines in package.json');
  const oldest = versionOf(promised.replace(/^>=/, ''));
  const refusing = Object.entries(packages)
    .filter(([, { engines }]) => engines?.node !== undefined && !admits(engines.node, oldest))
    .map(([path]) => path);
  expect(refusing).toEqual(ASKS_FOR_MORE);
});
