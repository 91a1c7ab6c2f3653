import type { DescService } from '@bufbuild/protobuf';
import type { Client as Channel } from '@grpc/grpc-js';
import { grpcClient, openChannel } from './grpc-client';
import { UNREACHED_WAIT_MS } from './limits';
import { type GrpcDirectory, serviceOf } from './grpc-directory';
import { GrpcServer } from './grpc-server';
import type { Client, Handlers, Logger } from './kit';
import { type Address, addressKey, type Network } from './network';
import type { RpcRecord } from './rpc-record';

export interface GrpcNetworkOptions {
  log(service: string, dc: number): Logger;
  record?: RpcRecord;
  directory: GrpcDirectory;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: the system chooses one for each service. */
  port?: number;
  /** How long a call that reached no server is tried again, within its deadline. Default UNREACHED_WAIT_MS. */
  unreachedWaitMs?: number;
}

/** Calls over gRPC: a server for each service of each DC in this process, a channel for each target that is called. */
export class GrpcNetwork implements Network {
  private readonly servers = new Map<string, GrpcServer>();
  private readonly channels = new Map<string, Channel>();
  private readonly targets = new Map<string, Promise<Channel>>();
  /** Which replica owned a slice of a service when it was last heard of; shared by all clients of the service. */
  private readonly owners = new Map<string, Map<number, number>>();

  constructor(private readonly options: GrpcNetworkOptions) {}

  serve<S extends DescService>(address: Address, desc: S, handlers: Handlers<S>): void {
    const { dc, service, owner } = address;
    const { log, record, directory, host = '127.0.0.1', port = 0 } = this.options;
    const key = `${dc}/${service}`;
    let server = this.servers.get(key);
    if (server === undefined) {
      server = new GrpcServer({ host, port, log: log(service, dc), record });
      this.servers.set(key, server);
    }
    server.add(desc, handlers);
    // A failed listen is reported by `listen`.
    server.listening.then((bound) => directory.listening(dc, desc, owner, bound), () => {});
  }

  client<S extends DescService>({ dc, owner, replica: only }: Address, desc: S): Client<S> {
    const { directory, record, unreachedWaitMs = UNREACHED_WAIT_MS } = this.options;
    const key = addressKey(dc, desc, owner);
    const channel = (replica: number): Promise<Channel> => {
      const place = `${key}/${replica}`;
      let found = this.targets.get(place);
      if (found === undefined) {
        found = directory.target(dc, desc, owner, replica).then((target) => this.channel(target));
        this.targets.set(place, found);
        found.catch(() => this.targets.delete(place));
      }
      return found;
    };
    const serviceKey = `${dc}/${serviceOf(desc, owner)}`;
    let owners = this.owners.get(serviceKey);
    if (owners === undefined) this.owners.set(serviceKey, owners = new Map());
    return grpcClient(desc, { channel, only, toldApart: directory.toldApart(dc, desc, owner), replicas: () => directory.replicas(dc, desc, owner), owners, record, unreachedWaitMs });
  }

  replicas({ dc, owner }: Address, desc: DescService): number {
    return this.options.directory.replicas(dc, desc, owner);
  }

  async listen(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.listening));
  }

  async drain(dc: number, service: string, timeoutMs: number): Promise<void> {
    await this.servers.get(`${dc}/${service}`)?.drain(timeoutMs);
  }

  close(): Promise<void> {
    for (const channel of this.channels.values()) channel.close();
    for (const server of this.servers.values()) server.close();
    this.channels.clear();
    return Promise.resolve();
  }

  private channel(target: string): Channel {
    let channel = this.channels.get(target);
    if (channel === undefined) {
      channel = openChannel(target);
      this.channels.set(target, channel);
    }
    return channel;
  }
}
