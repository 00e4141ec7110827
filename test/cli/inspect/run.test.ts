import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { inspect } from '../../../cli/inspect/command.ts';
import { placeOfStream } from '../../../cli/inspect/live-part.ts';
import { EXIT } from '../../../cli/terminal/exit.ts';
import { startKinesisVideo } from '../../../local/standins/kinesis-video/server.ts';
import { Stream } from '../../../local/standins/kinesis-video/stream.ts';
import { S3Tape } from '../../../ports/tape/s3-tape.ts';
import { tapePrefix } from '../../../recording/tape/keys.ts';
import { RECORDING, STREAM_ARN } from '../../support/call.ts';
import { ioForTest } from '../../support/io.ts';
import { call, documentsOf, STREAM_NAME } from '../../support/kinesis.ts';
import { s3ForTest } from '../../support/standins.ts';

const FRAGMENTS = call(6);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-inspect-'));
  await writeFile(join(dir, 'call.mkv'), documentsOf(FRAGMENTS));
  await writeFile(join(dir, 'cut.mkv'), documentsOf(FRAGMENTS).subarray(0, 100_000));
  await writeFile(join(dir, 'empty.mkv'), '');
  await mkdir(join(dir, 'tape'));
  await writeFile(join(dir, 'tape/1.mkv'), documentsOf(FRAGMENTS.slice(0, 3)));
  await writeFile(join(dir, 'tape/2.mkv'), documentsOf(FRAGMENTS.slice(3)));
});

