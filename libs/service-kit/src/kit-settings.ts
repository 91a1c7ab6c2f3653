/** Settings as services see them: by name, `TEST_PHONES` or `testPhones` or `test-phones` alike. */
export type Settings = (name: string) => string | undefined;

export function settingKey(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_').toUpperCase();
}

/** Looks in `own` first, then in the environment variable HELIOGRAPH_<NAME>. Empty means absent. */
export function settingsOf(own: Record<string, string | undefined>, env: NodeJS.ProcessEnv): Settings {
  return (name) => {
    const key = settingKey(name);
    const value = own[key] ?? env[`HELIOGRAPH_${key}`];
    return value === '' ? undefined : value;
  };
}
