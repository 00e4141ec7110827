/** The same of settings of what writes down what is said: planned in a rehearsal. */
import type { WORDS_SETTINGS } from '../../../stacks/config/words-settings.ts';
import type { NotChanged, SettingChange } from './setting-changes.ts';

const recognise = { liveSinks: 'recognise', recogniseImage: 'registry.example.org/recognises:1' };
const transcribe = { liveSinks: 'transcribe' };
const filtered = { ...transcribe, transcribeVocabularyFilter: 'rude' };
const recognisedByAttribute = {
  ...recognise,
  keepAttributes: 'true',
  recogniseLanguageAttribute: 'language',
  recogniseAttributeLanguages: 'en,de',
};
const byAttribute = {
  ...transcribe,
  keepAttributes: 'true',
  transcribeLanguageAttribute: 'language',
  transcribeAttributeLanguages: 'en-US,de-DE',
};

export const WORDS_CHANGES: Readonly<Record<keyof typeof WORDS_SETTINGS, SettingChange | NotChanged>> = {
  recogniseImage: { to: recognise, usual: true },
  recogniseModel: { to: { ...recognise, recogniseModel: '/opt/base' } },
  recogniseLanguage: { to: { ...recognise, recogniseLanguage: 'de' } },
  recogniseLanguageAttribute: { to: recognisedByAttribute },
  recogniseAttributeLanguages: { not: 'it goes with recogniseLanguageAttribute' },
  recogniseMemory: { to: { ...recognise, recogniseMemory: '512' } },
  recogniseCpu: { to: { ...recognise, recogniseCpu: '256' } },
  recogniseBehindSeconds: { to: { ...recognise, recogniseBehindSeconds: '60' } },
  transcribeLanguage: { to: { ...transcribe, transcribeLanguage: 'en-GB,de-DE' } },
  transcribeLanguageAttribute: { to: byAttribute },
  transcribeAttributeLanguages: { not: 'it goes with transcribeLanguageAttribute' },
  transcribeVocabulary: { to: { ...transcribe, transcribeVocabulary: 'products' } },
  transcribeVocabularyFilter: { to: { ...filtered, transcribeVocabularyFilterMethod: 'mask' } },
  transcribeVocabularyFilterMethod: { not: 'it goes with transcribeVocabularyFilter' },
  transcribePii: { to: { ...transcribe, transcribePii: 'redact' } },
  transcribePiiEntities: {
    to: { ...transcribe, transcribePii: 'identify', transcribePiiEntities: 'NAME,SSN' },
  },
  transcriptSource: {
    to: { ...recognise, liveSinks: 'recognise,transcribe', transcriptSource: 'transcribe' },
  },
  transcriptEvents: { to: { ...transcribe, transcriptEvents: 'final' } },
  mask: { to: { ...transcribe, mask: '###-##-####' } },
  transcriptDays: { to: { transcriptDays: '30' }, usual: true },
};
