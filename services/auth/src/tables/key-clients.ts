import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { decode, encode } from '@heliograph/protos/codec';
import { ClientFactsSchema, type ClientFacts } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { defineTable } from '@heliograph/storage/table';
import type { Deps } from '../deps';
import { CLIENT_FACT_CHARS_MAX, CLIENT_FACTS_TTL_SECONDS } from '../limits';

/**
 * What is known of the client behind a permanent key, logged in or not.
 * Partition: the key's id. One row of at most 1 KB; device, application and address sealed under `auth-keys`.
 * TTL: CLIENT_FACTS_TTL_SECONDS after the last report.
 * Writers: ReportClient (gateways, batched), login. Readers: FindKey (layer), the sessions list, the choice of how to send a code.
 */
export const keyClients = defineTable({
  name: 'key_clients',
  keyspace: 'dc',
  partition: { key_id: 'long' },
  clustering: {},
  columns: { layer: 'int', active_at: 'int', facts: 'bytes' },
  ttlSeconds: CLIENT_FACTS_TTL_SECONDS,
  writes: 'plain',
});

export interface KeyClient {
  /** 0: none announced. */
  layer: number;
  /** Unix seconds of last activity; 0: unknown. */
  activeAt: number;
  facts: ClientFacts;
}

type ClientDeps = Pick<Deps, 'storage' | 'keyring'>;
const place = (keyId: bigint): string => `key-client:${BigInt.asUintN(64, keyId)}`;
const rowKey = (keyId: bigint): { key_id: bigint } => ({ key_id: BigInt.asIntN(64, keyId) });
const cut = (text: string | undefined): string => (text ?? '').slice(0, CLIENT_FACT_CHARS_MAX);

/** Keeps what a client told about itself. `layer` 0 and empty texts keep what is known. */
export async function writeKeyClient(deps: ClientDeps, keyId: bigint, report: { layer: number; activeAt: number } & MessageInitShape<typeof ClientFactsSchema>): Promise<void> {
  const dataKey = await deps.keyring.dataKey('auth-keys');
  const known = await findKeyClients(deps, [keyId]);
  const before = known[0];
  const facts = create(ClientFactsSchema, {
    deviceModel: cut(report.deviceModel) || before?.facts.deviceModel,
    systemVersion: cut(report.systemVersion) || before?.facts.systemVersion,
    appVersion: cut(report.appVersion) || before?.facts.appVersion,
    langCode: cut(report.langCode) || before?.facts.langCode,
    ip: cut(report.ip) || before?.facts.ip,
    apiId: report.apiId || before?.facts.apiId,
  });
  await deps.storage.put(keyClients, {
    ...rowKey(keyId),
    layer: report.layer || before?.layer || 0,
    active_at: Math.max(report.activeAt, before?.activeAt ?? 0),
    facts: dataKey.seal(encode(ClientFactsSchema, facts), place(keyId)),
  });
}

/** In the order asked; undefined where nothing is known. */
export async function findKeyClients(deps: ClientDeps, keyIds: readonly bigint[]): Promise<(KeyClient | undefined)[]> {
  if (keyIds.length === 0) return [];
  const [rows, dataKey] = await Promise.all([deps.storage.getMany(keyClients, keyIds.map(rowKey)), deps.keyring.dataKey('auth-keys')]);
  return rows.map((row) => row && {
    layer: row.layer ?? 0,
    activeAt: row.active_at ?? 0,
    facts: row.facts ? decode(ClientFactsSchema, dataKey.open(row.facts, place(row.key_id))) : create(ClientFactsSchema),
  });
}

export async function deleteKeyClient(deps: ClientDeps, keyId: bigint): Promise<void> {
  await deps.storage.delete(keyClients, rowKey(keyId));
}
