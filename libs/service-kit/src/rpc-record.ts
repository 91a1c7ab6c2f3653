import type { DescMethod } from '@bufbuild/protobuf';

/** What the kit records of each call. Absent when telemetry is off, so that a call costs nothing for it. */
export interface RpcRecord {
  /** Runs the client's side of a call in a span; `run` gets the traceparent that travels with it. */
  client<T>(method: DescMethod, system: RpcSystem, run: (traceparent: string) => Promise<T>): Promise<T>;
  /** Runs a handler in a span whose parent is the caller's. */
  server<T>(method: DescMethod, system: RpcSystem, traceparent: string, run: () => Promise<T>): Promise<T>;
  /** A stream: its span begins now and ends with `end`. */
  stream(method: DescMethod, side: 'client' | 'server', system: RpcSystem, traceparent: string): { traceparent: string; end(error?: unknown): void };
}

export type RpcSystem = 'grpc' | 'in_process';
