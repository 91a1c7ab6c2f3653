import { createHash } from 'node:crypto';
import type { Method } from '@heliograph/client-api/method';
import { COUNTRIES, countryNames } from '../../domain/countries';
import type { Deps } from '../../deps';

/** Countries with calling codes, named in the client's language (docs: core.telegram.org/method/help.getCountriesList). */
export const getCountriesList: Method<Deps, 'help.getCountriesList'> = async (_deps, _caller, { lang_code: languageCode, hash }) => {
  const english = countryNames('en');
  const local = countryNames(languageCode);
  const countries = COUNTRIES.map(({ iso2, code, prefixes }) => ({
    _: 'help.country' as const,
    iso2,
    default_name: english(iso2),
    name: local(iso2) === english(iso2) ? undefined : local(iso2),
    country_codes: [{ _: 'help.countryCode' as const, country_code: code, prefixes: prefixes.length > 0 ? prefixes : undefined }],
  }));
  const current = createHash('sha256').update(JSON.stringify(countries)).digest().readInt32LE(0);
  return hash === current ? { _: 'help.countriesListNotModified' } : { _: 'help.countriesList', countries, hash: current };
};
