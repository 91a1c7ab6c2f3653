import type { DescService } from '@bufbuild/protobuf';
import type { Client as Channel } from '@grpc/grpc-js';
import { grpcClient, openChannel } from './grpc-client';
import type { GrpcDirectory } from './grpc-directory';
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
}

/** Calls over gRPC: a server for each service of each DC in this process, a channel for each target that is called. */
export class GrpcNetwork implements Network {
  private readonly servers = new Map<string, GrpcServer>();
  private readonly channels = new Map<string, Channel>();
  private readonly targets = new Map<string, Promise<Channel>>();

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

  client<S extends DescService>({ dc, owner }: Address, desc: S): Client<S> {
    const key = addressKey(dc, desc, owner);
    const channel = (): Promise<Channel> => {
      let found = this.targets.get(key);
      if (found === undefined) {
        found = this.options.directory.target(dc, desc, owner).then((target) => this.channel(target));
        this.targets.set(key, found);
      }
      return found;
    };
    return grpcClient(desc, { channel, record: this.options.record });
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
