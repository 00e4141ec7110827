import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { buildAll } from '../../../build.ts';
import { ALL_FUNCTIONS, LIVE_SOCKETS } from '../../../contract/names.ts';
import { functionZip, imageFolder } from '../../../stacks/compute/bundle.ts';
import { placeholderBundles, ROOT } from '../synthesise.ts';

const folder = mkdtempSync(join(tmpdir(), 'callspool bundles ')); // a space: a checkout may lie anywhere
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const DOCKERFILE = join(ROOT, 'task', 'Dockerfile');
const PUSH = join(ROOT, 'stacks', 'compute', 'push-image.sh');

/** A build of the sources in a folder of its own. */
async function buildIn(name: string): Promise<string> {
  const root = join(folder, name);
  mkdirSync(root);
  for (const source of [
    'task',
    'functions',
    'live',
    'reading',
    'ports',
    'recording',
    'matroska',
    'node_modules',
    'package.json',
    'package-lock.json',
    'LICENSE',
  ]) {
    symlinkSync(join(ROOT, source), join(root, source));
  }
  await buildAll(root);
  return join(root, 'dist');
}

describe('zips', () => {
  it('of two builds hold the same bytes, whenever and wherever they are made', async () => {
    const [first, second] = [await buildIn('one'), await buildIn('two')];
    for (const name of ALL_FUNCTIONS) {
      const a = functionZip(first, name, join(folder, 'zips one'));
      const bundle = join(second, 'functions', name, 'index.mjs');
      utimesSync(bundle, new Date(0), new Date(0));
      chmodSync(bundle, 0o600);
      const b = functionZip(second, name, join(folder, 'zips two'));

      expect(readFileSync(b.path).equals(readFileSync(a.path))).toBe(true);
      expect(b.sha256).toBe(a.sha256);
    }
  });

  it('do not depend on the time zone', () => {
    const bundles = placeholderBundles(join(folder, 'placeholders'));
    const script = `import { functionZip } from ${JSON.stringify(join(ROOT, 'stacks', 'compute', 'bundle.ts'))};
      process.stdout.write(functionZip(${JSON.stringify(bundles)}, 'connect', ${JSON.stringify(folder)}).sha256);`;
    const inZone = (TZ: string) =>
      spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        cwd: ROOT,
        env: { ...process.env, TZ },
        encoding: 'utf8',
      }).stdout;

    expect(inZone('Pacific/Auckland')).toHaveLength(44);
    expect(inZone('America/Los_Angeles')).toBe(inZone('Pacific/Auckland'));
  });

  it('hold one readable file, which gives the handler, and its licences', () => {
    const bundles = placeholderBundles(join(folder, 'more'));
    const zip = readFileSync(functionZip(bundles, 'assemble', folder).path);
    const files = unzipSync(zip);
    // Central directory: "made by" Unix, and the mode in the upper half of the external attributes.
    const directory = zip.lastIndexOf('PK\u0001\u0002');

    expect(Object.keys(files)).toEqual(['index.mjs', 'THIRD-PARTY-NOTICES.txt']);
    expect(Buffer.from(files['index.mjs'] ?? []).toString()).toContain('export const handler');
    expect(zip.readUInt8(directory + 5)).toBe(3);
    expect((zip.readUInt32LE(directory + 38) >>> 16).toString(8)).toBe('100644');
  });

  it('are not made of nothing: a missing bundle says how to make it', () => {
    expect(() => functionZip(join(folder, 'nowhere'), 'connect', folder)).toThrow(
      /run "npm run build" first/,
    );
  });
});

describe('the image', () => {
  const bundles = placeholderBundles(join(folder, 'image bundles'));
  const base = 'example/node:24';
  const tagOf = (from: string, dockerfile = DOCKERFILE, node = base) =>
    imageFolder(from, dockerfile, PUSH, node, mkdtempSync(join(folder, 'staging-'))).tag;

  it('has a tag that changes with each of its bundles, its Dockerfile and its base, and with nothing else', () => {
    const other = join(folder, 'other bundles');
    cpSync(bundles, other, { recursive: true });
    const same = tagOf(other);
    const changed = ['task', 'live'].map((program) => {
      cpSync(bundles, other, { recursive: true });
      writeFileSync(join(other, program, 'index.mjs'), 'changed');
      return tagOf(other);
    });
    const dockerfile = join(folder, 'Dockerfile');
    writeFileSync(dockerfile, 'FROM scratch');

    expect(same).toBe(tagOf(bundles));
    expect(same).toMatch(/^[0-9a-f]{32}$/);
    expect(
      new Set([same, ...changed, tagOf(bundles, dockerfile), tagOf(bundles, DOCKERFILE, 'other:24')]).size,
    ).toBe(5);
  });

  it('is built by copying alone, for nobody to be root in', () => {
    const instructions = readFileSync(DOCKERFILE, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(' ')[0]);

    expect(new Set(instructions)).toEqual(
      new Set(['ARG', 'FROM', 'WORKDIR', 'ENV', 'COPY', 'VOLUME', 'USER', 'CMD']),
    );
    expect(readFileSync(DOCKERFILE, 'utf8')).toMatch(
      /^COPY task\/index\.mjs task\/THIRD-PARTY-NOTICES\.txt \.\/$/m,
    );
    expect(readFileSync(DOCKERFILE, 'utf8')).toMatch(/^USER 65532:65532$/m);
  });

  it('gives what the containers of a task share to the user that they run as', () => {
    const text = readFileSync(DOCKERFILE, 'utf8');
    const [, from = '', to] = /^COPY --chown=65532:65532 (\S+) (\S+)$/m.exec(text) ?? [];
    const made = imageFolder(bundles, DOCKERFILE, PUSH, base, mkdtempSync(join(folder, 'staging-')));

    expect(to).toBe(`${LIVE_SOCKETS.folder}/`);
    expect(text).toContain(`VOLUME ["${LIVE_SOCKETS.folder}"]`);
    // Nothing copies a folder that isn't there.
    expect(existsSync(join(made.path, from))).toBe(true);
  });

  it('copies nothing that its folder and `npm run build` don’t hold', async () => {
    const copied = [...readFileSync(DOCKERFILE, 'utf8').matchAll(/^COPY (?:--\S+ )?(.+) \S+$/gm)].flatMap(
      ([, from = '']) => from.split(' '),
    );
    const made = imageFolder(bundles, DOCKERFILE, PUSH, base, mkdtempSync(join(folder, 'staging-')));
    const built = await buildIn('image');

    expect(copied).toHaveLength(5);
    for (const context of [made.path, built])
      expect(copied.filter((from) => !existsSync(join(context, from)))).toEqual([]);
  });
});

