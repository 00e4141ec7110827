import type { LiveObject, LiveObjects } from './live-objects.ts';

/** The twin of {@link S3LiveObjects} for tests. */
export class MemoryLiveObjects implements LiveObjects {
  readonly objects = new Map<string, LiveObject>();
  /** Keys in the order in which they were put. */
  readonly puts: string[] = [];

  put(key: string, object: LiveObject): Promise<void> {
    this.puts.push(key);
    this.objects.set(key, { ...object, bytes: new Uint8Array(object.bytes) });
    return Promise.resolve();
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.objects.get(key)?.bytes);
  }
}
