import { defineTable } from '@heliograph/storage/table';
import { deleteOperation, putOperation, type Storage } from '@heliograph/storage/storage';
import { DCS_MAX } from '../limits';

/**
 * Which DCs a login was exported to: where it may have been imported.
 * Partition: the key of the login. Clustering: the other DC. At most DCS_MAX rows of about 20 bytes. No TTL; they end with the login.
 * Writers: auth.exportAuthorization, the login's end. Reader: the login's end.
 */
export const exportedLogins = defineTable({
  name: 'exported_logins',
  keyspace: 'dc',
  partition: { key_id: 'long' },
  clustering: { dc: 'int' },
  columns: { exported_at: 'int' },
  writes: 'plain',
});

/**
 * Logins that ended and whose imports in another DC are still to end.
 * Partition: the other DC. Clustering: the key of the login. A row of about 30 bytes for each login that ends while that DC cannot be
 * reached, and for a moment for every one that was exported there. No TTL.
 * Writer and reader: the login's end and what makes up for it (src/ended-exports.ts).
 */
export const endedExports = defineTable({
  name: 'ended_exports',
  keyspace: 'dc',
  partition: { dc: 'int' },
  clustering: { key_id: 'long' },
  columns: { user_id: 'int' },
  writes: 'plain',
});

const signed = (keyId: bigint): bigint => BigInt.asIntN(64, keyId);

/** `date`: Unix seconds. */
export async function writeExport(storage: Storage, keyId: bigint, dc: number, date: number): Promise<void> {
  await storage.put(exportedLogins, { key_id: signed(keyId), dc, exported_at: date });
}

/** Notes for every DC that the login was exported to that its imports there are to end. True when there is any. */
export async function oweEnds(storage: Storage, keyId: bigint, userId: number): Promise<boolean> {
  const exports = await storage.range(exportedLogins, { key_id: signed(keyId) }, { limit: DCS_MAX });
  if (exports.length === 0) return false;
  // What is owed is written before what it is known by is erased.
  await storage.batch(exports.map(({ dc }) => putOperation(endedExports, { dc, key_id: signed(keyId), user_id: userId })));
  await storage.batch(exports.map(({ dc }) => deleteOperation(exportedLogins, { key_id: signed(keyId), dc })));
  return true;
}
