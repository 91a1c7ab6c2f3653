import { pages } from '@heliograph/storage/pages';
import { defineTable } from '@heliograph/storage/table';
import { deleteOperation, putOperation } from '@heliograph/storage/storage';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import type { HeliographContact } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { CONTACTS_PER_USER_MAX, OWNER_BUCKETS } from '../limits';
import { phoneMac } from './phones';

/**
 * Contact lists, in their owner's home DC.
 * Partition: the owner. Clustering: the contact. At most CONTACTS_PER_USER_MAX rows of about 200 bytes: `saved` is heliograph.contact
 * (names, phone, note and whether they are a close friend, as the owner has them) sealed under `user:<owner>`. No TTL.
 * Writers: contacts.importContacts/addContact/deleteContacts/editCloseFriends, AnnounceJoined. Readers: GetViews, contacts.getContacts, status pushes.
 */
export const contacts = defineTable({
  name: 'contacts',
  keyspace: 'dc',
  partition: { owner: 'int' },
  clustering: { contact_id: 'int' },
  columns: { saved: 'bytes', added_at: 'int' },
  writes: 'plain',
});

/**
 * The reverse of `contacts`: who has a user in their list. Rewritten by a repeated add, so a crash between the two tables heals.
 * Partition: the contact and a bucket (owner mod OWNER_BUCKETS); a public person's partitions grow with their admirers (16 bytes a row), and
 * every reader takes at most WATCHERS_PER_BUCKET_MAX of one. Clustering: the owner. No TTL.
 * Writers: as `contacts`. Readers: status pushes, deletions of accounts.
 */
export const contactOwners = defineTable({
  name: 'contact_owners',
  keyspace: 'dc',
  partition: { contact_id: 'int', bucket: 'int' },
  clustering: { owner: 'int' },
  columns: { added_at: 'int' },
  writes: 'plain',
});

/**
 * Who has a number in their address book, whether or not somebody has signed up with it; for the joined notice and invite counts.
 * Partition: HMAC of the number and a bucket (owner mod OWNER_BUCKETS). Clustering: the owner. Rows of about 150 bytes: `saved` is
 * heliograph.contact (user_id 0 while unknown) sealed under `user:<owner>`. No TTL.
 * Writers: contacts.importContacts/deleteByPhones/deleteContacts. Readers: AnnounceJoined.
 */
export const contactsByPhone = defineTable({
  name: 'contacts_by_phone',
  keyspace: 'dc',
  partition: { phone_mac: 'bytes', bucket: 'int' },
  clustering: { owner: 'int' },
  columns: { saved: 'bytes' },
  writes: 'plain',
});

/**
 * Which numbers a user has imported: the way from the owner to their rows of `contacts_by_phone`.
 * Partition: the owner. Clustering: HMAC of the number. Rows of about 40 bytes, as many as the owner imported. No TTL.
 * Writers: as `contacts_by_phone`. Reader: the move of a user to another DC.
 */
export const importedPhones = defineTable({
  name: 'imported_phones',
  keyspace: 'dc',
  partition: { owner: 'int' },
  clustering: { phone_mac: 'bytes' },
  columns: { imported: 'bool' },
  writes: 'plain',
});

type ContactDeps = Pick<Deps, 'storage' | 'keyring'>;

export interface SavedContact {
  contactId: number;
  /** Unix seconds. */
  addedAt: number;
  saved: HeliographContact;
}

export const ownerBucket = (owner: number): number => Math.floor(owner / 32) % OWNER_BUCKETS;
const contactPlace = (owner: number, contactId: number): string => `contacts:${owner}:${contactId}`;
const importPlace = (owner: number): string => `contacts-by-phone:${owner}`;

/** Contacts of `owner` among `contactIds`, in the order asked; undefined for those who are none. */
export async function findContacts(deps: ContactDeps, owner: number, contactIds: readonly number[]): Promise<(SavedContact | undefined)[]> {
  if (contactIds.length === 0) return [];
  const rows = await deps.storage.getMany(contacts, contactIds.map((id) => ({ owner, contact_id: id })));
  if (rows.every((row) => row === undefined)) return rows.map(() => undefined);
  const key = await deps.keyring.dataKey(`user:${owner}`);
  return rows.map((row) => row?.saved ? {
    contactId: row.contact_id, addedAt: row.added_at ?? 0, saved: readObject(key.open(row.saved, contactPlace(owner, row.contact_id)), 'heliograph.Contact'),
  } : undefined);
}

