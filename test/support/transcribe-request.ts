import type { TranscribeRequest } from '../../ports/transcribe/transcribe.ts';

/** A stream of one language, and nothing else asked for. */
export const TRANSCRIBE_REQUEST: TranscribeRequest = {
  sampleRate: 8_000,
  sessionId: '0b9f8a1e-6f5d-4b1c-8a52-3f3ad6a4c001',
  languages: ['en-US'],
  vocabularies: [],
  filters: [],
  filterMethod: undefined,
  pii: undefined,
  piiTypes: [],
};
