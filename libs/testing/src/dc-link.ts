import type { DescService } from '@bufbuild/protobuf';
import { CallError } from '@heliograph/service-kit/call-error';
import type { CallOptions, Client, Handlers } from '@heliograph/service-kit/kit';
import { DEADLINE_DEFAULT_MS } from '@heliograph/service-kit/limits';
import type { Address, Network } from '@heliograph/service-kit/network';

/** What a call to another data center meets. */
export type LinkState =
  /** It goes through. */
  | 'up'
  /** Nobody is there: it fails at once. */
  | 'refused'
  /** Packets vanish: it fails at its deadline, and nothing arrived. */
  | 'silent'
  /** It arrives, and its answer does not come back. */
  | 'answers lost';

/** The line between the data centers of a test: all share one network, and each sees it through `seenFrom`. */
export class DcLink {
  private current: LinkState = 'up';
  /** Ends each stream that is open across it. */
  private readonly streams = new Set<() => void>();
  /** Unary calls that were made across it, whatever became of them. */
  calls = 0;

  constructor(private readonly network: Network) {}

  get state(): LinkState {
    return this.current;
  }

  /** Streams across it break when it goes; that a silent one is broken, both ends would find out in time. */
  set state(state: LinkState) {
    this.current = state;
    if (state !== 'up') for (const end of [...this.streams]) end();
  }

  /** The network as the services of that data center see it. */
  seenFrom(dc: number): Network {
    const { network } = this;
    return {
      serve: <S extends DescService>(address: Address, desc: S, handlers: Handlers<S>) => network.serve(address, desc, handlers),
      client: <S extends DescService>(address: Address, desc: S) => (address.dc === dc ? network.client(address, desc) : this.across(network.client(address, desc), desc)),
      replicas: (address, desc) => network.replicas(address, desc),
      listen: () => network.listen(),
      drain: (of, service, timeoutMs) => network.drain(of, service, timeoutMs),
      close: () => network.close(),
    };
  }

  /** Frames as they come, until the link goes. */
  private async *stream(open: (options: CallOptions) => AsyncIterable<unknown>, options: CallOptions | undefined): AsyncGenerator<unknown> {
    if (this.state !== 'up') throw new CallError('UNAVAILABLE', 'the link is down', false);
    const broken = new AbortController();
    const end = (): void => broken.abort();
    this.streams.add(end);
    options?.signal?.addEventListener('abort', end, { once: true });
    try {
      const frames = open({ ...options, signal: broken.signal })[Symbol.asyncIterator]();
      const ended = new Promise<undefined>((resolve) => broken.signal.addEventListener('abort', () => resolve(undefined), { once: true }));
      for (;;) {
        const frame = await Promise.race([frames.next(), ended]);
        if (frame === undefined) throw new CallError('UNAVAILABLE', 'the link went down');
        if (frame.done) return;
        yield frame.value;
      }
    } finally {
      this.streams.delete(end);
      broken.abort();
    }
  }

  private across<S extends DescService>(client: Client<S>, desc: S): Client<S> {
    const calls = client as Record<string, (request: unknown, options?: CallOptions) => Promise<unknown>>;
    const streams = client as Record<string, (requests: unknown, options?: CallOptions) => AsyncIterable<unknown>>;
    const wrapped: Record<string, unknown> = {};
    for (const { localName, methodKind } of desc.methods) {
      if (methodKind !== 'unary') {
        wrapped[localName] = (requests: unknown, options?: CallOptions) => this.stream((own) => (streams[localName] as (requests: unknown, options?: CallOptions) => AsyncIterable<unknown>)(requests, own), options);
        continue;
      }
      wrapped[localName] = async (request: unknown, options?: CallOptions) => {
        this.calls += 1;
        if (this.state === 'refused') throw new CallError('UNAVAILABLE', 'the link is down', false);
        if (this.state === 'silent') {
          await silence(options);
          throw new CallError('DEADLINE_EXCEEDED', 'the link is silent');
        }
        const lost = this.state === 'answers lost';
        const answer = await calls[localName]?.(request, options);
        if (lost) throw new CallError('UNAVAILABLE', 'the answer was lost');
        return answer;
      };
    }
    return wrapped as Client<S>;
  }
}

function silence(options: CallOptions | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, options?.deadlineMs ?? DEADLINE_DEFAULT_MS);
    options?.signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
