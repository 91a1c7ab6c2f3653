import { isIP } from 'node:net';
import type { DataCenter } from './kit';
import { DC_ADDRESSES_MAX } from './limits';
import { StartFailure } from './start-failure';

/**
 * Reads `1=host:port,2=host:port`: the data centers of a deployment and the addresses by which clients reach them. A DC that is named more than
 * once has several addresses, of which the first is what clients try first; IPv6 stands in brackets. Throws a StartFailure with a sentence.
 */
export function parseDcAddresses(text: string): DataCenter[] {
  const dcs = new Map<number, DataCenter>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,2})=(?:\[([\da-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})\s*$/i.exec(part);
    const id = Number(match?.[1]);
    const host = match?.[2] ?? match?.[3] ?? '';
    const port = Number(match?.[4]);
    if (match === null || id < 1 || id > 31 || port < 1 || port > 65_535 || (match[2] !== undefined && isIP(host) !== 6)) {
      throw new StartFailure(`--dc-addresses must be a list like 1=host:port,2=host:port with DCs from 1 to 31; "${part}" is not one.`);
    }
    const known = dcs.get(id);
    if (known === undefined) dcs.set(id, { id, host, port });
    else if ([known, ...(known.others ?? [])].some((other) => other.host === host && other.port === port)) throw new StartFailure(`--dc-addresses names ${host}:${port} of DC ${id} twice.`);
    else dcs.set(id, { ...known, others: [...(known.others ?? []), { host, port }] });
    if ((dcs.get(id)?.others?.length ?? 0) >= DC_ADDRESSES_MAX) throw new StartFailure(`--dc-addresses gives DC ${id} more than ${DC_ADDRESSES_MAX} addresses.`);
  }
  return [...dcs.values()];
}
