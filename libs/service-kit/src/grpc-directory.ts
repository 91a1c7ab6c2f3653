import type { DescService } from '@bufbuild/protobuf';
import { addressKey } from './network';

/** Where gRPC servers are found, and where this process's own are made known. */
export interface GrpcDirectory {
  /** Replicas of the service that are told apart, at least 1. They are numbered from 0. */
  replicas(dc: number, desc: DescService, owner: string | undefined): number;
  /** Whether a target is one server, not several behind one name. */
  toldApart(dc: number, desc: DescService, owner: string | undefined): boolean;
  /**
   * The gRPC target (`dns:///…`) of one replica; may stand for several where they are not told apart. May wait until the server is known.
   * A replica beyond `replicas` is answered too where its name follows from its number: it may have been added since.
   */
  target(dc: number, desc: DescService, owner: string | undefined, replica: number): Promise<string>;
  /** A server of this process listens. */
  listening(dc: number, desc: DescService, owner: string | undefined, port: number): void;
}

/** All servers in this process, on loopback ports that the system chose. */
export function loopbackDirectory(): GrpcDirectory {
  const known = new Map<string, { target: Promise<string>; found(target: string): void }>();
  const entry = (key: string) => {
    let found = known.get(key);
    if (found === undefined) {
      let resolve = (_target: string): void => {};
      const target = new Promise<string>((done) => { resolve = done; });
      found = { target, found: resolve };
      known.set(key, found);
    }
    return found;
  };
  return {
    replicas: () => 1,
    toldApart: () => true,
    target: (dc, desc, owner) => entry(addressKey(dc, desc, owner)).target,
    listening: (dc, desc, owner, port) => entry(addressKey(dc, desc, owner)).found(`ipv4:127.0.0.1:${port}`),
  };
}

/**
 * Servers by name: one deployment (a headless service) per service.
 * @param template gRPC target with `{service}` and `{dc}`: `dns:///{service}.dc{dc}.svc:50051`
 */
export function namedDirectory(template: string): GrpcDirectory {
  return {
    replicas: () => 1,
    toldApart: () => false,
    target: (dc, desc, owner) => Promise.resolve(template.replaceAll('{service}', serviceOf(desc, owner)).replaceAll('{dc}', String(dc))),
    listening() {},
  };
}

/** The service that serves a contract: its owner, else the one its package is named after. */
export function serviceOf(desc: DescService, owner: string | undefined): string {
  if (owner !== undefined) return owner;
  const name = desc.typeName.split('.')[1] ?? '';
  return name === 'messagestore' ? 'message-store' : name;
}
