/** What a bundle is made of, in CycloneDX 1.6 (ECMA-424): the packages of which something is in it, and no others. */
import type { BundledPackage } from './packages.ts';

/** @param program such as `task` or `functions/connect`. @returns the same bytes for the same bundle: no moment, no serial */
export function sbomOf(program: string, version: string, packages: readonly BundledPackage[]): string {
  const itself = `callspool/${program}@${version}`;
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': itself,
        name: `callspool/${program}`,
        version,
        licenses: [{ expression: 'Apache-2.0' }],
      },
    },
    components: packages.map(componentOf),
    dependencies: [
      { ref: itself, dependsOn: packages.map(purlOf) },
      ...packages.map((one) => ({ ref: purlOf(one) })),
    ],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function componentOf(one: BundledPackage) {
  const [, group, name] = /^(?:(@[^/]+)\/)?(.*)$/.exec(one.name) ?? [];
  return {
    type: 'library',
    'bom-ref': purlOf(one),
    ...(group !== undefined && { group }),
    name: name ?? one.name,
    version: one.version,
    licenses: [{ expression: one.license }],
    purl: purlOf(one),
    ...(one.sha512 !== undefined && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(one.sha512, 'base64').toString('hex') }],
    }),
  };
}

/** A package URL, whose scope has its `@` escaped (package-url/purl-spec). */
const purlOf = ({ name, version }: BundledPackage) => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
