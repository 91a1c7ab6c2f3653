import type { Counted } from './query-bytes';
import type { Session } from './session';
import type { Wrapping } from './domain/wrappers';

/** A client's query under way. */
export class Query implements Counted {
  bytes = 0;
  unauthorised = false;
  waiting = false;
  method = '';
  /** The client isn't interested any more (rpc_drop_answer), or the session is gone. */
  dropped = false;
  /** Counted among the user's queries; 0: not counted. */
  countedFor = 0;
  /** Queries to run when this one is done. */
  followers: Query[] | undefined = undefined;
  /** Messages that must be done before it. */
  waitsFor = 0;
  /** Those of them that haven't come yet: the session's `awaiting` names this query under each. */
  awaits: bigint[] | undefined = undefined;
  /** What runs when it no longer waits. */
  resume: (() => void) | undefined = undefined;
  readonly wrapping: Wrapping = { depth: 0 };

  /** `dc`: the data center that the client believes it talks to. */
  constructor(readonly session: Session, readonly id: bigint, readonly address: string, readonly dc: number) {}
}
