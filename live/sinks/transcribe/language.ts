/** The language in which a call is transcribed: the setting's, or what an attribute of its contact names. */
import type { TranscribeRequest } from '../../../ports/transcribe/transcribe.ts';
import type { Recording } from '../../../recording/identity.ts';
import { type LanguageAttribute, type LanguagePorts, namedLanguage } from '../language-attribute.ts';

/** A vocabulary, or a filter. */
export interface NameFor {
  /** Undefined: the setting's own. */
  readonly language: string | undefined;
  readonly name: string;
}

export interface LanguageChoice {
  /** One; or several, of which the service finds out which is spoken. */
  readonly languages: readonly string[];
  /** Undefined: no attribute is looked at. */
  readonly attribute: LanguageAttribute | undefined;
  readonly vocabularies: readonly NameFor[];
  readonly filters: readonly NameFor[];
}

type LanguageRequest = Pick<TranscribeRequest, 'languages' | 'vocabularies' | 'filters'>;

/** Never rejects: a call whose attribute can't be read, or names another language, is transcribed in the setting's. */
export async function languageRequest(
  choice: LanguageChoice,
  recording: Recording,
  ports: LanguagePorts,
): Promise<LanguageRequest> {
  const named = await namedLanguage(choice.attribute, recording, ports);
  const languages = named === undefined ? choice.languages : [named];
  const namesOf = (all: readonly NameFor[]) =>
    all.flatMap(({ language, name }) =>
      (language === undefined ? named === undefined : languages.includes(language)) ? [name] : [],
    );
  return { languages, vocabularies: namesOf(choice.vocabularies), filters: namesOf(choice.filters) };
}
