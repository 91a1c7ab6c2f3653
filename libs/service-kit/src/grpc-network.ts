import type { DescService } from '@bufbuild/protobuf';
import { ClockService, type NowResponse } from '@heliograph/protos/heliograph/clock/v1/clock_pb';
import type { Client as Channel } from '@grpc/grpc-js';
import { type ClockReading, clockReading } from './clock-skew';
import { grpcClient, openChannel } from './grpc-client';
import { grpcMethod } from './grpc-definition';
import { type GrpcDirectory, serviceOf } from './grpc-directory';
import { GrpcServer } from './grpc-server';
import type { Client, Handlers, Logger } from './kit';
import { CLOCK_PEER_TIMEOUT_MS, CLOCK_PEERS_MAX, UNREACHED_WAIT_MS } from './limits';
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
    // A target that was found stays; those who call needn't wait for it again.
    const found: (Channel | undefined)[] = [];
    const find = (replica: number): Promise<Channel> => {
      const place = `${key}/${replica}`;
      let target = this.targets.get(place);
      if (target === undefined) {
        target = directory.target(dc, desc, owner, replica).then((name) => this.channel(name));
        this.targets.set(place, target);
        target.catch(() => this.targets.delete(place));
      }
      return target.then((channel) => (found[replica] = channel));
    };
    const channel = (replica: number): Channel | Promise<Channel> => found[replica] ?? find(replica);
    const serviceKey = `${dc}/${serviceOf(desc, owner)}`;
    let owners = this.owners.get(serviceKey);
    if (owners === undefined) this.owners.set(serviceKey, owners = new Map());
    return grpcClient(desc, { channel, only, toldApart: directory.toldApart(dc, desc, owner), replicas: () => directory.replicas(dc, desc, owner), owners, record, unreachedWaitMs });
  }

  replicas({ dc, owner }: Address, desc: DescService): number {
    return this.options.directory.replicas(dc, desc, owner);
  }

  /** Clocks of processes that this one calls, CLOCK_PEERS_MAX at the most; those that don't answer are left out. */
  async peerClocks(): Promise<ClockReading[]> {
    const places = [...this.targets].slice(0, CLOCK_PEERS_MAX);
    const readings = await Promise.all(places.map(async ([place, channel]) => {
      try {
        const sentAt = Date.now();
        const now = await askClock(await channel);
        return clockReading(place.replace(/^(\d+)\/heliograph\.(\w+)\.v1\.\w+\/([^/]*)\/(\d+)$/, (_all, dc, name, owner, replica) => `${owner || name} ${replica} of DC ${dc}`), now, sentAt, Date.now());
      } catch {
        return undefined;
      }
    }));
    return readings.filter((reading) => reading !== undefined);
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

/** Unix milliseconds by the clock of the process at the other end. */
function askClock(channel: Channel): Promise<number> {
  const { path, requestSerialize, responseDeserialize } = grpcMethod(ClockService.method.now);
  return new Promise((resolve, reject) => {
    channel.makeUnaryRequest(path, requestSerialize, (bytes) => responseDeserialize(bytes) as unknown as NowResponse, {}, { deadline: Date.now() + CLOCK_PEER_TIMEOUT_MS }, (error, response) => {
      if (error === null && response !== undefined) resolve(Number(response.unixMs));
      else reject(error ?? new Error('no answer'));
    });
  });
}