/** The whole list, by id. */
export async function listContacts(deps: ContactDeps, owner: number): Promise<SavedContact[]> {
  const found: SavedContact[] = [];
  const key = await deps.keyring.dataKey(`user:${owner}`);
  for await (const rows of pages(deps.storage, contacts, { owner }, { limit: CONTACTS_PAGE_ROWS })) {
    for (const row of rows) {
      if (row.saved) found.push({ contactId: row.contact_id, addedAt: row.added_at ?? 0, saved: readObject(key.open(row.saved, contactPlace(owner, row.contact_id)), 'heliograph.Contact') });
    }
    if (found.length >= CONTACTS_PER_USER_MAX) break;
  }
  return found;
}
const CONTACTS_PAGE_ROWS = 500;

/** How many contacts `owner` has. */
export async function countContacts(deps: Pick<Deps, 'storage'>, owner: number): Promise<number> {
  let count = 0;
  for await (const rows of pages(deps.storage, contacts, { owner }, { limit: CONTACTS_PAGE_ROWS })) count += rows.length;
  return count;
}

/** Which of `others` have `userId` in their contacts, in the order asked. Sees owners of this DC only. */
export async function areContactsOf(deps: Pick<Deps, 'storage'>, userId: number, others: readonly number[]): Promise<boolean[]> {
  if (others.length === 0) return [];
  const rows = await deps.storage.getMany(contacts, others.map((owner) => ({ owner, contact_id: userId })));
  return rows.map((row) => row !== undefined);
}

/** Adds or renames a contact, with its reverse row. The caller checks CONTACTS_PER_USER_MAX. `date`: Unix seconds. */
export async function writeContact(deps: ContactDeps, owner: number, saved: HeliographContact, date: number): Promise<void> {
  const key = await deps.keyring.dataKey(`user:${owner}`);
  const contactId = saved.user_id;
  await deps.storage.batch([
    putOperation(contactOwners, { contact_id: contactId, bucket: ownerBucket(owner), owner, added_at: date }),
    putOperation(contacts, { owner, contact_id: contactId, saved: key.seal(writeObject(saved, 'newest'), contactPlace(owner, contactId)), added_at: date }),
  ]);
}

export async function deleteContact(deps: Pick<Deps, 'storage'>, owner: number, contactId: number): Promise<void> {
  await deps.storage.batch([
    deleteOperation(contacts, { owner, contact_id: contactId }),
    deleteOperation(contactOwners, { contact_id: contactId, bucket: ownerBucket(owner), owner }),
  ]);
}

/** Owners of this DC who have a user in their contacts, at most `perBucket` of each bucket. */
export async function listContactOwners(deps: Pick<Deps, 'storage'>, contactId: number, perBucket: number): Promise<number[]> {
  const buckets = await Promise.all(Array.from({ length: OWNER_BUCKETS }, (_, bucket) => deps.storage.range(contactOwners, { contact_id: contactId, bucket }, { limit: perBucket })));
  return buckets.flat().map((row) => row.owner);
}

/** Remembers that `owner` has a number (digits only), so that they learn when somebody signs up with it. */
export async function writeImportedPhone(deps: ContactDeps & Pick<Deps, 'phoneSecret'>, owner: number, saved: HeliographContact): Promise<void> {
  const key = await deps.keyring.dataKey(`user:${owner}`);
  const mac = phoneMac(deps, saved.phone);
  await deps.storage.batch([
    putOperation(importedPhones, { owner, phone_mac: mac, imported: true }),
    putOperation(contactsByPhone, { phone_mac: mac, bucket: ownerBucket(owner), owner, saved: key.seal(writeObject(saved, 'newest'), importPlace(owner)) }),
  ]);
}

export async function deleteImportedPhone(deps: Pick<Deps, 'storage' | 'phoneSecret'>, owner: number, phone: string): Promise<void> {
  const mac = phoneMac(deps, phone);
  await deps.storage.batch([
    deleteOperation(contactsByPhone, { phone_mac: mac, bucket: ownerBucket(owner), owner }),
    deleteOperation(importedPhones, { owner, phone_mac: mac }),
  ]);
}

/** Owners of this DC who have a number, with the names that they gave it; at most `perBucket` of each bucket. */
export async function listImporters(deps: ContactDeps & Pick<Deps, 'phoneSecret'>, phone: string, perBucket: number): Promise<{ owner: number; saved: HeliographContact }[]> {
  const mac = phoneMac(deps, phone);
  const buckets = await Promise.all(Array.from({ length: OWNER_BUCKETS }, (_, bucket) => deps.storage.range(contactsByPhone, { phone_mac: mac, bucket }, { limit: perBucket })));
  return Promise.all(buckets.flat().flatMap((row) => (row.saved ? [{ owner: row.owner, saved: row.saved }] : [])).map(async ({ owner, saved }) => {
    const key = await deps.keyring.dataKey(`user:${owner}`);
    return { owner, saved: readObject(key.open(saved, importPlace(owner)), 'heliograph.Contact') };
  }));
}
