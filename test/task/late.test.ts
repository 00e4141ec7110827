import { describe, expect, it } from 'vitest';
import { MemoryArchive } from '../../ports/archive/memory-archive.ts';
import { MemoryContacts } from '../../ports/contacts/memory-contacts.ts';
import { MemoryStream } from '../../ports/media/memory-stream.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import { lateArchive, lateContacts, lateTape } from '../../task/late.ts';
import { RECORDING } from '../support/call.ts';
import { collect } from '../support/collect.ts';

/** Counts how often a port is loaded. */
function loaderOf<T>(port: T) {
  const loader = { loads: 0, load: () => ((loader.loads += 1), Promise.resolve(port)) };
  return loader;
}

describe('a port that is loaded late', () => {
  it('is the tape that was loaded, once, and not before it is used', async () => {
    const memory = new MemoryTape();
    const loader = loaderOf(memory);
    const tape = lateTape(loader.load);
    expect(loader.loads).toBe(0);
    const first = RECORDING.startFragmentNumber;
    await Promise.all([
      tape.append(RECORDING, { first, last: first, bytes: Uint8Array.of(1) }),
      tape.append(RECORDING, { first: first + 1n, last: first + 1n, bytes: Uint8Array.of(2) }),
    ]);
    expect(loader.loads).toBe(1);
    const listed = await collect(tape.list(RECORDING));
    expect(listed).toEqual(await collect(memory.list(RECORDING)));
    expect(listed).toHaveLength(2);
    expect(Buffer.concat(await tape.read(listed[1]?.key ?? ''))).toEqual(Buffer.of(2));
    await tape.remove(listed[0]?.key ?? '');
    expect(await collect(memory.list(RECORDING))).toEqual(listed.slice(1));
  });

  it('is the archive and the contacts that were loaded', async () => {
    const archive = lateArchive(loaderOf(new MemoryArchive(new MemoryStream(), { retention: false })).load);
    await expect(archive.list(0, 1)).rejects.toMatchObject({ kind: 'noRetention' });
    await expect(archive.fetch([1n])).rejects.toMatchObject({ kind: 'noRetention' });
    const known = new MemoryContacts();
    known.refuse('as told');
    const contacts = lateContacts(loaderOf(known).load);
    expect(await contacts.describe('c')).toEqual({ known: false, why: 'as told' });
    expect(known.asked).toBe(1);
  });
});
