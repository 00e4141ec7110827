/** How a known bug is put back from outside. */
import type { Fragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import { wholeCall } from '../../ports/calls/call-item.ts';
import type { ContactCall } from '../../ports/calls/calls.ts';
import type { StartSelector } from '../../ports/media/media.ts';
import type { Table } from '../../ports/table/table.ts';
import { Timeline } from '../../recording/audio/timeline.ts';
import type { OwnFragment } from '../../recording/ownership.ts';
import type { AllPorts } from './ports.ts';

/** Replaces a method for a while. @returns what puts it back */
export function patch<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  replace: (original: T[K]) => T[K],
): () => void {
  const original = prototype[name];
  prototype[name] = replace(original);
  return () => {
    prototype[name] = original;
  };
}

/** A table that writes these changes whatever their conditions say. */
export function withoutCondition(table: Table, ...names: readonly string[]): Table {
  return {
    get: (key, only) => table.get(key, only),
    query: (query) => table.query(query),
    put: (key, item) => table.put(key, item),
    remove: (key) => table.remove(key),
    change: (key, { when, ...change }) =>
      table.change(key, { ...change, ...(when && !names.includes(change.name) && { when }) }),
  };
}

/** @returns what gives names in their order. */
export function nextName(): () => string {
  let names = 0;
  return () => (names += 1).toString().padStart(9, '0');
}

/** Watches a process's GetMedia bodies. */
export function watchingBodies(
  ports: AllPorts,
  start: (selector: StartSelector) => StartSelector,
  onChunk: (chunk: IteratorResult<Uint8Array>, reader: FragmentReader) => void,
): AllPorts {
  return {
    ...ports,
    media: {
      open: async (selector, signal) => {
        const body = await ports.media.open(start(selector), signal);
        const reader = new FragmentReader();
        return {
          [Symbol.asyncIterator]: () => {
            const chunks = body[Symbol.asyncIterator]();
            return {
              next: async () => {
                const chunk = await chunks.next();
                onChunk(chunk, reader);
                return chunk;
              },
              return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
            };
          },
        };
      },
    },
  };
}

/** Alters what the timeline is given. */
export function alteringFragments(
  alter: (fragment: OwnFragment, timeline: Timeline) => Fragment,
): () => void {
  return patch(
    Timeline.prototype,
    'add',
    (add) =>
      function* (this: Timeline, fragment: OwnFragment) {
        yield* add.call(this, { ...alter(fragment, this), number: fragment.number });
      },
  );
}

/** What a recorder or an assembly reads of the contact's records. */
export function readingCalls(ports: AllPorts, alter: (call: ContactCall) => ContactCall): AllPorts {
  const { calls } = ports;
  return {
    ...ports,
    calls: {
      ...calls,
      get: async (recording) => {
        const call = await calls.get(recording);
        return call && wholeCall(alter(call));
      },
      ofContact: async (contactId) => (await calls.ofContact(contactId)).map(alter),
    },
  };
}
