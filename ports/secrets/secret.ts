/** A secret that somebody else may change at any time. Its value is never logged. */
export interface Secret {
  /** Gives the secret as it is now. @throws when it can't be read; the error's message doesn't hold the value */
  read(): Promise<string>;
}

/** One that is configured by its value: it never changes. */
export function fixedSecret(value: string): Secret {
  return { read: () => Promise.resolve(value) };
}
