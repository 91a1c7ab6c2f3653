import { ClientApiService, type Caller, type InvokeResponse } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { CallError, isCallError } from '@heliograph/service-kit/call-error';
import { isEngineLost } from '@heliograph/service-kit/handler-failure';
import type { Kit } from '@heliograph/service-kit/kit';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { InvokeResponseSchema } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { readMethod } from '@heliograph/tl/reader';
import { TlError } from '@heliograph/tl/tl-error';
import { writeResult } from '@heliograph/tl/writer';
import type { Api } from '@heliograph/tl/api';
import type { MessageReferences } from './from-message';
import type { CallerContext, Methods } from './method';
import { RpcError } from './rpc-error';

export interface ClientApiOptions<Deps> {
  /** The service's name: the folder that its methods live in. */
  owner: string;
  methods: Methods<Deps>;
  deps: Deps;
  /** Throws what is told to the calling service when this replica must not answer that caller (`movedError`); before anything is done. */
  admit?(caller: CallerContext): void;
  /** Where methods take peers: gives those their hashes that clients know by a message. */
  references?: Pick<MessageReferences, 'resolve'>;
}

type SessionChangeInit = NonNullable<MessageInitShape<typeof InvokeResponseSchema>['sessionChange']>;

/**
 * Serves a service's client methods: reads the query, runs the handler, writes the result by the newest layer.
 * An RpcError or TlError becomes the client's error; a call that another replica answers goes back to the calling service; anything else a 500 with the failure in the log only.
 */
export function serveClientApi<Deps>(kit: Kit, { owner, methods, deps, admit, references }: ClientApiOptions<Deps>): void {
  const failures = kit.telemetry.counter('heliograph.client_api.failures', '{failure}', 'Client methods that ended in an unexpected failure');
  kit.serve(ClientApiService, {
    invoke: async ({ query, caller }) => {
      let name: keyof Api | undefined;
      try {
        if (!caller) throw new RpcError(400, 'INPUT_FETCH_ERROR');
        const call = readMethod(query);
        name = call.name as keyof Api;
        const handler = methods[name] as ((deps: Deps, caller: CallerContext, request: unknown) => Promise<unknown>) | undefined;
        if (!handler) throw new RpcError(400, 'NOT_IMPLEMENTED');
        const context = new Context(caller, Math.floor(kit.clock.now() / 1000));
        admit?.(context);
        const resolving = references?.resolve(context.userId, query, call.request);
        if (resolving !== undefined) await resolving;
        const result = await handler(deps, context, call.request);
        return { outcome: { case: 'result', value: writeResult(name, result as Api[typeof name]['result'], 'newest') }, sessionChange: context.change };
      } catch (error) {
        if (error instanceof RpcError) return failure(error.code, error.type);
        if (error instanceof TlError) return failure(400, error.type);
        // Nothing was done: the calling service goes to the replica that owns what this is about.
        if (error instanceof CallError && error.moved !== undefined) throw error;
        failures.add(1, { method: name ?? 'unknown' });
        // Clients repeat it, with the same random_id where it makes something.
        if (isEngineLost(error) || isCallError(error, 'UNAVAILABLE') || isCallError(error, 'DEADLINE_EXCEEDED')) {
          kit.log.warn({ method: name, error: error.message }, 'a client method could not be carried out now');
          return failure(500, 'RPC_CALL_FAIL');
        }
        kit.log.error({ method: name, error: error instanceof Error ? { name: error.name, stack: error.stack } : { name: typeof error } }, 'client method failed');
        return failure(500, 'INTERNAL');
      }
    },
  }, { owner });
}

function failure(code: number, message: string): { outcome: InvokeResponse['outcome'] } {
  return { outcome: { case: 'error', value: { $typeName: 'heliograph.clientapi.v1.RpcError', code, message } } };
}

/** Field by field: a spread of a message of eleven fields costs more than all that is done with it. */
class Context implements CallerContext {
  readonly userId: number;
  readonly bot: boolean;
  readonly authKeyId: bigint;
  readonly sessionId: bigint;
  readonly layer: number;
  readonly dc: number;
  readonly ip: string;
  readonly messageId: bigint;
  readonly tempAuthKeyId: bigint;
  readonly client: Caller['client'];
  readonly withoutUpdates: boolean;
  change: SessionChangeInit | undefined = undefined;

  constructor(caller: Caller, readonly date: number) {
    this.userId = Number(caller.userId);
    this.bot = caller.bot;
    this.authKeyId = caller.authKeyId;
    this.sessionId = caller.sessionId;
    this.layer = caller.layer;
    this.dc = caller.dc;
    this.ip = caller.ip;
    this.messageId = caller.messageId;
    this.tempAuthKeyId = caller.tempAuthKeyId;
    this.client = caller.client;
    this.withoutUpdates = caller.withoutUpdates;
  }

  changeSession(change: SessionChangeInit['change']): void {
    this.change = { change };
  }
}
