/** An object is written over the one that was seen, and only while no later assembly has begun. */
import { expect, it } from 'vitest';
import { replacing } from '../../../functions/assemble/replace.ts';
import { AssemblySuperseded } from '../../../ports/calls/calls.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { MemoryRecordings } from '../../../ports/recordings/memory-recordings.ts';
import { ObjectReplaced } from '../../../ports/recordings/recordings.ts';
import { EXECUTION_ARN, RECORDING } from '../../support/call.ts';
import { T0 } from '../../support/documents.ts';
import { RecordingWorld } from '../../support/recording-world.ts';

const KEY = 'call.wav';

async function assembling() {
  const world = new RecordingWorld();
  const calls = new MemoryCalls();
  const recordings = new MemoryRecordings();
  await calls.create(world.newCall);
  const begin = (atMs: number) => calls.assembling(RECORDING, EXECUTION_ARN, atMs, world.newCall);
  const replace = replacing(recordings, calls, await begin(T0));
  const put = (text: string, over: string | undefined) => recordings.put(KEY, Buffer.from(text), '', over);
  const text = () => Buffer.from(recordings.get(KEY) ?? []).toString();
  return { recordings, replace, begin, put, text };
}

it('writes where nothing stands, and over what stands', async () => {
  const { replace, put, text } = await assembling();
  await replace(KEY, (over) => put('first', over));
  await replace(KEY, (over) => put('second', over));
  expect(text()).toBe('second');
});

it('looks again where another has written in between, and then a last time', async () => {
  const { replace, put, text, recordings } = await assembling();
  const seen: (string | undefined)[] = [];
  await replace(KEY, async (over) => {
    seen.push(over);
    if (seen.length < 3) await put('another’s', await recordings.standing(KEY));
    await put('ours', over);
  });
  expect(text()).toBe('ours');
  expect(new Set(seen).size).toBe(3);
});

it('gives up where others keep writing', async () => {
  const { replace, put, recordings } = await assembling();
  let tries = 0;
  const contested = replace(KEY, async (over) => {
    tries += 1;
    await put('another’s', await recordings.standing(KEY));
    await put('ours', over);
  });
  await expect(contested).rejects.toThrow(ObjectReplaced);
  expect(tries).toBe(3);
});

it('tries nothing again that fails otherwise', async () => {
  const { replace } = await assembling();
  let tries = 0;
  const failing = replace(KEY, () => {
    tries += 1;
    return Promise.reject(new Error('SlowDown'));
  });
  await expect(failing).rejects.toThrow('SlowDown');
  expect(tries).toBe(1);
});

it('writes nothing once a later assembly has begun, also between two tries', async () => {
  const { replace, begin, put, text, recordings } = await assembling();
  const overtaken = replace(KEY, async (over) => {
    await begin(T0 + 1);
    await put('the later one’s', await recordings.standing(KEY));
    await put('ours', over);
  });
  await expect(overtaken).rejects.toThrow(AssemblySuperseded);
  await expect(replace(KEY, (over) => put('ours', over))).rejects.toThrow(AssemblySuperseded);
  expect(text()).toBe('the later one’s');
});
