import { isIP } from 'node:net';
import { PROXY_HEADER_BYTES_MAX } from '../limits';

/** `address` is undefined when the balancer speaks for itself (health checks). `bytes` is the header's length. */
export interface ProxyHeader {
  readonly address?: string;
  readonly bytes: number;
}

const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V2_FIXED_BYTES = 16;
const V1_PREFIX = Buffer.from('PROXY ');
const V1_BYTES_MAX = 107;

function startsLike(bytes: Buffer, prefix: Buffer): boolean {
  const length = Math.min(bytes.length, prefix.length);
  return bytes.subarray(0, length).equals(prefix.subarray(0, length));
}

function readV1(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  const end = bytes.subarray(0, V1_BYTES_MAX).indexOf('\r\n');
  if (end < 0) return bytes.length < V1_BYTES_MAX ? 'more' : 'bad';
  const [, family, source = '', destination = '', ...ports] = bytes.toString('latin1', 0, end).split(' ');
  if (family === 'UNKNOWN') return { bytes: end + 2 };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : -1;
  const portsFine = ports.length === 2 && ports.every((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535);
  return isIP(source) === version && isIP(destination) === version && portsFine ? { address: source, bytes: end + 2 } : 'bad';
}

function formatIPv6(address: Buffer): string {
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(address.readUInt16BE(at).toString(16));
  return groups.join(':');
}

function readV2(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  if (bytes.length < V2_FIXED_BYTES) return 'more';
  const command = bytes[12] as number;
  const family = bytes[13] as number;
  const length = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (command >> 4 !== 2 || (command & 15) > 1 || length > PROXY_HEADER_BYTES_MAX) return 'bad';
  if (bytes.length < length) return 'more';
  if ((command & 15) === 0) return { bytes: length };
  switch (family >> 4) {
    case 0: return { bytes: length };
    case 1: return length < V2_FIXED_BYTES + 12 ? 'bad' : { address: bytes.subarray(16, 20).join('.'), bytes: length };
    case 2: return length < V2_FIXED_BYTES + 36 ? 'bad' : { address: formatIPv6(bytes.subarray(16, 32)), bytes: length };
    default: return 'bad';
  }
}

/**
 * Reads a PROXY protocol header, version 1 or 2, from the start of `bytes`: `more` when it is not complete yet, `bad` when it is none.
 * Source: haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  if (startsLike(bytes, V2_SIGNATURE)) return readV2(bytes);
  return startsLike(bytes, V1_PREFIX) ? readV1(bytes) : 'bad';
}
