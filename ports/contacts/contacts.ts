import type { ContactFacts } from '../../recording/call-record.ts';

/** A media-streaming session as Connect's contact record names it: its first and its last fragment. */
export interface StreamedSpan {
  readonly firstFragmentNumber: bigint;
  /** Undefined while it goes on. */
  readonly lastFragmentNumber: bigint | undefined;
}

/** What Connect itself says of a contact. An error or a refusal is "unknown", with the reason. */
export type ContactAnswer =
  | { readonly known: true; readonly facts: ContactFacts; readonly spans: readonly StreamedSpan[] }
  | { readonly known: false; readonly why: string };

/** Amazon Connect's DescribeContact: two a second for the whole instance, so it is asked sparingly. Never rejects. */
export interface Contacts {
  describe(contactId: string): Promise<ContactAnswer>;
}