afterAll(() => rm(dir, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

async function run(args: Record<string, unknown>, options: Parameters<typeof ioForTest>[0] = {}) {
  const io = ioForTest({ cwd: dir, ...options });
  return { code: await inspect(io, args), ...io.said };
}

interface Line {
  readonly summary?: { readonly fragments: number; readonly problemCount: number };
  readonly element?: string;
  readonly part?: string;
}

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('a file', () => {
  it('is shown as a tree, with a summary', async () => {
    const { code, out, err } = await run({ target: 'call.mkv' });
    expect(code).toBe(EXIT.ok);
    expect(err).toBe('');
    expect(out).toMatch(/^call\.mkv\n {9}0 {2}EBML, 35 bytes\n/);
    expect(out).toContain('  Cluster, size unknown\n');
    expect(out).toMatch(/ {4}Timecode: 1773480413589 \(2026-03-14T09:26:53\.589Z\)\n/);
    expect(out).toMatch(/ {4}SimpleBlock: track 1, \+64, 1,024 bytes, keyframe\n/);
    expect(out).toMatch(/\n\nSummary\n/);
    expect(out).toContain(`fragments            ${FRAGMENTS.length}: all whole`);
  });

  it('is a line of JSON an element, for programs', async () => {
    const { code, out } = await run({ target: 'call.mkv', json: true, depth: 1 });
    expect(code).toBe(EXIT.ok);
    const lines = linesOf(out);
    expect(lines[0]).toEqual({ part: 'call.mkv' });
    expect(lines.filter(({ element }) => element === 'EBML')).toHaveLength(FRAGMENTS.length);
    expect(lines.filter(({ element }) => element === 'SimpleBlock')).toHaveLength(0);
    expect(lines.at(-1)?.summary).toMatchObject({ fragments: FRAGMENTS.length, problemCount: 0 });
  });

  it('that is cut short is found amiss: where, and what', async () => {
    const { code, out } = await run({ target: 'cut.mkv', summary: true });
    expect(code).toBe(EXIT.notComplete);
    expect(out).toMatch(/problem +byte \d+: the bytes end within SimpleBlock, in Segment › Cluster/);
    expect(out).toMatch(/fragments +\d: \d whole, 1 cut short/);
  });

  it('is read as far as asked', async () => {
    const { out } = await run({ target: 'call.mkv', json: true, limit: 2 });
    const lines = linesOf(out);
    expect(lines.at(-1)?.summary?.fragments).toBe(2);
    expect(lines.filter(({ element }) => element === 'EBML')).toHaveLength(2);
  });

  it('may come on standard input', async () => {
    const { code, out } = await run(
      { target: '-', summary: true },
      { stdin: Readable.from([documentsOf(FRAGMENTS)]) },
    );
    expect(code).toBe(EXIT.ok);
    expect(out).toContain(`${FRAGMENTS.length}: all whole`);
  });

  it('that isn’t there, or is empty, is an error with a remedy', async () => {
    const missing = await run({ target: 'nothing.mkv' });
    expect(missing).toMatchObject({ code: EXIT.notFound, out: '' });
    expect(missing.err).toContain('there is no file nothing.mkv\n  name a file, s3://BUCKET/KEY');
    expect((await run({ target: 'empty.mkv' })).code).toBe(EXIT.notFound);
    expect(await run({ target: 'call.mkv', limit: -1 })).toMatchObject({ code: EXIT.usage });
  });

  it('can’t speak to the terminal', async () => {
    const hostile = documentsOf(call(1, { contactId: '\u001b]0;owned\u0007' }));
    await writeFile(join(dir, 'hostile.mkv'), hostile);
    const { out } = await run({ target: 'hostile.mkv' });
    expect(out).toContain('owned');
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('of any length is read in memory that doesn’t grow with it', { timeout: 120_000 }, async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const piece = Buffer.from(documentsOf(FRAGMENTS));
    let most = 0;
    function* pieces(count: number) {
      for (let index = 0; index < count; index += 1) {
        if (index % 50 === 49) {
          collectGarbage();
          const { heapUsed, arrayBuffers } = process.memoryUsage();
          most = Math.max(most, heapUsed + arrayBuffers);
        }
        yield piece;
      }
    }
    await run({ target: '-', summary: true }, { stdin: Readable.from(pieces(50)) });
    const short = most;
    await run({ target: '-', summary: true }, { stdin: Readable.from(pieces(400)) });
    expect(400 * piece.length).toBeGreaterThan(70e6);
    expect(most - short).toBeLessThan(8e6);
  });
});

describe('a tape', () => {
  it('is read object by object: from a folder', async () => {
    const { code, out } = await run({ target: 'tape', json: true });
    expect(code).toBe(EXIT.ok);
    expect(linesOf(out).flatMap(({ part }) => part ?? [])).toEqual(['1.mkv', '2.mkv']);
    const summary = linesOf(out).at(-1)?.summary;
    expect(summary).toMatchObject({ fragments: FRAGMENTS.length, parts: 2, repeated: 0 });
    // A folder of folders, as below a prefix.
    await cp(join(dir, 'tape'), join(dir, 'outer/inner'), { recursive: true });
    const all = await run({ target: 'outer', json: true, summary: true });
    expect(linesOf(all.out).at(-1)?.summary).toMatchObject({ parts: 2 });
  });

  it('and from S3: one object, and all below a prefix', async () => {
    const s3 = await s3ForTest();
    try {
      vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
      const tape = new S3Tape(s3.client, s3.bucket);
      for (const [first, last] of [FRAGMENTS.slice(0, 3), FRAGMENTS.slice(3)].map((run) => [
        run[0],
        run.at(-1),
      ])) {
        const run = FRAGMENTS.filter(
          ({ number }) => number >= (first?.number ?? 0n) && number <= (last?.number ?? 0n),
        );
        await tape.append(RECORDING, {
          first: first?.number ?? 0n,
          last: last?.number ?? 0n,
          bytes: documentsOf(run),
        });
      }
      const prefix = `s3://${s3.bucket}/${tapePrefix(RECORDING)}`;
      const args = { summary: true, region: 'us-east-1' };
      const all = await run({ ...args, target: prefix });
      expect(all).toMatchObject({ code: EXIT.ok, err: '' });
      expect(all.out).toContain(`fragments            ${FRAGMENTS.length}: all whole`);
      const objects = [];
      for await (const { key } of tape.list(RECORDING)) objects.push(key);
      const one = await run({ ...args, target: `s3://${s3.bucket}/${objects[0] ?? ''}` });
      expect(one.out).toContain('fragments            3: all whole');
      expect(await run({ ...args, target: `s3://${s3.bucket}/none/` })).toMatchObject({
        code: EXIT.notFound,
      });
      const gone = await run({ ...args, target: `s3://${s3.bucket}/none.mkv` });
      expect(gone.code).not.toBe(EXIT.ok);
      expect(gone.err).toContain('none.mkv');
    } finally {
      await s3.close();
    }
  });
});

describe('a live stream', () => {
  it('is looked for in the region that its ARN names, else in the deployment’s', () => {
    const deployment = {
      kind: 'aws',
      prefix: 'x',
      region: 'eu-west-2',
      callsTable: 'c',
      checkpointsTable: 'p',
      transcriptsTable: 't',
    } as const;
    expect(placeOfStream({ region: 'us-west-2' }, deployment)).toEqual({ region: 'us-west-2' });
    expect(placeOfStream({}, deployment)).toEqual({ region: 'eu-west-2' });
  });

  it('is read by its name or its ARN, up to the limit', async () => {
    const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 24 });
    const service = await startKinesisVideo({ streams: [stream] });
    try {
      vi.stubEnv('AWS_ENDPOINT_URL_KINESIS_VIDEO', service.url);
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
      for (const fragment of FRAGMENTS) stream.put(fragment);
      const args = { region: 'us-east-1', from: 'earliest', json: true };
      const limited = await run({ ...args, target: STREAM_NAME, limit: 2 });
      expect(limited).toMatchObject({ code: EXIT.ok, err: '' });
      expect(linesOf(limited.out).at(-1)?.summary?.fragments).toBe(2);
      await vi.waitFor(() => {
        expect(service.openSessions).toBe(0);
      });
      // With nothing more to come, it stops by itself.
      const all = await run({ ...args, target: STREAM_ARN, wait: 0.5 });
      expect(linesOf(all.out).at(-1)?.summary?.fragments).toBe(FRAGMENTS.length);
      const after = FRAGMENTS[3]?.number.toString() ?? '';
      const rest = await run({ ...args, target: STREAM_ARN, from: after, wait: 0.5 });
      expect(linesOf(rest.out).at(-1)?.summary?.fragments).toBe(FRAGMENTS.length - 4);
      expect(await run({ ...args, target: 'no-such-stream' })).toMatchObject({ code: EXIT.notFound });
      expect(await run({ ...args, target: STREAM_ARN, from: 'noon' })).toMatchObject({ code: EXIT.usage });
    } finally {
      await service.close();
    }
  });
});
