/** What a recording was held against, in words: for whoever looks at a call, and for its page. */
import type { CallRecord } from '../../recording/call-record.ts';
import { count } from '../terminal/terminal.ts';

/** Goes on from "verified" and "checked". */
export function verifiedText({
  method,
  why,
  fragmentsListed,
  fragmentsMissing,
  fragmentsTakenForNext,
}: NonNullable<CallRecord['verification']>): string {
  switch (method) {
    case 'NONE':
      return `could not be: ${why ?? 'no reason given'}`;
    case 'CONTACT_RECORDINGS':
      return `against the last fragment that the contact’s record in Connect names${why === undefined ? '' : ` (${why})`}`;
    case 'LIST_FRAGMENTS': {
      const next =
        fragmentsTakenForNext === undefined
          ? ''
          : `, ${fragmentsTakenForNext} more were taken for the next caller’s`;
      return `the stream lists ${count(fragmentsListed ?? 0, 'fragment')}; ${fragmentsMissing ?? 0} could not be had${next}`;
    }
  }
}
