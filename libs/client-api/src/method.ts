import type { Api } from '@heliograph/tl/api';
import type { Caller } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import type { SessionChange } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SessionChangeSchema } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';

/** The caller of a client method, as the gateway established it. Ids are numbers < 2^53; key and session ids are unsigned bigints. */
export interface CallerContext extends Omit<Caller, 'userId' | '$typeName' | '$unknown'> {
  /** 0 when not logged in; the gateway answers 401 before a handler that needs a login is reached. */
  readonly userId: number;
  /** Unix seconds at which the request was accepted. */
  readonly date: number;
  /** Tells the gateway what the call changed about the session (login, logout, …). */
  changeSession(change: MessageInitShape<typeof SessionChangeSchema>['change']): void;
}

/** A client method: authorise → decide → persist → publish. Throws RpcError with Telegram's code and type. */
export type Method<Deps, M extends keyof Api> = (deps: Deps, caller: CallerContext, request: Api[M]['request']) => Promise<Api[M]['result']>;

/** All methods of one service, by TL name. Generated: services/<owner>/src/gen/api.ts. */
export type Methods<Deps> = { [M in keyof Api]?: Method<Deps, M> };

export type { SessionChange };
