// The PROXY protocol, version 2: how a balancer tells whom it speaks for.
// https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, section 2.2
import { isIPv4, isIPv6 } from 'node:net';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;

/**
 * The header that a balancer sends before the bytes of a client.
 * @param {{ host: string, port: number }} source the client
 * @param {{ host: string, port: number }} destination where the client connected to
 */
export function proxyHeader(source, destination) {
  const four = isIPv4(plain(source.host)) && isIPv4(plain(destination.host));
  const address = four ? fourBytes : sixteenBytes;
  const body = Buffer.concat([address(plain(source.host)), address(plain(destination.host)), portBytes(source.port), portBytes(destination.port)]);
  return Buffer.concat([SIGNATURE, Buffer.from([PROXY, four ? TCP4 : TCP6]), portBytes(body.length), body]);
}

/** A socket that listens on both families writes 127.0.0.1 as ::ffff:127.0.0.1. */
const plain = (host) => host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
const portBytes = (port) => Buffer.from([port >> 8, port & 255]);
const fourBytes = (host) => Buffer.from(host.split('.').map(Number));

function sixteenBytes(host) {
  if (isIPv4(host)) return Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255]), fourBytes(host)]);
  if (!isIPv6(host)) throw new Error(`${host} is no address`);
  const [head, rest] = host.replace(/%.*$/, '').split('::');
  const groups = (part) => (part ? part.split(':') : []);
  const before = groups(head);
  const after = rest === undefined ? [] : groups(rest);
  const all = [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return Buffer.concat(all.map((group) => portBytes(parseInt(group, 16))));
}
