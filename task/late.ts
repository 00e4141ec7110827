/**
 * Ports whose client is loaded when it is first needed. Loading takes longer than anything else before the first
 * request, and while a task starts its call goes on.
 */
import type { Contacts } from '../ports/contacts/contacts.ts';
import type { MediaArchive } from '../ports/media/media.ts';
import type { Tape } from '../ports/tape/tape.ts';

export function lateArchive(load: () => Promise<MediaArchive>): MediaArchive {
  const archive = once(load);
  return {
    list: async (fromMs, toMs) => (await archive()).list(fromMs, toMs),
    fetch: async (numbers) => (await archive()).fetch(numbers),
  };
}

export function lateContacts(load: () => Promise<Contacts>): Contacts {
  const contacts = once(load);
  return { describe: async (contactId) => (await contacts()).describe(contactId) };
}

export function lateTape(load: () => Promise<Tape>): Tape {
  const tape = once(load);
  return {
    append: async (recording, segment) => (await tape()).append(recording, segment),
    async *list(recording, from) {
      yield* (await tape()).list(recording, from);
    },
    read: async (key) => (await tape()).read(key),
    remove: async (key) => (await tape()).remove(key),
  };
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
