import { COUNTRIES, countryNames } from './countries';

describe('countries', () => {
  it('has one entry a country, each with digits only', () => {
    expect(new Set(COUNTRIES.map((country) => country.iso2)).size).toBe(COUNTRIES.length);
    for (const { iso2, code, prefixes } of COUNTRIES) {
      expect(iso2).toMatch(/^[A-Z]{2}$/);
      expect(code).toMatch(/^\d{1,3}$/);
      for (const prefix of prefixes) expect(prefix).toMatch(/^\d+$/);
    }
  });

  it.each([['en', 'DE', 'Germany'], ['de', 'DE', 'Deutschland'], ['not a language!', 'FR', 'France']])('names in %s: %s is %s', (language, iso2, name) => {
    expect(countryNames(language)(iso2)).toBe(name);
  });
});
