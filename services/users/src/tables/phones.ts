import { createHmac } from 'node:crypto';
import { defineTable } from '@heliograph/storage/table';
import type { Deps } from '../deps';
import { users } from './users';

/**
 * Which user has a phone number, in all DCs.
 * Partition: HMAC of the digits (never the number itself). One row of about 40 bytes. No TTL.
 * A row whose user does not exist, or has another `phone_mac`, is left over from a sign-up that was cut off: it counts as nobody's, and the
 * next sign-up completes or replaces it.
 * Writers: CreateUser (insertIfAbsent, replaceIf). Readers: FindByPhone, contacts.importContacts, contacts.resolvePhone.
 */
export const phones = defineTable({
  name: 'phones',
  keyspace: 'directory',
  partition: { phone_mac: 'bytes' },
  clustering: {},
  columns: { user_id: 'int' },
  writes: 'conditional',
});

/** The directory's key of a number (digits only). The secret is the same in every DC. */
export function phoneMac(deps: Pick<Deps, 'phoneSecret'>, phone: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', deps.phoneSecret).update(phone).digest().subarray(0, 20));
}

/**
 * Users by phone (digits only), in the order asked; undefined for nobody's. For users of other DCs the directory is taken at its word.
 * At most VIEWS_PER_CALL_MAX numbers.
 */
export async function findUsersByPhone(deps: Pick<Deps, 'storage' | 'phoneSecret' | 'dc' | 'homes'>, numbers: readonly string[]): Promise<(number | undefined)[]> {
  if (numbers.length === 0) return [];
  const macs = numbers.map((phone) => phoneMac(deps, phone));
  const rows = await deps.storage.getMany(phones, macs.map((mac) => ({ phone_mac: mac })));
  const ids = rows.map((row) => row?.user_id ?? undefined);
  const local = ids.filter((id): id is number => id !== undefined && deps.homes.of(id) === deps.dc.id);
  const accounts = new Map((local.length > 0 ? await deps.storage.getMany(users, local.map((id) => ({ user_id: id }))) : []).flatMap((row) => (row ? [[row.user_id, row]] : [])));
  return ids.map((id, index) => {
    if (id === undefined || deps.homes.of(id) !== deps.dc.id) return id;
    const row = accounts.get(id);
    return row && !row.deleted_at && sameMac(row.phone_mac, macs[index] as Uint8Array) ? id : undefined;
  });
}

export const sameMac = (a: Uint8Array | null | undefined, b: Uint8Array): boolean => a !== null && a !== undefined && Buffer.compare(a, b) === 0;
