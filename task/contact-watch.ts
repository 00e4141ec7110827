/**
 * What is known of the contact beside its audio: is it disconnected, was streaming stopped, has its next recording begun? The calls table
 * says so when a contact event has come; since one may be missed, Connect itself is asked when it has been silent.
 */
import type { Calls } from '../ports/calls/calls.ts';
import type { Contacts } from '../ports/contacts/contacts.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Recording } from '../recording/identity.ts';
import { rangeAmong, rangeFrom } from '../recording/range.ts';
import type { ContactSoFar } from './call-so-far.ts';
import { LOOK_AT_ONCE, lookAt, type LookPlan } from './look.ts';

export interface ContactWatchOptions {
  readonly recording: Recording;
  /** The recording's own. */
  readonly streamArn: string;
  readonly calls: Calls;
  readonly contacts: Contacts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly graceMs: number;
  /** Told when something has been learnt. */
  readonly onNews: () => void;
}

export class ContactWatch {
  readonly #options: ContactWatchOptions;
  #contact: ContactSoFar;
  #reading: Promise<void> | undefined;
  #asking: Promise<void> | undefined;
  #plan: LookPlan = LOOK_AT_ONCE;

  constructor(options: ContactWatchOptions) {
    this.#options = options;
    this.#contact = { isOver: false, goesOn: false, range: rangeFrom(options.recording) };
  }

  /** What is known now. */
  get contact(): ContactSoFar {
    return this.#contact;
  }

  /**
   * Looks again if it is time to, beside whoever asks: what takes long to answer makes nobody wait, and a calls table
   * that doesn't answer keeps nobody from asking Connect.
   * @param quietMs how long no audio of the contact has come
   * @returns when it has looked, for those who want to know before they begin. It never rejects.
   */
  async look(quietMs: number): Promise<void> {
    const { clock, graceMs } = this.#options;
    const { poll, ask, plan } = lookAt(this.#plan, quietMs, clock.now(), graceMs);
    const isStuck = this.#reading !== undefined;
    this.#plan = isStuck ? { ...plan, pollAtMs: this.#plan.pollAtMs } : plan;
    if (poll)
      this.#reading ??= this.#readCalls().finally(() => {
        this.#reading = undefined;
      });
    // What the table knows needn't be asked.
    if (!ask || !isStuck) await this.#reading;
    if (!ask || this.#contact.isOver) return;
    this.#asking ??= this.#askConnect().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  async #readCalls(): Promise<void> {
    const { calls, recording, streamArn, telemetry } = this.#options;
    try {
      const known = await calls.ofContact(recording.contactId);
      const own = known.find((call) => BigInt(call.startFragmentNumber) === recording.startFragmentNumber);
      if (own?.disconnectedAt !== undefined) this.#learn({ isOver: true, goesOn: false });
      const range = rangeAmong(known, recording, streamArn);
      // What is known already stays known, though a record be deleted.
      if (range.endBefore !== undefined) this.#learn({ range });
    } catch (error) {
      // Not knowing is no reason to stop: recording goes on, and it is asked again.
      telemetry.warn('the call record can’t be read now', { why: String(error) });
    }
  }

  async #askConnect(): Promise<void> {
    const { contacts, recording, telemetry } = this.#options;
    const answer = await contacts
      .describe(recording.contactId)
      .catch((error: unknown) => ({ known: false, why: String(error) }) as const);
    if (!answer.known) telemetry.warn('Connect doesn’t say whether the contact is over', { why: answer.why });
    const isOver = answer.known && answer.facts.disconnectedAt !== undefined;
    if (isOver) this.#learn({ isOver, goesOn: false });
    // The table may have told of the end meanwhile.
    else if (!this.#contact.isOver) this.#learn({ goesOn: answer.known });
  }

  /** What is news to those who wait for anything, interrupts them. */
  #learn(facts: Partial<ContactSoFar>): void {
    const before = this.#contact;
    this.#contact = { ...before, ...facts };
    const { isOver, range } = this.#contact;
    if (isOver !== before.isOver || range.endBefore !== before.range.endBefore) this.#options.onNews();
  }
}
