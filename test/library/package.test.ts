/** The package as others have it, and every example of docs/LIBRARY.md, on the stand-in of Kinesis Video Streams. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, buildLibrary } from '../../build.ts';
import { readWav } from '../../local/run/wav-input.ts';
import { CONTACT_ID, STREAM_ARN } from '../support/call.ts';
import { call, noise } from '../support/kinesis.ts';
import { CREDENTIALS, REGION } from '../support/standins.ts';
import { install, type Installed } from './installed.ts';
import { type StreamForTest, streamForTest } from './stream-for-test.ts';

const run = promisify(execFile);
const DOC = join(import.meta.dirname, '../../docs/LIBRARY.md');
const RATE = 8_000;
const CALL = call(3.5);
/** Another contact has the stream after that, so that listening ends. */
const NEXT = call(15, {
  contactId: 'next',
  startedAtMs: (CALL[0]?.producerTimestampMs ?? 0) + 10_000,
  firstSequence: Date.now(),
});
const CALL_ARGUMENTS = [STREAM_ARN, CONTACT_ID, (CALL[0]?.number ?? 0n).toString()];

let installed: Installed;
let kinesis: StreamForTest;
let doc: string;
beforeAll(async () => {
  await Promise.all([buildLibrary(), buildCli()]);
  installed = await install('@types/node');
  kinesis = await streamForTest([...CALL, ...NEXT], { callsPerSecond: 1_000 });
  doc = await readFile(DOC, 'utf8');
});
afterAll(async () => {
  await kinesis.close();
  await installed.remove();
});

/** The example below a heading. */
function example(heading: string, language = 'js'): string {
  const section = doc.slice(doc.indexOf(`## ${heading}\n`));
  const [, program] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(section) ?? [];
  if (program === undefined || section === doc.slice(-1)) throw new Error(`no example below ${heading}`);
  return program;
}

interface Ran {
  readonly out: string;
  readonly dir: string;
}

/** In a folder of its own within the project. */
async function ran(program: string, args: readonly string[]): Promise<Ran> {
  const dir = await mkdtemp(join(installed.dir, 'run-'));
  await writeFile(join(dir, 'program.mjs'), program);
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_KINESIS_VIDEO: kinesis.url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const { stdout } = await run(process.execPath, ['program.mjs', ...args], { cwd: dir, env });
  return { out: stdout, dir };
}

describe('the package', () => {
  test('holds what is imported and the command, and nothing of the programs that are deployed', () => {
    const folders = new Set(installed.files.map((file) => file.split('/').slice(0, 2).join('/')));
    expect([...folders].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'cli/callspool.mjs',
      'dist/cli',
      'dist/library',
      'docs/LIBRARY.md',
      'docs/LIVE.md',
      'docs/PYTHON.md',
      'package.json',
    ]);
  });

  test('brings along two AWS clients, which is all that it imports', async () => {
    expect(installed.dependencies).toEqual([
      '@aws-sdk/client-kinesis-video',
      '@aws-sdk/client-kinesis-video-media',
    ]);
    const library = installed.files.filter((file) => /^dist\/library\/.*\.mjs$/.test(file));
    const texts = library.map((file) =>
      readFile(join(installed.dir, 'node_modules/callspool', file), 'utf8'),
    );
    const imported = (await Promise.all(texts)).flatMap((text) =>
      ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName),
    );
    const packages = imported.filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
    expect([...new Set(packages)].sort()).toEqual(installed.dependencies);
  });

  test('has a command that runs by itself', async () => {
    const command = join(installed.dir, 'node_modules/callspool/cli/callspool.mjs');
    const { stdout } = await run(process.execPath, [command, 'listen', '--help']);
    expect(stdout).toContain('callspool listen');
  });
});

