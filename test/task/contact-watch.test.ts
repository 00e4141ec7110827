/** What a recorder comes to know of its contact, and how. */
import { describe, expect, it, vi } from 'vitest';
import { MemoryCalls } from '../../ports/calls/memory-calls.ts';
import type { Contacts } from '../../ports/contacts/contacts.ts';
import { MemoryContacts } from '../../ports/contacts/memory-contacts.ts';
import type { NewCall } from '../../recording/call-record.ts';
import { ContactWatch } from '../../task/contact-watch.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  RECORDING,
  recordOf,
  START_FRAGMENT_NUMBER as START,
  STREAM_ARN,
} from '../support/call.ts';
import { T0 } from '../support/documents.ts';
import { type Gate, gate } from '../support/gate.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const MINUTE_MS = 60_000;
/** Long enough to ask Connect. */
const QUIET_MS = 15_000;
const OVER = new Date(T0).toISOString();
const OWN: NewCall = { ...recordOf(EXECUTION_ARN), status: 'RECORDING' };

function watching(contacts: Contacts = new MemoryContacts()) {
  const calls = new MemoryCalls();
  const clock = new ManualClock(T0);
  const telemetry = new RecordedTelemetry();
  const news: string[] = [];
  const watch: ContactWatch = new ContactWatch({
    recording: RECORDING,
    streamArn: STREAM_ARN,
    calls,
    contacts,
    clock,
    telemetry,
    graceMs: 5_000,
    onNews: () => {
      const { isOver, range } = watch.contact;
      news.push(
        `${isOver ? 'over' : 'goes on'}, up to ${String(range.endBefore && range.endBefore - START)}`,
      );
    },
  });
  /** Looks again when it is time to. */
  const later = async (quietMs = 0) => {
    await clock.advance(2 * MINUTE_MS);
    await watch.look(quietMs);
    return watch.contact;
  };
  return { watch, calls, clock, telemetry, news, later };
}

/** Connect's answers come when the gate is open. */
function heldBack(contacts: MemoryContacts, answers: Gate) {
  const describe = contacts.describe.bind(contacts);
  const first = gate();
  const asked = vi.fn(async (contactId: string) => {
    first.open();
    await answers.passed;
    return describe(contactId);
  });
  contacts.describe = asked;
  return { asked, first: first.passed };
}

describe('the calls table', () => {
  it('says that the contact is over', async () => {
    const { watch, calls, news, later } = watching();
    await calls.create(OWN);
    await watch.look(0);
    expect(watch.contact).toMatchObject({ isOver: false, goesOn: false });
    await calls.learn(RECORDING, { disconnectedAt: OVER }, OVER);
    expect(await later()).toMatchObject({ isOver: true, goesOn: false });
    await later();
    expect(news).toEqual(['over, up to undefined']);
  });

  it('says so of the recording, and not of the contact’s other recordings', async () => {
    const { calls, later } = watching();
    await calls.create({ ...OWN, startFragmentNumber: (START - 5n).toString() });
    await calls.learn({ ...RECORDING, startFragmentNumber: START - 5n }, { disconnectedAt: OVER }, OVER);
    expect(await later()).toMatchObject({ isOver: false });
  });

  it('says where the contact’s next recording begins, which is known for good', async () => {
    const { calls, news, later } = watching();
    const next = { ...OWN, startFragmentNumber: (START + 5n).toString() };
    await calls.create(OWN);
    await calls.create(next);
    const range = { endBefore: START + 5n, endedBy: 'NEXT_RECORDING' };
    expect(await later()).toMatchObject({ isOver: false, range });
    calls.tamper(next, undefined);
    expect(await later()).toMatchObject({ range });
    expect(news).toEqual(['goes on, up to 5']);
  });

  it('takes no notice of a next recording on another stream, though its own record is gone', async () => {
    const { calls, later } = watching();
    await calls.create({ ...OWN, startFragmentNumber: (START + 5n).toString(), streamArn: `${STREAM_ARN}2` });
    expect((await later()).range.endBefore).toBeUndefined();
  });

  it('may be out of reach: that is said, and it is asked again', async () => {
    const { watch, calls, telemetry, later } = watching();
    await calls.create(OWN);
    await calls.learn(RECORDING, { disconnectedAt: OVER }, OVER);
    vi.spyOn(calls, 'ofContact').mockRejectedValueOnce(new Error('throttled'));
    await watch.look(0);
    expect(watch.contact.isOver).toBe(false);
    expect(telemetry.lines).toEqual([
      { level: 'warn', message: 'the call record can’t be read now', fields: { why: 'Error: throttled' } },
    ]);
    expect((await later()).isOver).toBe(true);
  });

  it('is asked by one at a time, and no sooner than it is time to', async () => {
    const { watch, calls, clock } = watching();
    const answers = gate();
    let asked = 0;
    calls.ofContact = async () => {
      asked += 1;
      await answers.passed;
      return [];
    };
    const first = watch.look(0);
    await clock.advance(2 * MINUTE_MS);
    const second = watch.look(0);
    expect(asked).toBe(1);
    answers.open();
    await Promise.all([first, second]);
    await watch.look(0);
    await watch.look(0);
    expect(asked).toBe(2);
  });
});

