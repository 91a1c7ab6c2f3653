import type { RangeQuery, Storage } from './storage';
import type { ClusteringKey, PartitionKey, Row, Table } from './table';

/**
 * All rows of a partition within the query's bounds in clustering order, `limit` of them at a time; no page is empty. Rows that are written or
 * removed meanwhile behind the page that was given last are seen as they are then.
 */
export async function* pages<T extends Table>(storage: Pick<Storage, 'range'>, table: T, partition: PartitionKey<T>, query: Omit<RangeQuery<T>, 'reverse'>): AsyncGenerator<Row<T>[]> {
  const clustering = Object.keys(table.clustering) as (keyof ClusteringKey<T>)[];
  let { from, fromExclusive } = query;
  for (;;) {
    const rows = await storage.range(table, partition, { ...query, from, fromExclusive });
    const last = rows.at(-1) as ClusteringKey<T> | undefined;
    if (last === undefined) return;
    yield rows;
    if (rows.length < query.limit) return;
    from = Object.fromEntries(clustering.map((column) => [column, last[column]])) as Partial<ClusteringKey<T>>;
    fromExclusive = true;
  }
}
