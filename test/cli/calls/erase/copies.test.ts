/** Erasing what S3 has copied elsewhere, and saying what of it can't be reached. */
import { describe, expect, it } from 'vitest';
import type { Access } from '../../../../cli/access/access.ts';
import { eraseCalls } from '../../../../cli/calls/erase/command.ts';
import type { Copies, CopyState } from '../../../../ports/copies/copies.ts';
import type { ObjectVersion, StoredObjects } from '../../../../ports/objects/stored-objects.ts';
import { wavKey } from '../../../../recording/audio/files/keys.ts';
import { RECORDING, RECORDING_ID, STARTED_AT } from '../../../support/call.ts';
import { MemoryAccess } from '../../../support/cli-access.ts';
import { ioForTest } from '../../../support/io.ts';
import { MemoryObjects } from '../../../support/memory-objects.ts';
import { RecordingWorld } from '../../../support/recording-world.ts';

const WAV = wavKey(RECORDING, new Date(STARTED_AT));
const OTHERS = WAV.replace('.wav', '1.wav');

function refusal(): Error {
  return Object.assign(new Error('not authorised'), { name: 'AccessDenied' });
}

/** Versions of some objects, as another bucket has them. */
class CopyBucket implements StoredObjects {
  readonly name = 's3://copies';
  left: ObjectVersion[] = [WAV, WAV, OTHERS].map((key, nth) => ({ key, versionId: `v${nth}`, bytes: 5 }));
  refused = false;

  put(): Promise<void> {
    return Promise.reject(new Error('nobody writes copies'));
  }

  async *read(): AsyncIterable<Uint8Array> {
    yield* await Promise.reject<Uint8Array[]>(new Error('nobody reads copies'));
  }

  async *versions(prefix: string): AsyncIterable<ObjectVersion> {
    if (this.refused) throw await Promise.resolve(refusal());
    for (const version of this.left) if (version.key.startsWith(prefix)) yield version;
  }

  erase(versions: readonly ObjectVersion[]): Promise<void> {
    this.left = this.left.filter((version) => !versions.includes(version));
    return Promise.resolve();
  }
}

async function recorded(copies: Partial<Copies>, accessLogsOf?: Access['accessLogsOf']) {
  const world = new RecordingWorld();
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  await world.assemble();
  const access = new MemoryAccess(world);
  const objects = new MemoryObjects(world.tape, world.recordings);
  access.objectsOf = () => objects;
  access.copiesOf = () => ({
    buckets: () => Promise.resolve([]),
    stateOf: () => Promise.resolve('copied'),
    ...copies,
  });
  if (accessLogsOf) access.accessLogsOf = accessLogsOf;
  const io = ioForTest({ clock: world.clock });
  return {
    objects,
    erase: async () => {
      const args = { ids: [RECORDING_ID], yes: true, 'dry-run': false };
      try {
        const code = await world.finish(eraseCalls(access, io, args));
        return { code, error: undefined, ...io.said };
      } catch (error) {
        return { code: undefined, error: String(error), ...io.said };
      }
    },
    record: () => world.calls.get(RECORDING),
  };
}

describe('copies that S3 has made in another bucket', () => {
  it('go with the recording, every version of them, and no other', async () => {
    const bucket = new CopyBucket();
    const call = await recorded({ buckets: () => Promise.resolve([bucket]) });

    const { code, out } = await call.erase();

    expect(code).toBe(0);
    expect(out).toContain('copies: 2 versions (10 B) in s3://copies');
    expect(bucket.left.map(({ key }) => key)).toEqual([OTHERS]);
    expect(call.objects.keys).toEqual([]);
  });

  it('that are still being made keep it from being erased', async () => {
    const bucket = new CopyBucket();
    const stateOf = (key: string): Promise<CopyState> => Promise.resolve(key === WAV ? 'pending' : 'copied');
    const call = await recorded({ buckets: () => Promise.resolve([bucket]), stateOf });

    const { error } = await call.erase();

    expect(error).toContain(`S3 is still copying ${WAV}`);
    expect(call.objects.keys).toContain(WAV);
    expect(bucket.left).toHaveLength(3);
  });

  it('that have begun to be made while the question stood do so, too', async () => {
    let looks = 0;
    const stateOf = (key: string): Promise<CopyState> => {
      if (key === WAV) looks += 1;
      return Promise.resolve(looks > 1 ? 'pending' : 'copied');
    };
    const call = await recorded({ buckets: () => Promise.resolve([new CopyBucket()]), stateOf });

    const { error } = await call.erase();

    expect(error).toContain(`S3 is still copying ${WAV}`);
    expect(call.objects.keys).toContain(WAV);
  });

  it('that may not be looked at are told of, before and after; all the rest goes', async () => {
    const bucket = new CopyBucket();
    bucket.refused = true;
    const call = await recorded({ buckets: () => Promise.resolve([bucket]) });

    const { code, out, err } = await call.erase();

    expect(code).toBe(4);
    expect(out).toContain('in s3://copies, which can’t be looked at: you may not');
    expect(err).toContain(`not erased, and still there: the copies s3://copies/${WAV.replace('wav', '*')}`);
    expect(call.objects.keys).toEqual([]);
    expect(await call.record()).toBeUndefined();
  });
});

describe('what is beyond reach', () => {
  const place = (told: () => Promise<string | undefined>) => () => ({
    place: told,
    read: () => Promise.resolve(),
  });

  it('says where access logs keep the contact’s id', async () => {
    const call = await recorded(
      {},
      place(() => Promise.resolve('s3://logs/access/')),
    );

    expect((await call.erase()).err).toContain('the access logs in s3://logs/access/ (until they expire');
  });

  it('says what whoever erases isn’t told of', async () => {
    const call = await recorded(
      { buckets: () => Promise.resolve(undefined) },
      place(() => Promise.reject(refusal())),
    );

    expect((await call.erase()).err).toContain('copies in other buckets and access logs, if there are any');
  });

  it('speaks of neither where there are none', async () => {
    expect((await (await recorded({})).erase()).err).not.toMatch(/copies|access logs/);
  });
});
