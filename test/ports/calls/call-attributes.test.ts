/** What a record holds of what is written to it, and what it is in the table's item; in memory, where no request is waited for. */
import { describe, expect, it } from 'vitest';
import { contactCallsOf, readablePart, wholeCall } from '../../../ports/calls/call-item.ts';
import { TableCallQueries } from '../../../ports/calls/call-queries.ts';
import { AssemblySuperseded, CallMissing } from '../../../ports/calls/calls.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { TableRecordErasure } from '../../../ports/calls/record-erasure.ts';
import { DamagedItem } from '../../../ports/table/item.ts';
import type { Completion, Loss, NewCall } from '../../../recording/call-record.ts';
import { recordingId } from '../../../recording/identity.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING,
  STARTED_AT,
  STREAM_ARN,
} from '../../support/call.ts';
import { callsTableOf } from '../../support/calls-table.ts';
import { collect } from '../../support/collect.ts';
import { EMPTY_COMPLETION } from '../../support/completion.ts';

const FACTS = { streamArn: STREAM_ARN, startedAt: STARTED_AT, instanceArn: INSTANCE_ARN };
const CALL: NewCall = {
  contactId: CONTACT_ID,
  startFragmentNumber: RECORDING.startFragmentNumber.toString(),
  recordingId: recordingId(RECORDING),
  status: 'RECORDING',
  executionArn: EXECUTION_ARN,
  ...FACTS,
  day: STARTED_AT.slice(0, 10),
};
const LONG = '€'.repeat(5_000);
const SINCE_MS = Date.parse(STARTED_AT);
const OTHER_EXECUTION_ARN = `${EXECUTION_ARN}-r1`;
const FIRST = { beganAtMs: SINCE_MS, id: 'a' };
const SECOND = { beganAtMs: SINCE_MS + 1, id: 'b' };
const RESUMPTION = { at: STARTED_AT, by: 'schedule', why: 'it broke off' } as const;

async function completed(completion: Partial<Completion>) {
  const calls = new MemoryCalls();
  const claim = await calls.assembling(RECORDING, EXECUTION_ARN, SINCE_MS, FACTS);
  return calls.complete(claim, { ...EMPTY_COMPLETION, ...completion }, {});
}

const lossesOf = (count: number, why = 'lost'): Loss[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'FRAGMENTS_MISSING',
    why,
    firstFragmentNumber: String(index + 1),
    lastFragmentNumber: String(index + 1),
  }));
const bytesOf = (text = '') => Buffer.byteLength(text);