describe('Connect', () => {
  it('is asked though the calls table doesn’t answer, and one at a time', async () => {
    const contacts = new MemoryContacts();
    const { watch, calls, clock } = watching(contacts);
    contacts.set(CONTACT_ID, {});
    const [table, connect] = [gate(), gate()];
    const { asked } = heldBack(contacts, connect);
    calls.ofContact = async () => {
      await table.passed;
      return [];
    };
    const looks = [watch.look(0)];
    for (const quietMs of [QUIET_MS, 2 * QUIET_MS]) {
      await clock.advance(2 * MINUTE_MS);
      looks.push(watch.look(quietMs));
    }
    expect(asked).toHaveBeenCalledTimes(1);
    connect.open();
    await Promise.all(looks.slice(1));
    expect(watch.contact).toMatchObject({ isOver: false, goesOn: true });
    await clock.advance(2 * MINUTE_MS);
    await watch.look(QUIET_MS);
    expect(asked).toHaveBeenCalledTimes(2);
    table.open();
    await looks[0];
  });

  it('is not asked where the calls table tells at that moment that the contact is over', async () => {
    const contacts = new MemoryContacts();
    const { watch, calls } = watching(contacts);
    await calls.create(OWN);
    await calls.learn(RECORDING, { disconnectedAt: OVER }, OVER);
    const describe = vi.spyOn(contacts, 'describe');
    await watch.look(QUIET_MS);
    expect(watch.contact).toMatchObject({ isOver: true });
    expect(describe).not.toHaveBeenCalled();
  });

  it('is not believed where the table has told of the end meanwhile', async () => {
    const contacts = new MemoryContacts();
    const { watch, calls, clock } = watching(contacts);
    contacts.set(CONTACT_ID, {});
    const connect = gate();
    const { asked, first } = heldBack(contacts, connect);
    const asking = watch.look(QUIET_MS);
    await first;
    expect(asked).toHaveBeenCalledTimes(1);
    await calls.create(OWN);
    await calls.learn(RECORDING, { disconnectedAt: OVER }, OVER);
    await clock.advance(2 * MINUTE_MS);
    await watch.look(0);
    connect.open();
    await asking;
    expect(watch.contact).toMatchObject({ isOver: true, goesOn: false });
  });

  it('says that the contact goes on, or is over, when it has been silent', async () => {
    const contacts = new MemoryContacts();
    const { news, later } = watching(contacts);
    contacts.set(CONTACT_ID, {});
    expect(await later(QUIET_MS)).toMatchObject({ isOver: false, goesOn: true });
    expect(news).toEqual([]);
    contacts.set(CONTACT_ID, { disconnectedAt: OVER });
    expect(await later(QUIET_MS)).toMatchObject({ isOver: true, goesOn: false });
    expect(news).toEqual(['over, up to undefined']);
  });

  it('isn’t asked while audio flows, nor once the contact is over', async () => {
    const contacts = new MemoryContacts();
    const { calls, later } = watching(contacts);
    await later(QUIET_MS - 1);
    await calls.create(OWN);
    await calls.learn(RECORDING, { disconnectedAt: OVER }, OVER);
    await later(QUIET_MS);
    expect(contacts.asked).toBe(0);
  });

  it('may not know: then nobody says any more that it goes on', async () => {
    const contacts = new MemoryContacts();
    const { telemetry, later } = watching(contacts);
    contacts.set(CONTACT_ID, {});
    await later(QUIET_MS);
    contacts.refuse('no right to ask');
    expect(await later(QUIET_MS)).toMatchObject({ isOver: false, goesOn: false });
    expect(telemetry.lines).toEqual([
      {
        level: 'warn',
        message: 'Connect doesn’t say whether the contact is over',
        fields: { why: 'no right to ask' },
      },
    ]);
  });

  it('may be out of reach, which is the same', async () => {
    const { telemetry, later } = watching({ describe: () => Promise.reject(new Error('no route')) });
    expect(await later(QUIET_MS)).toMatchObject({ isOver: false, goesOn: false });
    expect(telemetry.lines).toMatchObject([{ fields: { why: 'Error: no route' } }]);
  });
});
