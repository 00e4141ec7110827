import type { Completion } from '../../recording/call-record.ts';
import { STARTED_AT } from './call.ts';

/** What an assembly finds of a recording of which there is nothing. */
export const EMPTY_COMPLETION = {
  status: 'EMPTY',
  endedAt: STARTED_AT,
  endReason: 'DISCONNECTED',
  durationMs: 0,
  attempts: 1,
  media: {
    fragments: 0,
    gapCount: 0,
    gapMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
    gaps: [],
    reanchored: 0,
    reopenings: 0,
    resumes: 0,
    maxBehindMs: 0,
  },
  losses: [],
  verification: { method: 'NONE', at: STARTED_AT },
} as const satisfies Completion;
