import { pages } from '@heliograph/storage/pages';
import { deleteOperation, putOperation, type Storage, type WriteOperation } from '@heliograph/storage/storage';
import type { TakeUserRequestSchema, TakeUserRequest } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from './deps';
import { BLOCKED_USERS_MAX, MOVED_BATCH_ROWS } from './limits';
import { blocked } from './tables/blocked';
import { contactOwners, contacts, contactsByPhone, importedPhones, ownerBucket } from './tables/contacts';
import { users } from './tables/users';

/** A user's rows on their way to another DC, as they are: what is sealed stays sealed (ADR 0011). */
export type UserRows = MessageInitShape<typeof TakeUserRequestSchema>;

/** All rows that a user owns here, in portions. */
export async function* readUserRows(deps: Pick<Deps, 'storage'>, userId: number): AsyncGenerator<UserRows> {
  const { storage } = deps;
  const id = BigInt(userId);
  const account = await storage.get(users, { user_id: userId });
  if (account) {
    yield {
      userId: id,
      account: {
        profile: account.profile ?? new Uint8Array(0), username: account.username ?? '', phoneMac: account.phone_mac ?? new Uint8Array(0), bot: account.bot ?? false,
        createdAt: account.created_at ?? 0, deletedAt: account.deleted_at ?? 0, lastSeenAt: BigInt(account.last_seen_at ?? 0), joinedDue: account.joined_due ?? false,
        joinedSilent: account.joined_silent ?? false, joinedNoticeSilent: account.joined_notice_silent ?? false,
      },
    };
  }
  for await (const rows of pages(storage, contacts, { owner: userId }, { limit: MOVED_BATCH_ROWS })) {
    yield { userId: id, contacts: rows.flatMap((row) => (row.saved ? [{ contactId: BigInt(row.contact_id), saved: row.saved, addedAt: row.added_at ?? 0 }] : [])) };
  }
  const blocks = await storage.range(blocked, { owner: userId }, { limit: BLOCKED_USERS_MAX });
  yield { userId: id, blocked: blocks.map((row) => ({ peerId: BigInt(row.peer_id), date: row.date ?? 0 })) };
  for await (const numbers of pages(storage, importedPhones, { owner: userId }, { limit: MOVED_BATCH_ROWS })) {
    const rows = await storage.getMany(contactsByPhone, numbers.map(({ phone_mac }) => ({ phone_mac, bucket: ownerBucket(userId), owner: userId })));
    yield { userId: id, imports: rows.flatMap((row) => (row?.saved ? [{ phoneMac: row.phone_mac, saved: row.saved }] : [])) };
  }
}

/** Writes rows that came. Repeating it is harmless while the user does not live here. */
export async function writeUserRows(deps: Pick<Deps, 'storage'>, userId: number, rows: Pick<TakeUserRequest, 'account' | 'contacts' | 'blocked' | 'imports'>): Promise<void> {
  const { account } = rows;
  const bucket = ownerBucket(userId);
  await write(deps.storage, [
    ...rows.contacts.flatMap(({ contactId, saved, addedAt }) => [
      putOperation(contactOwners, { contact_id: Number(contactId), bucket, owner: userId, added_at: addedAt }),
      putOperation(contacts, { owner: userId, contact_id: Number(contactId), saved, added_at: addedAt }),
    ]),
    ...rows.blocked.map(({ peerId, date }) => putOperation(blocked, { owner: userId, peer_id: Number(peerId), date })),
    ...rows.imports.flatMap(({ phoneMac, saved }) => [
      putOperation(importedPhones, { owner: userId, phone_mac: phoneMac, imported: true }),
      putOperation(contactsByPhone, { phone_mac: phoneMac, bucket, owner: userId, saved }),
    ]),
  ]);
  if (!account) return;
  await deps.storage.put(users, {
    user_id: userId, profile: account.profile, username: account.username || null, phone_mac: account.phoneMac, bot: account.bot, created_at: account.createdAt,
    deleted_at: account.deletedAt || null, last_seen_at: Number(account.lastSeenAt), joined_due: account.joinedDue || null, joined_silent: account.joinedSilent || null,
    joined_notice_silent: account.joinedNoticeSilent || null,
  });
}

/** Erases what a user owned here; the account goes last, for it says that something is left. */
export async function eraseUserRows(deps: Pick<Deps, 'storage'>, userId: number): Promise<void> {
  const bucket = ownerBucket(userId);
  for await (const rows of readUserRows(deps, userId)) {
    await write(deps.storage, [
      ...(rows.contacts ?? []).flatMap(({ contactId }) => [
        deleteOperation(contacts, { owner: userId, contact_id: Number(contactId) }),
        deleteOperation(contactOwners, { contact_id: Number(contactId), bucket, owner: userId }),
      ]),
      ...(rows.blocked ?? []).map(({ peerId }) => deleteOperation(blocked, { owner: userId, peer_id: Number(peerId) })),
      ...(rows.imports ?? []).flatMap(({ phoneMac }) => [
        deleteOperation(contactsByPhone, { phone_mac: phoneMac as Uint8Array, bucket, owner: userId }),
        deleteOperation(importedPhones, { owner: userId, phone_mac: phoneMac as Uint8Array }),
      ]),
    ]);
  }
  await deps.storage.delete(users, { user_id: userId });
}

async function write(storage: Storage, operations: readonly WriteOperation[]): Promise<void> {
  for (let start = 0; start < operations.length; start += MOVED_BATCH_ROWS) await storage.batch(operations.slice(start, start + MOVED_BATCH_ROWS));
}
