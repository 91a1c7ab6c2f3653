import type { LangPackLanguage } from '@heliograph/tl/api';

/** Language packs served: the clients' own English texts, with nothing replaced. */
export const LANG_PACK_VERSION = 1;

export const LANGUAGES: readonly LangPackLanguage[] = [
  { _: 'langPackLanguage', official: true, name: 'English', native_name: 'English', lang_code: 'en', plural_code: 'en', strings_count: 0, translated_count: 0, translations_url: '' },
];

export const isServedLanguage = (code: string): boolean => LANGUAGES.some((language) => language.lang_code === code);