/** Programs that note how they were called. @param tagIsThere whether ECR has the tag already. */
function fakePrograms(tagIsThere: boolean): { readonly bin: string; readonly calls: () => string[] } {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const log = join(bin, 'log');
  const aws = tagIsThere
    ? ''
    : 'case "$*" in *describe-images*) exit 254;; *get-login-password*) echo secret;; esac';
  writeFileSync(join(bin, 'aws'), `#!/bin/sh\necho "aws $*" >> "${log}"\n${aws}\n`);
  writeFileSync(
    join(bin, 'podman'),
    `#!/bin/sh\necho "podman $*" >> "${log}"\ncase "$1" in login) read -r password; [ "$password" = secret ];; esac\n`,
  );
  for (const name of ['aws', 'podman']) chmodSync(join(bin, name), 0o755);
  return { bin, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) };
}

describe('pushing the image', () => {
  const push = (bin: string, path = `${bin}:/usr/bin:/bin`) =>
    spawnSync('/bin/sh', [PUSH], {
      encoding: 'utf8',
      env: {
        PATH: path,
        BUILDER: 'podman',
        REGION: 'eu-west-2',
        REPOSITORY: 'callspool/task',
        REPOSITORY_URL: '123456789012.dkr.ecr.eu-west-2.amazonaws.com/callspool/task',
        TAG: 'abc',
        NODE_IMAGE: 'example/node:24',
        CONTEXT: 'assets/image',
      },
    });
  const IMAGE = '123456789012.dkr.ecr.eu-west-2.amazonaws.com/callspool/task:abc';

  it('logs in, builds for ARM64 and pushes, with whichever builder', () => {
    const { bin, calls } = fakePrograms(false);
    const { status, stderr } = push(bin);

    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [looked, ...rest] = calls();
    expect(looked).toBe(
      'aws ecr describe-images --region eu-west-2 --repository-name callspool/task --image-ids imageTag=abc',
    );
    // The two ends of a pipe begin in any order.
    expect(rest.slice(0, 2).toSorted()).toEqual([
      'aws ecr get-login-password --region eu-west-2',
      'podman login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-2.amazonaws.com',
    ]);
    expect(rest.slice(2)).toEqual([
      `podman build --platform linux/arm64 --build-arg NODE_IMAGE=example/node:24 --tag ${IMAGE} assets/image`,
      `podman push ${IMAGE}`,
    ]);
  });

  it('does nothing when the very content is there: tags can’t be pushed twice', () => {
    const { bin, calls } = fakePrograms(true);

    expect(push(bin).status).toBe(0);
    expect(calls()).toHaveLength(1);
  });

  it('says what is missing, and the ways out', () => {
    const { bin } = fakePrograms(false);
    rmSync(join(bin, 'podman'));
    const { status, stderr } = push(bin, bin);

    expect(status).toBe(1);
    expect(stderr).toMatch(/podman is needed .* CALLSPOOL_IMAGE_BUILDER.* CALLSPOOL_IMAGE_URI/);
  });

  it('is what the deploy’s folder holds', () => {
    const made = imageFolder(
      placeholderBundles(join(folder, 'held')),
      DOCKERFILE,
      PUSH,
      'x',
      mkdtempSync(join(folder, 's-')),
    );

    expect(readdirSync(made.path).toSorted()).toEqual(['Dockerfile', 'live', 'push-image.sh', 'run', 'task']);
    for (const program of ['task', 'live'])
      expect(readdirSync(join(made.path, program)).toSorted()).toEqual([
        'THIRD-PARTY-NOTICES.txt',
        'index.mjs',
      ]);
  });
});
