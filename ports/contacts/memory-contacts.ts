import type { ContactFacts } from '../../recording/call-record.ts';
import type { ContactAnswer, Contacts, StreamedSpan } from './contacts.ts';

/** Contacts in memory. */
export class MemoryContacts implements Contacts {
  readonly #contacts = new Map<string, { facts: ContactFacts; spans: readonly StreamedSpan[] }>();
  #refusal: string | undefined;
  #asked = 0;

  /** How often {@link describe} was called. */
  get asked(): number {
    return this.#asked;
  }

  set(contactId: string, facts: ContactFacts, spans: readonly StreamedSpan[] = []): void {
    this.#contacts.set(contactId, { facts, spans });
  }

  /** Makes it know nothing from now on, and say why; undefined: the facts again. */
  refuse(why: string | undefined): void {
    this.#refusal = why;
  }

  describe(contactId: string): Promise<ContactAnswer> {
    this.#asked += 1;
    const contact = this.#contacts.get(contactId);
    if (this.#refusal !== undefined) return Promise.resolve({ known: false, why: this.#refusal });
    if (!contact) return Promise.resolve({ known: false, why: 'Connect knows no such contact' });
    return Promise.resolve({ known: true, ...contact });
  }
}
