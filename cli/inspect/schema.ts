/**
 * The name and type of every Matroska element, by id: the schema of the `ebml` package. Loading that package
 * replaces the global `Map` and `Array.from`, so it is loaded by a worker, whose globals are its own.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';

/** EBML's types: master, unsigned and signed integer, float, ASCII, UTF-8, date, binary. */
export const ELEMENT_TYPES = ['m', 'u', 'i', 'f', 's', '8', 'd', 'b'] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

export interface ElementInfo {
  readonly name: string;
  readonly type: ElementType;
  /** Depth at which it stands: 0 beside the Segment, -1 anywhere. */
  readonly level: number;
}

/** The elements by id, length marker included. */
export type Schema = ReadonlyMap<number, ElementInfo>;

const Entries = v.array(
  v.tuple([
    v.number(),
    v.object({ name: v.string(), type: v.picklist(ELEMENT_TYPES), level: v.pipe(v.number(), v.integer()) }),
  ]),
);

const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const entries = [];
require(workerData).schema.forEach(({ name, type, level }, id) => {
  entries.push([id, { name, type, level }]);
});
parentPort.postMessage(entries);
`;

/** The package stands beside the command where that has been bundled (build.ts); else it is installed. */
function packageFile(): string {
  const bundled = fileURLToPath(new URL('ebml.cjs', import.meta.url));
  return existsSync(bundled) ? bundled : createRequire(import.meta.url).resolve('ebml');
}

let loaded: Promise<Schema> | undefined;

/** Loads it once in the life of the process. */
export function matroskaSchema(): Promise<Schema> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Schema> {
  const worker = new Worker(WORKER, { eval: true, execArgv: [], workerData: packageFile() });
  try {
    const [entries] = (await once(worker, 'message')) as [unknown];
    return new Map(v.parse(Entries, entries));
  } finally {
    await worker.terminate();
  }
}