describe('a result', () => {
  it('says in bounds why a further file is missing, and all of one that is there', async () => {
    const file = { format: 'flac', key: 'k', bytes: 1, headerBytes: 1, sha256: 's', dataSha256: 'd' };
    const { files = [] } = await completed({ files: [file, { format: 'opus', why: LONG }] });
    expect(files[0]).toEqual(file);
    const [why = ''] = files.flatMap((one) => ('why' in one ? one.why : []));
    expect(bytesOf(why)).toBeLessThanOrEqual(2_048);
    expect(why).toMatch(/^€+…$/);
  });

  it('says in bounds why an earlier audio was kept, and what was disproved, twenty at most', async () => {
    const { kept, disproved = [] } = await completed({
      kept: { at: STARTED_AT, why: LONG },
      disproved: lossesOf(25, LONG),
    });
    expect(kept?.at).toBe(STARTED_AT);
    expect(bytesOf(kept?.why)).toBeLessThanOrEqual(2_048);
    expect(disproved.map(({ firstFragmentNumber }) => Number(firstFragmentNumber))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    for (const { why } of disproved) expect(bytesOf(why)).toBeLessThanOrEqual(2_048);
  });

  it('says nothing of what it has none of', async () => {
    const record = await completed({ disproved: [] });
    for (const attribute of ['disproved', 'kept', 'files', 'lossCount'])
      expect(record).not.toHaveProperty(attribute);
  });

  it('holds five hundred losses as they are, and merges where there are more', async () => {
    const whole = await completed({ losses: lossesOf(500) });
    expect(whole.losses).toEqual(lossesOf(500));
    expect(whole).not.toHaveProperty('lossCount');
    const merged = await completed({ losses: lossesOf(501) });
    expect(merged.losses?.length).toBeLessThanOrEqual(500);
    expect(merged.losses?.at(-1)).toMatchObject({
      lastFragmentNumber: '501',
      why: expect.stringMatching(/^this and/) as string,
    });
    expect(merged.lossCount).toBe(501);
  });

  it('holds losses of 128,000 bytes as they are, and merges where there is one more', async () => {
    const losses = lossesOf(100).map((loss) => ({
      ...loss,
      why: '.'.repeat(1_280 - bytesOf(JSON.stringify({ ...loss, why: '' }))),
    }));
    expect((await completed({ losses })).losses).toEqual(losses);
    const [first, ...rest] = losses;
    if (!first) throw new Error('there are a hundred');
    const { lossCount } = await completed({ losses: [{ ...first, why: `${first.why}.` }, ...rest] });
    expect(lossCount).toBe(100);
  });

  it('merges losses that say much until they fit', async () => {
    const { losses = [], lossCount } = await completed({ losses: lossesOf(400, LONG) });
    expect(bytesOf(JSON.stringify(losses))).toBeLessThanOrEqual(130_000);
    expect(losses.length).toBeGreaterThan(30);
    expect(losses.at(-1)?.lastFragmentNumber).toBe('400');
    expect(lossCount).toBe(400);
  });
});

describe('a new record', () => {
  it('keeps numbers as they are', async () => {
    const calls = new MemoryCalls();
    await calls.create({ ...CALL, erasedBehind: 3 });
    expect(calls.item(CALL)?.erasedBehind).toBe(3);
  });
});

describe('an event', () => {
  it('is told in the item by its time, and a short digest of the fact', async () => {
    const calls = new MemoryCalls();
    await calls.create(CALL);
    await calls.learn(RECORDING, { agent: { arn: 'agent' } }, STARTED_AT);
    expect(calls.item(CALL)?.agentAsOf).toMatch(new RegExp(`^${STARTED_AT} [0-9a-f]{16}$`));
  });

  it('that tells nothing writes nothing', async () => {
    const calls = new MemoryCalls();
    await calls.create(CALL);
    await calls.learn(RECORDING, {}, STARTED_AT);
    expect(calls.history.map(({ operation }) => operation)).toEqual(['create']);
  });
});

describe('starting again', () => {
  it('is as good as done where a later one has: the execution is the same', async () => {
    const calls = new MemoryCalls();
    await calls.create(CALL, SECOND);
    expect(await calls.startAgain(RECORDING, EXECUTION_ARN, FIRST)).toBe(true);
    expect(await calls.startAgain(RECORDING, OTHER_EXECUTION_ARN, FIRST)).toBe(false);
  });

  it('is not done where there is no record', async () => {
    expect(await new MemoryCalls().startAgain(RECORDING, EXECUTION_ARN, FIRST)).toBe(false);
  });
});

describe('assemblies that begin at the same time', () => {
  it('are told apart by their order, more than ten of them, too', async () => {
    const calls = new MemoryCalls();
    const begin = () => calls.assembling(RECORDING, EXECUTION_ARN, SINCE_MS, FACTS);
    let last = await begin();
    for (let count = 2; count <= 11; count += 1) {
      const next = await begin();
      const superseded = calls.confirm(last);
      await expect(superseded).rejects.toThrow(AssemblySuperseded);
      await expect(superseded).rejects.toMatchObject({
        name: 'AssemblySuperseded',
        message: expect.stringContaining(`${CALL.recordingId} that began ${last.assembly}`) as string,
      });
      last = next;
    }
    await calls.confirm(last);
  });

  it('find out that the record is gone', async () => {
    const calls = new MemoryCalls();
    const confirmed = calls.confirm({ recording: RECORDING, assembly: 'a' });
    await expect(confirmed).rejects.toThrow(CallMissing);
    await expect(confirmed).rejects.toMatchObject({
      name: 'CallMissing',
      message: expect.stringContaining(CALL.recordingId) as string,
    });
  });
});

describe('the history of a table in memory', () => {
  it('names each operation', async () => {
    const calls = new MemoryCalls();
    await calls.create(CALL);
    await calls.streamingStopped(RECORDING, RECORDING.startFragmentNumber);
    await calls.resuming(CALL, RESUMPTION, OTHER_EXECUTION_ARN, FIRST);
    const { after = CALL } = calls.history.at(-1) ?? {};
    await calls.givingUp(after, RESUMPTION);
    const going = { fragments: 1, live: 1 };
    const nextStart = RECORDING.startFragmentNumber + 9n;
    await new TableRecordErasure(calls.table).noteNextStart(RECORDING, nextStart, going);
    expect(calls.history.map(({ operation }) => operation)).toEqual([
      'create',
      'streamingStopped',
      'resuming',
      'givingUp',
      'noteNextStart',
    ]);
  });

  it('has nothing of a record that a stranger has damaged, until it is whole again', async () => {
    const calls = new MemoryCalls();
    await calls.create(CALL);
    calls.tamper(CALL, { ...CALL, day: 7 });
    await expect(calls.learn(RECORDING, { agent: { arn: 'agent' } }, STARTED_AT)).rejects.toThrow(
      DamagedItem,
    );
    expect(calls.history.map(({ operation }) => operation)).toEqual(['create']);
    calls.tamper(CALL, { ...calls.item(CALL), day: CALL.day, status: 'LOST' });
    await calls.assembling(RECORDING, EXECUTION_ARN, SINCE_MS, FACTS);
    expect(calls.history.slice(1)).toMatchObject([
      { operation: 'assembling', before: undefined, after: { status: 'ASSEMBLING' } },
    ]);
  });
});

describe('a table in memory', () => {
  const KEY = { contactId: CALL.contactId, startFragmentNumber: CALL.startFragmentNumber };
  const UNKNOWN = { name: 'test', set: { status: 'LOST' } };

  it('takes nothing that is no record, where none stands or one does', async () => {
    const calls = new MemoryCalls();
    await expect(calls.table.change(KEY, UNKNOWN)).rejects.toThrow(DamagedItem);
    calls.tamper(CALL, undefined);
    await calls.create(CALL);
    await expect(calls.table.change(KEY, UNKNOWN)).rejects.toThrow(DamagedItem);
  });

  it('takes a write to what a stranger has damaged, and leaves it so', async () => {
    const calls = new MemoryCalls();
    calls.tamper(CALL, { ...CALL, day: 7 });
    expect(await calls.table.change(KEY, UNKNOWN)).toMatchObject({ written: { day: 7, status: 'LOST' } });
    expect(calls.history).toEqual([]);
  });
});

describe('an item that can’t be read', () => {
  const NAMED = `an item of the calls table (contact ${CONTACT_ID}, start fragment ${CALL.startFragmentNumber}) is damaged`;

  it('is named by its key', async () => {
    const calls = new MemoryCalls();
    calls.tamper(CALL, { ...CALL, day: 7 });
    await expect(calls.get(RECORDING)).rejects.toThrow(NAMED);
  });

  it('is not named by a key that isn’t one: that may be anything', () => {
    const [part] = contactCallsOf([{ ...CALL, contactId: 'any thing', day: 7 }]);
    if (!part) throw new Error('it has a key');
    expect(() => wholeCall(part)).toThrow(/^an item of the calls table is damaged/);
  });

  it('is none of a contact’s where it has no key, and part of it is no whole record', () => {
    expect(contactCallsOf([{ status: 'RECORDING' }, 'text', null])).toEqual([]);
    const [part] = contactCallsOf([{ ...CALL, day: 7 }]);
    if (!part) throw new Error('it has a key');
    expect(() => wholeCall(part)).toThrow(DamagedItem);
    const [whole] = contactCallsOf([CALL]);
    if (!whole) throw new Error('it has a key');
    expect(wholeCall(whole)).toEqual(CALL);
  });

  it.each([['text'], [null], [undefined], [7]])('may have no part that can: %o', (item) => {
    expect(readablePart(item)).toEqual({});
  });

  it('does not keep a search from what it finds beside it', async () => {
    const damaged = { ...CALL, status: 'LOST', startedAt: STARTED_AT };
    const table = callsTableOf([{ ...CALL, startFragmentNumber: '7' }, damaged]);
    const told: [unknown, unknown][] = [];
    const found = new TableCallQueries(table).find({ by: 'day', day: CALL.day }, (error, item) =>
      told.push([error, item]),
    );
    expect((await collect(found)).map(({ startFragmentNumber }) => startFragmentNumber)).toEqual(['7']);
    expect(told).toEqual([
      [expect.any(DamagedItem), expect.objectContaining({ recordingId: CALL.recordingId, status: 'LOST' })],
    ]);
    const failing = collect(new TableCallQueries(table).find({ by: 'day', day: CALL.day }));
    await expect(failing).rejects.toThrow(NAMED);
  });
});
