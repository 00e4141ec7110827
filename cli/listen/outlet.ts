/** Where what is heard goes. */
import type { Gap, Late, Second } from '../../library/live.ts';
import type { Recording } from '../../recording/identity.ts';

/** What is listened to. */
export interface Heard {
  /** Undefined for a stream's audio that is no contact's. */
  readonly contactId: string | undefined;
  readonly startFragmentNumber: bigint;
  /** What is heard is said now, or was a moment ago. */
  readonly goesOn: boolean;
}

/** Each call is awaited before the next one: whoever is slow is waited for. */
export interface Outlet {
  /** Audio that it wants at a time, in ms. */
  readonly pieceMs: number;
  second(second: Second, heard: Heard): Promise<void>;
  gap?(gap: Gap): Promise<void>;
  late?(late: Late): Promise<void>;
  /** Nothing follows. Resolves when all has arrived. @param isWhole false where somebody has stopped it */
  end(isWhole: boolean): Promise<void>;
  /** Frees what it holds, at once; also after {@link end}. */
  close?(): void;
}

/** Whoever was given it wants no more. */
export class OutletLeft extends Error {
  override readonly name = 'OutletLeft';
}

/** The one whose audio is nobody's is called so where a contact has to be named. */
const NOBODY = 'none';

export function recordingOf({ contactId, startFragmentNumber }: Heard): Recording {
  return { contactId: contactId ?? NOBODY, startFragmentNumber };
}

/** Leaves out what lies before a place, in ms from frame 0. */
export function fromPlace(outlet: Outlet, fromMs: number): Outlet {
  if (fromMs <= 0) return outlet;
  let begun = 0;
  return {
    pieceMs: outlet.pieceMs,
    second: async (second, heard) => {
      const endMs = ((second.startFrame + second.frames) * 1_000) / second.sampleRate;
      if (endMs <= fromMs) begun = second.startFrame + second.frames;
      else await outlet.second(second, heard);
    },
    gap: async (gap) => {
      if (gap.startFrame + gap.frames > begun) await outlet.gap?.(gap);
    },
    late: async (late) => {
      if (late.startFrame >= begun) await outlet.late?.(late);
    },
    end: (isWhole) => outlet.end(isWhole),
    close: () => outlet.close?.(),
  };
}
