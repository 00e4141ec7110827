import type { Events } from './events.ts';

export interface PublishedEvent {
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The twin of {@link EventBridgeEvents}: keeps what was published. */
export class MemoryEvents implements Events {
  readonly published: PublishedEvent[] = [];

  publish(detailType: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    this.published.push({ detailType, detail });
    return Promise.resolve();
  }
}
