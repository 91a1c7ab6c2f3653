import { createHash } from 'node:crypto';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Time zones of the IANA database with their offset from UTC now, in seconds. */
export const getTimezonesList: Method<Deps, 'help.getTimezonesList'> = async (_deps, caller, { hash }) => {
  const timezones = Intl.supportedValuesOf('timeZone').map((id) => ({ _: 'timezone' as const, id, name: id.split('/').pop()?.replaceAll('_', ' ') ?? id, utc_offset: utcOffset(id, caller.date) }));
  const current = createHash('sha256').update(JSON.stringify(timezones)).digest().readInt32LE(0);
  return hash === current ? { _: 'help.timezonesListNotModified' } : { _: 'help.timezonesList', timezones, hash: current };
};

function utcOffset(timeZone: string, at: number): number {
  const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at * 1000).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return sign ? (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60) : 0;
}