describe('in TypeScript', () => {
  const program = () => `${example('Errors', 'ts')}\nexport {};\n`;

  /** What the compiler says of the program, and writes of it. */
  async function compiled(options: ts.CompilerOptions): Promise<{ said: string[]; text: string }> {
    const file = join(installed.dir, 'user.mts');
    const consumer = join(installed.dir, 'consumer.mts');
    await writeFile(file, program());
    await writeFile(
      consumer,
      `import { consume, type StreamFragment } from 'callspool/consumer';
export async function numbers(streamArn: string): Promise<bigint[]> {
  const all: bigint[] = [];
  const onFragment = ({ number }: StreamFragment) => { all.push(number); };
  for await (const { tracks } of consume({ streamArn, onFragment })) if (tracks.length === 0) break;
  return all;
}
// @ts-expect-error -- there are types, and a stream is named by a text
consume({ streamArn: 1 });
`,
    );
    let text = '';
    const all = {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
    };
    const host = ts.createCompilerHost({});
    host.getCurrentDirectory = () => installed.dir;
    const emitted = ts.createProgram([file, consumer], { ...all, ...options }, host);
    const said = ts.getPreEmitDiagnostics(emitted);
    emitted.emit(emitted.getSourceFile(file), (_, output) => (text = output));
    return { said: said.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')), text };
  }

  test.each([
    ['nodenext', { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }],
    ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ])('it compiles strictly, libraries included, and runs: %s', async (_, options) => {
    const { said, text } = await compiled(options);
    expect(said).toEqual([]);
    expect((await ran(text, CALL_ARGUMENTS)).out).toBe('4 seconds\n');
  });
});

describe('docs/LIBRARY.md', () => {
  test('a WAV a second', async () => {
    const { dir } = await ran(example('A WAV a second'), CALL_ARGUMENTS);
    const names = (await readdir(dir)).filter((name) => name.endsWith('.wav')).sort();
    expect(names).toEqual(['000000000000.wav', '000000008000.wav', '000000016000.wav', '000000024000.wav']);
    const heard = await Promise.all(names.map(async (name) => readWav(await readFile(join(dir, name)))));
    const customer = heard.flatMap(({ channels: [left = new Int16Array()] }) => [...left]);
    expect(customer).toEqual([...noise(3.5 * RATE, 1)]);
  });

  test('a level meter', async () => {
    const { out } = await ran(example('A level meter'), CALL_ARGUMENTS);
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(14);
    const [, time, customer] =
      /^(\S+) {2}customer (\d+) {2}agent \d+ {2}\d+ ms ago$/.exec(lines[1] ?? '') ?? [];
    const second = noise(3.5 * RATE, 1).slice(RATE / 4, RATE / 2);
    expect(Number(customer)).toBe(Math.max(...second.map(Math.abs), 0));
    expect(Date.parse(time ?? '')).toBe((CALL[0]?.producerTimestampMs ?? 0) + 250);
  });

  test('a webhook', async () => {
    const frames: string[] = [];
    const server = createServer((request, response) => {
      frames.push(
        `${request.headers['x-start-frame']?.toString() ?? ''} ${request.headers['content-type'] ?? ''}`,
      );
      request.resume().on('end', () => response.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await ran(example('A webhook'), [...CALL_ARGUMENTS, `http://127.0.0.1:${port}/`]);
    server.close();
    expect(frames).toEqual(['0', '8000', '16000', '24000'].map((frame) => `${frame} audio/wav`));
  });

  test('functions in place of a loop', async () => {
    const { out } = await ran(example('Functions in place of a loop'), CALL_ARGUMENTS);
    const lines = out.trim().split('\n');
    expect(lines.filter((line) => line.startsWith('fragment '))).toHaveLength(CALL.length);
    expect(lines).toContain('8000 frames from 16000 on');
    expect(lines.at(-1)).toBe('over: nextContact');
  });

  test('fragments, and going on another time', async () => {
    const { out } = await ran(example('Fragments'), [STREAM_ARN]);
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(2 * (CALL.length + NEXT.length));
    expect(lines[0]).toMatch(
      /^\d+n [0-9a-f-]{36} AUDIO_FROM_CUSTOMER: 1\d blocks AUDIO_TO_CUSTOMER: 1\d blocks$/,
    );
    const again = await ran(example('Fragments'), [STREAM_ARN, lines[3] ?? '']);
    expect(again.out.trim().split('\n')).toEqual(lines.slice(4));
  });

  test('every example is run here', () => {
    const headings = [...doc.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
    const shown = headings.filter((heading) => {
      const [section = ''] = doc.slice(doc.indexOf(`## ${heading}\n`) + 3).split('\n## ');
      return /```(js|ts)\n/.test(section);
    });
    expect(shown).toEqual([
      'A WAV a second',
      'A level meter',
      'A webhook',
      'Functions in place of a loop',
      'Fragments',
      'Errors',
    ]);
  });
});
