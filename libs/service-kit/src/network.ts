import type { DescMethod, DescService } from '@bufbuild/protobuf';
import type { Client, Handlers } from './kit';

/** Where a contract is served: a service in a data center. `owner` tells services apart that serve the same contract. */
export interface Address {
  dc: number;
  /** The service that serves or calls; only for records of the call. */
  service: string;
  owner: string | undefined;
  /** Only this replica; absent: the one that owns the call's key, else any. */
  replica?: number;
}

/** How calls travel: within the process, or over gRPC. Both run the same handlers and interceptors. */
export interface Network {
  serve<S extends DescService>(address: Address, desc: S, handlers: Handlers<S>): void;
  /** The client may be made, and called, before the service serves: its first calls wait within their deadlines. */
  client<S extends DescService>(address: Address, desc: S): Client<S>;
  /** Replicas of the service that can be called one by one, numbered from 0; 1 where they are not told apart. May rise and fall. */
  replicas(address: Address, desc: DescService): number;
  /** Resolves when everything served so far can be reached. */
  listen(): Promise<void>;
  /** Refuses new calls to the service, waits for those in flight; resolves at the latest after `timeoutMs`. */
  drain(dc: number, service: string, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** `heliograph.users.v1.UsersService/GetViews` */
export function methodName(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

/** Identity of a served contract within a process or a deployment. */
export function addressKey(dc: number, desc: DescService, owner: string | undefined): string {
  return `${dc}/${desc.typeName}/${owner ?? ''}`;
}
