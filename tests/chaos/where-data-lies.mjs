// Content of a data center's users is in that data center alone: asked of the keyspaces, and looked for in the files of the others.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const { fromBinary } = require('@bufbuild/protobuf');
const { Client } = require('cassandra-driver');
const { MessageRecordSchema } = require('../../protos/dist/gen/heliograph/box/v1/box_pb.js');
const { LOG_MESSAGE } = require('../../services/message-store/dist/tables/box-log.js');

/** Sealed values of each kind that are looked for, and rows that they are chosen from. */
const SAMPLES = 8;
const ROWS = 600;
/** Bytes of a sealed value that are looked for; two values never share so many. */
const FORM_BYTES = 32;

const keyspaceOf = (dc) => `heliograph_dc${dc}`;
const dcOfId = (id) => Number(BigInt(id) % 32n);

/**
 * Where keyspaces are replicated to, by the cluster's own books.
 * @param {{ dcs: {id: number}[], engines: object }} target a stack
 * @returns {Promise<string[]>} what is wrong
 */
export async function judgeKeyspaces(target) {
  const failures = [];
  for (const { id } of target.dcs) {
    const rows = await ask(target.engines.cassandra[id], id, 'SELECT keyspace_name, replication FROM system_schema.keyspaces');
    const places = new Map(rows.map(({ keyspace_name: name, replication }) => [name, Object.keys(replication).filter((key) => key !== 'class').sort().join(' ')]));
    for (const other of target.dcs) if (places.get(keyspaceOf(other.id)) !== `dc${other.id}`) failures.push(`the node of DC ${id} says that ${keyspaceOf(other.id)} is replicated to ${places.get(keyspaceOf(other.id)) ?? 'nowhere'}`);
    const everywhere = target.dcs.map((dc) => `dc${dc.id}`).sort().join(' ');
    if (places.get('heliograph_directory') !== everywhere) failures.push(`the node of DC ${id} says that heliograph_directory is replicated to ${places.get('heliograph_directory') ?? 'nowhere'}`);
  }
  return failures;
}

/**
 * Sealed values of a data center's users that no other one has a reason to hold: profiles, and what its people wrote to each other.
 * @returns {Promise<object[]>} Secrets of libs/testing/src/leak-scanner.ts, named by the data center
 */
export async function sealedOf(target, dc) {
  const node = target.engines.cassandra[dc];
  const profiles = (await ask(node, dc, `SELECT user_id, profile FROM ${keyspaceOf(dc)}.users LIMIT ${ROWS}`)).filter(({ profile }) => profile?.length > FORM_BYTES)
    .map(({ user_id: user, profile }) => ({ what: `profile of ${user}`, bytes: profile }));
  const messages = (await ask(node, dc, `SELECT box, kind, id, v FROM ${keyspaceOf(dc)}.box_log LIMIT ${ROWS}`)).flatMap(({ box, kind, id, v }) => {
    if (Number(kind) !== LOG_MESSAGE || !v) return [];
    const { peer, content } = fromBinary(MessageRecordSchema, v);
    return dcOfId(peer) === dc && content !== undefined && content.sealed.length > FORM_BYTES ? [{ what: `message ${id} of box ${box}`, bytes: content.sealed }] : [];
  });
  return [profiles, messages].flatMap((all) => spread(all, SAMPLES)).map(({ what, bytes }) => ({ name: `the sealed ${what} of DC ${dc}`, forms: [{ as: 'sealed bytes', bytes: Buffer.from(bytes.subarray(bytes.length - FORM_BYTES)) }] }));
}

/**
 * Tables of a data center's keyspace in the folder of a Cassandra node: how many there are, and which hold rows.
 * @returns {{ tables: number, filled: string[] }}
 */
export function tablesIn(folder, dc) {
  const keyspace = join(folder, 'data', keyspaceOf(dc));
  const tables = existsSync(keyspace) ? readdirSync(keyspace) : [];
  const filled = tables.filter((table) => readdirSync(join(keyspace, table), { recursive: true }).some((name) => name.endsWith('-Data.db') && statSync(join(keyspace, table, name)).size > 0));
  return { tables: tables.length, filled };
}

async function ask({ host, port }, dc, query) {
  const client = new Client({ contactPoints: [`${host}:${port}`], localDataCenter: `dc${dc}`, pooling: { coreConnectionsPerHost: { 0: 1, 1: 1, 2: 1 } } });
  try {
    return (await client.execute(query, [], { fetchSize: ROWS })).rows;
  } finally {
    await client.shutdown();
  }
}

/** At most `count` of them, from everywhere. */
const spread = (all, count) => all.filter((_, index) => Math.floor((index * count) / all.length) !== Math.floor(((index - 1) * count) / all.length));
