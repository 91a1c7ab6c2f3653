import type { HttpResponse } from '@heliograph/service-kit/endpoints';
import type { ConnectFacts, DataCenter } from '@heliograph/service-kit/kit';
import { authority } from './options';

/** What a client, a test or a tool needs to connect: `/connect.json`. */
export interface ConnectDocument {
  dcs: { id: number; host: string; port: number; websocket: string; publicKey: string; fingerprint: string }[];
  /** Rising. */
  layers: number[];
  testPhones: boolean;
  outbox: string;
  botApi: string;
}

export interface ConnectSource {
  dcs: readonly DataCenter[];
  announced: ReadonlyMap<number, ConnectFacts>;
  http: { host: string; port: number };
  testPhones: boolean;
}

/** Throws when a gateway has not announced itself: then the document would send clients nowhere. */
export function connectDocument({ dcs, announced, http, testPhones }: ConnectSource): ConnectDocument {
  const root = `http://${authority(http.host, http.port)}`;
  const described = dcs.map(({ id, host, port }) => {
    const facts = announced.get(id);
    if (facts === undefined) throw new Error(`the gateway of DC ${id} announced nothing`);
    return { id, host, port, websocket: facts.websocket, publicKey: facts.publicKey, fingerprint: facts.fingerprint };
  });
  const layers = new Set([...announced.values()].flatMap((facts) => facts.layers));
  return { dcs: described, layers: [...layers].sort((a, b) => a - b), testPhones, outbox: `${root}/dev/outbox`, botApi: root };
}

/** The endpoint. Readable from pages of other origins: web clients connect by WebSocket. */
export function connectEndpoint(source: () => ConnectSource): () => Promise<HttpResponse> {
  return async () => {
    const { dcs, announced } = source();
    // Asked while the gateways start.
    if (dcs.some(({ id }) => !announced.has(id))) return { status: 503, body: { error: 'starting' } };
    return { status: 200, body: connectDocument(source()), headers: { 'access-control-allow-origin': '*' } };
  };
}
