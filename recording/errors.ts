/** Thrown when a value that names or describes a recording is malformed. `message` says which and what is allowed. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';

  constructor(rule: string, evidence?: string) {
    super(evidence === undefined ? rule : `${rule}: ${evidence}`);
  }
}
