/**
 * - `gone`: there is no such recording any more
 * - `foreign`: it belongs to another workflow than the one that is looked at
 * - `exhausted`: it has been resumed too often
 * - `contended`: others are resuming it
 */
export type NotResumedKind = 'gone' | 'foreign' | 'exhausted' | 'contended';

/** When a recording can't be resumed as things stand. */
export class NotResumed extends Error {
  override readonly name = 'NotResumed';
  readonly kind: NotResumedKind;
  /** What to do, where something can be done. */
  readonly hint: string | undefined;

  constructor(kind: NotResumedKind, message: string, hint?: string) {
    super(message);
    this.kind = kind;
    this.hint = hint;
  }
}
