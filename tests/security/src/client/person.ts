import { randomBytes } from 'node:crypto';
import type { Api, MethodName } from '@heliograph/tl/api';
import { readResult } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { KeyExchange, type AuthKey, type InnerLies, type PublicKey } from './key-exchange';
import { MESSAGE, Session, describe, type Outcome } from './session';
import { int32, tlBytes } from './tl-bytes';
import { WAIT_MS, Wire, type Address, type WireOptions } from './wire';

export const LAYER = 229;

/** A gateway: where it listens and the key that it is known by. */
export interface Gateway extends Address, PublicKey {
  readonly id: number;
}

/** Makes an auth key on a connection of its own. */
export async function makeKey(gateway: Gateway, inner: InnerLies = {}, options: WireOptions = {}): Promise<AuthKey> {
  const wire = await Wire.open(gateway, options);
  try {
    return await new KeyExchange(wire, gateway).run(inner);
  } finally {
    wire.close();
  }
}

/** The request of a method, without its name. */
export type Request<M extends MethodName> = Omit<Api[M]['request'], '_'>;

export function encode<M extends MethodName>(method: M, request: Request<M>): Buffer {
  return Buffer.from(writeObject({ _: method, ...request } as unknown as Api[M]['request'], LAYER));
}

/** invokeWithLayer{initConnection{query}}, as clients begin. */
export function begun(query: Buffer, layer = LAYER): Buffer {
  return Buffer.concat([
    int32(MESSAGE.invokeWithLayer), int32(layer), int32(MESSAGE.initConnection), int32(0), int32(1), tlBytes('security tests'), tlBytes('1'), tlBytes('1'), tlBytes('en'), tlBytes(''), tlBytes('en'), query,
  ]);
}

/** Telegram's error as an exception: what a call that was to succeed threw. */
export class CallFailure extends Error {
  constructor(readonly method: string, readonly code: number, readonly type: string) {
    super(`${method}: ${code} ${type}`);
  }
}

/** Somebody with a key, a session, and after `signUp` an account. */
export class Person {
  userId = 0;
  phone = '';
  firstName = '';
  private begunAlready = false;

  constructor(readonly gateway: Gateway, public session: Session) {}

  static async connect(gateway: Gateway, options: WireOptions & { key?: AuthKey } = {}): Promise<Person> {
    const key = options.key ?? await makeKey(gateway, {}, { localAddress: options.localAddress, preamble: options.preamble });
    return new Person(gateway, await Session.open(gateway, key, options));
  }

  /** A new account under a number; test numbers have their DC's digit five times as code. */
  static async signUp(gateway: Gateway, phone: string, firstName: string, options: { lastName?: string; code?: string; wire?: WireOptions } = {}): Promise<Person> {
    const person = await Person.connect(gateway, options.wire);
    await person.join(phone, firstName, options.lastName ?? '', options.code ?? String(gateway.id).repeat(5));
    return person;
  }

  async sendCode(phone: string): Promise<string> {
    const sent = await this.call('auth.sendCode', { phone_number: phone, api_id: 1, api_hash: '0'.repeat(32), settings: { _: 'codeSettings' } });
    if (sent._ !== 'auth.sentCode') throw new Error(`auth.sendCode answered ${sent._}`);
    return sent.phone_code_hash;
  }

  private async join(phone: string, firstName: string, lastName: string, code: string): Promise<void> {
    const hash = await this.sendCode(phone);
    const signedIn = await this.call('auth.signIn', { phone_number: phone, phone_code_hash: hash, phone_code: code });
    const authorization = signedIn._ === 'auth.authorizationSignUpRequired'
      ? await this.call('auth.signUp', { phone_number: phone, phone_code_hash: hash, first_name: firstName, last_name: lastName })
      : signedIn;
    if (authorization._ !== 'auth.authorization') throw new Error(`login ended in ${authorization._}`);
    Object.assign(this, { userId: Number(authorization.user.id), phone, firstName });
  }

  /** Logs an existing account in on this key. */
  async signIn(phone: string, code = String(this.gateway.id).repeat(5)): Promise<void> {
    const hash = await this.sendCode(phone);
    const authorization = await this.call('auth.signIn', { phone_number: phone, phone_code_hash: hash, phone_code: code });
    if (authorization._ !== 'auth.authorization') throw new Error(`login ended in ${authorization._}`);
    Object.assign(this, { userId: Number(authorization.user.id), phone });
  }

  /** The outcome of a query given as bytes. */
  raw(query: Buffer, timeoutMs = WAIT_MS): Promise<Outcome> {
    const body = this.begunAlready ? query : begun(query);
    this.begunAlready = true;
    return this.session.call(body, timeoutMs);
  }

  /** The outcome of a method, whatever it is. */
  attempt<M extends MethodName>(method: M, request: Request<M>): Promise<Outcome> {
    return this.raw(encode(method, request));
  }

  /** The result of a method that must succeed. Throws CallFailure. */
  async call<M extends MethodName>(method: M, request: Request<M>): Promise<Api[M]['result']> {
    const outcome = await this.attempt(method, request);
    if (outcome.result === undefined) throw new CallFailure(method, outcome.error.code, outcome.error.type);
    return readResult(method, outcome.result);
  }

  /** Makes another's account known to this one: their user with this viewer's access hash. */
  async meet(other: { phone: string; firstName: string; userId: number }): Promise<{ user_id: number; access_hash: bigint }> {
    const imported = await this.call('contacts.importContacts', { contacts: [{ _: 'inputPhoneContact', client_id: 1n, phone: `+${other.phone}`, first_name: other.firstName, last_name: '' }] });
    const user = imported.users.find((candidate) => Number(candidate.id) === other.userId);
    if (user?._ !== 'user' || user.access_hash === undefined) throw new Error('the contact was not found');
    return { user_id: other.userId, access_hash: user.access_hash };
  }

  async send(peer: { user_id: number; access_hash: bigint } | 'self', message: string): Promise<number> {
    const updates = await this.call('messages.sendMessage', { peer: peer === 'self' ? { _: 'inputPeerSelf' } : { _: 'inputPeerUser', ...peer }, message, random_id: randomBytes(8).readBigInt64LE(0) });
    if (updates._ === 'updateShortSentMessage') return updates.id;
    if (updates._ !== 'updates') throw new Error(`messages.sendMessage answered ${updates._}`);
    const sent = updates.updates.find((update) => update._ === 'updateMessageID');
    if (sent?._ !== 'updateMessageID') throw new Error('no updateMessageID');
    return sent.id;
  }

  close(): void {
    this.session.close();
  }
}

export { describe };
