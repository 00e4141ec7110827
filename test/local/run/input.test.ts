import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../../local/run/call.ts';
import { loadCall } from '../../../local/run/input.ts';
import { checkOutput } from '../../../local/run/output-folder.ts';
import { CONTACT_ID } from '../../support/call.ts';
import { noise, produced, STARTED_AT_MS } from '../../support/local-run.ts';

const SAMPLE = join(import.meta.dirname, '../../../local/sample/call.wav');
const OTHER = 'ffffffff-0000-4000-8000-000000000001';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-input-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** Two contacts, one after the other. The name says nothing of what is in it. */
async function dump(): Promise<string> {
  const first = produced([noise(3000, 1)], { contactId: OTHER });
  const second = produced([noise(3000, 2)], { startedAtMs: STARTED_AT_MS + 10_000 });
  const file = join(dir, 'dump.wav');
  await writeFile(file, Buffer.concat([...first.own, ...second.own].map(({ document }) => document)));
  return file;
}

describe('a dump', () => {
  test('is its first contact’s call, and what follows is later', async () => {
    const call = await loadCall({ file: await dump() });
    expect(call.contactId).toBe(OTHER);
    expect([call.earlier.length, call.own.length, call.later.length]).toEqual([0, 3, 3]);
    expect(call.startFragmentNumber).toBe(call.own[0]?.number);
    expect(call.startedAtMs).toBe(call.own[0]?.serverTimestampMs);
  });

  test('is another contact’s call where that is asked for', async () => {
    const call = await loadCall({ file: await dump(), contactId: CONTACT_ID });
    expect(call.contactId).toBe(CONTACT_ID);
    expect([call.earlier.length, call.own.length, call.later.length]).toEqual([3, 3, 0]);
  });
});

test('a contact that comes back after another one has two recordings, of which the first is taken', async () => {
  const parts = [OTHER, CONTACT_ID, OTHER].map((contactId, index) =>
    produced([noise(3000, index)], { contactId, startedAtMs: STARTED_AT_MS + index * 10_000 }),
  );
  const file = join(dir, 'dump');
  await writeFile(file, Buffer.concat(parts.flatMap(({ own }) => own.map(({ document }) => document))));
  const call = await loadCall({ file });
  expect([call.earlier.length, call.own.length, call.later.length]).toEqual([0, 3, 6]);
});

describe('a WAV', () => {
  test('is a call that has just ended, of a contact that is made up', async () => {
    const [one, two] = [await loadCall({ file: SAMPLE }), await loadCall({ file: SAMPLE })];
    expect(one.contactId).not.toBe(two.contactId);
    expect(one.own.at(-1)?.serverTimestampMs).toBeLessThan(Date.now());
    expect(one.own.at(-1)?.serverTimestampMs).toBeGreaterThan(Date.now() - 10_000);
  });

  test('has the contact that is asked for, and at a pace of 1 it begins now', async () => {
    const call = await loadCall({ file: SAMPLE, contactId: 'me', pace: 1 });
    expect(call.contactId).toBe('me');
    expect(call.startedAtMs).toBeLessThan(Date.now());
    expect(call.startedAtMs).toBeGreaterThan(Date.now() - 10_000);
  });
});

describe('what is no call is refused in one line', () => {
  test.each([
    ['', /is empty/],
    ['RI', /neither/],
    ['<html>', /neither/],
    ['RIFF but no WAV at all', /not a WAV that can be read/],
  ])('a file that holds %j', async (content, message) => {
    const file = join(dir, 'file');
    await writeFile(file, content);
    await refused(loadCall({ file }), message);
  });

  test('a dump that is damaged', async () => {
    const file = await dump();
    const bytes = await readFile(file);
    // The second document's EBML header (RFC 8794).
    bytes.fill(0, bytes.indexOf('1a45dfa3', 4, 'hex'), bytes.indexOf('1a45dfa3', 4, 'hex') + 4);
    await writeFile(file, bytes);
    await refused(loadCall({ file }), /not a whole GetMedia body/);
  });

  test('a contact that is not in the dump; those that are, are named', async () => {
    await refused(
      loadCall({ file: await dump(), contactId: 'nobody' }),
      new RegExp(`${OTHER}, ${CONTACT_ID}$`),
    );
  });

  test('a contact that can be none', async () => {
    await refused(loadCall({ file: SAMPLE, contactId: '../x' }), /--contact/);
  });

  test('no file', async () => {
    await refused(loadCall({ file: join(dir, 'missing') }), /no such file/);
    await refused(loadCall({ file: dir }), /a folder/);
  });

  test('a folder for the output that can be none', async () => {
    await writeFile(join(dir, 'file'), '');
    await refused(checkOutput(join(dir, 'file')), /not a folder/);
    await refused(checkOutput(join(dir, 'file/below')), /not a folder/);
    await checkOutput(join(dir, 'new/folder'));
  });
});

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(message);
  expect((error as InputError).message).not.toContain('\n');
}
