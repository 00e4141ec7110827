import type { Track } from '../../recording/call-record.ts';

/** What people call the tracks. */
export const SIDES: Readonly<Record<Track, string>> = {
  AUDIO_FROM_CUSTOMER: 'customer',
  AUDIO_TO_CUSTOMER: 'agent',
};
