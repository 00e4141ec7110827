import type { ContactFacts } from '../recording/call-record.ts';
import type { ContactAnswer, Contacts } from './contacts.ts';

/** Contacts in memory. */
export class MemoryContacts implements Contacts {
  readonly #facts = new Map<string, ContactFacts>();
  #refusal: string | undefined;
  #asked = 0;

  /** How often {@link describe} was called. */
  get asked(): number {
    return this.#asked;
  }

  set(contactId: string, facts: ContactFacts): void {
    this.#facts.set(contactId, facts);
  }

  /** From now on nothing is known, and why; undefined: the facts again. */
  refuse(why: string | undefined): void {
    this.#refusal = why;
  }

  describe(contactId: string): Promise<ContactAnswer> {
    this.#asked += 1;
    const facts = this.#facts.get(contactId);
    if (this.#refusal !== undefined) return Promise.resolve({ known: false, why: this.#refusal });
    if (!facts) return Promise.resolve({ known: false, why: 'Connect knows no such contact' });
    return Promise.resolve({ known: true, facts });
  }
}
