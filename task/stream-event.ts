/** What the stream tells whoever reads it. */
import type { NumberedFragment } from '../matroska/fragment.ts';
import type { Quiet } from './ends.ts';
import type { Hole } from './reading-position.ts';

export type StreamEvent =
  /** `cut`: it broke off and can't be read again; these are its complete blocks. */
  | { readonly kind: 'fragment'; readonly fragment: NumberedFragment; readonly cut: boolean }
  /** Comes before the fragment that follows the hole. */
  | { readonly kind: 'hole'; readonly hole: Hole }
  /** A fragment can't be read, on every try; it is passed over. Without a number: whatever follows `after`. */
  | {
      readonly kind: 'lost';
      readonly number: bigint | undefined;
      readonly after?: bigint;
      readonly why: string;
    }
  /** Nothing to hand over now, and what that tells. */
  | ({ readonly kind: 'quiet' } & Quiet);
