import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildAll } from '../../build.ts';
import { noticesOf } from '../../bundle/notices.ts';
import { type BundledPackage, inputsOf, packagesOf } from '../../bundle/packages.ts';
import { sbomOf } from '../../bundle/sbom.ts';
import { FUNCTIONS, NOTICES_FILE, SBOM_FILE } from '../../contract/names.ts';

const ROOT = join(import.meta.dirname, '../..');
const SCHEMAS = join(ROOT, 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
const PROGRAMS = ['task', 'live', ...FUNCTIONS.map((name) => `functions/${name}`)];

const Bom = v.object({
  components: v.array(v.object({ name: v.string(), version: v.string(), purl: v.string() })),
});

async function json(path: string): Promise<object> {
  return v.parse(v.looseObject({}), JSON.parse(await readFile(path, 'utf8')));
}

/** By the schema that the makers of CycloneDX publish. */
async function validator() {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  // As they name each other: not by the `$id` that they have.
  for (const file of [
    'spdx.SNAPSHOT.schema.json',
    'jsf-0.82.SNAPSHOT.schema.json',
    'cryptography-defs.SNAPSHOT.schema.json',
  ])
    ajv.addSchema(await json(join(SCHEMAS, file)), `http://cyclonedx.org/schema/${file}`);
  return ajv.compile(await json(join(SCHEMAS, 'bom-1.6.SNAPSHOT.schema.json')));
}

describe('beside each bundle', () => {
  beforeAll(() => buildAll());

  it('stands what it is made of, in CycloneDX', async () => {
    const validate = await validator();
    for (const program of PROGRAMS) {
      validate(await json(join(ROOT, 'dist', program, SBOM_FILE)));
      expect(validate.errors ?? [], program).toEqual([]);
    }
    expect(validate({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{}] })).toBe(false);
  });

  it('stand the licences of just that', async () => {
    for (const program of PROGRAMS) {
      const { components } = v.parse(Bom, await json(join(ROOT, 'dist', program, SBOM_FILE)));
      const notices = await readFile(join(ROOT, 'dist', program, NOTICES_FILE), 'utf8');
      const named = [...notices.matchAll(/^(\S+) (\d\S*) \(([\w.-]+)\)$/gm)];
      const purls = named.map(
        ([, name = '', version = '']) => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`,
      );
      expect(purls.toSorted(), program).toEqual(components.map(({ purl }) => purl).toSorted());
      expect(purls.length, program).toBeGreaterThan(10);
    }
  });

  it('stands nothing that is only there to develop with, and something that is', async () => {
    const of = async (program: string) =>
      v.parse(Bom, await json(join(ROOT, 'dist', program, SBOM_FILE))).components.map(({ name }) => name);
    expect(await of('task')).toContain('client-kinesis-video-media');
    expect(await of('functions/connect')).not.toContain('client-kinesis-video-media');
    for (const program of PROGRAMS) expect(await of(program)).not.toContain('tsx');
  });
});

const ONE: BundledPackage = {
  name: '@a/one',
  version: '1.0.0',
  license: 'MIT',
  sha512: undefined,
  texts: ['free'],
};

describe('packages', () => {
  it('are those of which something is left', () => {
    const inputs = {
      'node_modules/a/in.js': { bytesInOutput: 1 },
      'node_modules/b/out.js': { bytesInOutput: 0 },
    };
    expect(inputsOf({ inputs, bytes: 1, imports: [], exports: [] })).toEqual(['node_modules/a/in.js']);
  });

  it('are found in folders of folders, once each, with what the lock says of them', async () => {
    const inputs = ['build.ts', 'node_modules/valibot/a.js', 'node_modules/valibot/b.js'];
    const [found, ...others] = await packagesOf(ROOT, inputs);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ name: 'valibot', license: 'MIT' });
    expect(found?.sha512).toHaveLength(88);
    expect(found?.texts.join()).toContain('MIT License');
  });

  it('with the same licence share its text', () => {
    const notices = noticesOf([ONE, { ...ONE, name: 'two' }, { ...ONE, name: 'three', texts: ['other'] }]);
    expect(notices.match(/^free$/gm)).toHaveLength(1);
    expect(notices).toContain('@a/one 1.0.0 (MIT)\ntwo 1.0.0 (MIT)\n\nfree');
  });

  it('give the same bytes at any time', () => {
    expect(sbomOf('task', '1.0.0', [ONE])).toBe(sbomOf('task', '1.0.0', [ONE]));
    expect(sbomOf('task', '1.0.0', [ONE])).toContain('"purl": "pkg:npm/%40a/one@1.0.0"');
  });
});
