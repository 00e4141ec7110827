/** Announces that a recording is over, for whatever comes next: at least once, as long as the bus takes it. */
export interface Events {
  /** @param detail plain JSON, without phone numbers. @throws when the event is not accepted. */
  publish(detailType: string, detail: Readonly<Record<string, unknown>>): Promise<void>;
}
