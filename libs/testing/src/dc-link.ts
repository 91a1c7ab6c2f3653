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
  state: LinkState = 'up';
  /** Unary calls that were made across it, whatever became of them. */
  calls = 0;

  constructor(private readonly network: Network) {}

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

  private across<S extends DescService>(client: Client<S>, desc: S): Client<S> {
    const calls = client as Record<string, (request: unknown, options?: CallOptions) => Promise<unknown>>;
    const wrapped: Record<string, unknown> = {};
    for (const { localName, methodKind } of desc.methods) {
      if (methodKind !== 'unary') continue;
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
