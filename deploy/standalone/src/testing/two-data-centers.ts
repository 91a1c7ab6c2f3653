import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { accessHash } from '@heliograph/client-api/access-hash';
import type { ClientKey } from '@heliograph/mtproto/handshake/client-exchange';
import { authKeyId } from '@heliograph/mtproto/key-id';
import { connectLoadClient, type LoadClient } from '@heliograph/mtproto/load-client';
import type { PacketCipher } from '@heliograph/mtproto/packet/cipher';
import { createPacketCipher } from '@heliograph/mtproto/packet/wasm-cipher';
import { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { CallerSchema, ClientApiService } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { FanoutService, type Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { openEmbeddedPorts } from '@heliograph/service-kit/embedded-ports';
import type { DataCenter } from '@heliograph/service-kit/kit';
import { LocalNetwork } from '@heliograph/service-kit/local-network';
import type { Ports } from '@heliograph/service-kit/ports';
import { DcLink } from '@heliograph/testing/dc-link';
import { eventually as within } from '@heliograph/testing/eventually';
import { freePort } from '@heliograph/testing/free-port';
import { tempFolder } from '@heliograph/testing/temp-folder';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import type { Api, InputPeerChannel, InputPeerUser, TypeMessage, TypeUpdate, TypeUpdates, User } from '@heliograph/tl/api';
import { readObject, readResult } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { loadServices } from '../services';
import { RowsSeen } from './rows-seen';

const DCS: DataCenter[] = [{ id: 1, host: '127.0.0.1', port: 4431 }, { id: 2, host: '127.0.0.1', port: 4432 }];
const QUIET = { debug() {}, info() {}, warn() {}, error: (fields: object, message: string) => console.error(message, fields) };

/** Two whole data centers, but for their gateways unless these are asked for, and the link between them. */
export class System {
  private constructor(
    private readonly folder: { path: string; remove(): void }, readonly link: DcLink, private readonly kits: Map<number, TestKit>, private readonly ports: Ports[],
    private readonly rows: Map<number, RowsSeen>, private readonly settings: Record<string, string>, private readonly dcs: readonly DataCenter[],
  ) {}

  static start(settings: Record<string, string> = {}): Promise<System> {
    return System.open(tempFolder('data-centers'), new Map(DCS.map((dc) => [dc.id, new RowsSeen()])), settings);
  }

  /** With gateways, on free ports; people come by `connect`. */
  static async startWithGateways(settings: Record<string, string> = {}): Promise<System> {
    const dcs = await Promise.all(DCS.map(async (dc) => ({ ...dc, port: await freePort() })));
    return System.open(tempFolder('data-centers'), new Map(dcs.map((dc) => [dc.id, new RowsSeen()])), { ...settings, RSA_KEY_FILE: join(tmpdir(), 'heliograph-test-rsa.pem') }, dcs);
  }

  private static async open(folder: { path: string; remove(): void }, rows: Map<number, RowsSeen>, settings: Record<string, string>, dcs: readonly DataCenter[] = DCS): Promise<System> {
    const link = new DcLink(new LocalNetwork({ log: () => QUIET }));
    const kits = new Map<number, TestKit>();
    const ports: Ports[] = [];
    const services = (await loadServices()).filter(({ name }) => name !== 'gateway' || dcs !== DCS);
    for (const dc of dcs) {
      const opened = await openEmbeddedPorts({ folder: `${folder.path}/dc${dc.id}`, directory: `${folder.path}/directory` });
      const own = { ...opened, storage: (rows.get(dc.id) as RowsSeen).watch(opened.storage) };
      ports.push(own);
      kits.set(dc.id, await createTestKit({ dcs: [dc, ...dcs.filter((other) => other !== dc)], network: link.seenFrom(dc.id), ports: own, folder: `${folder.path}/dc${dc.id}`, log: QUIET, settings }));
    }
    await Promise.all([...kits.values()].map((kit) => kit.start(...services)));
    return new System(folder, link, kits, ports, rows, settings, dcs);
  }

  /** Where clients reach a data center. */
  addressOf(dc: number): { host: string; port: number } {
    return this.dcs.find(({ id }) => id === dc) as DataCenter;
  }

  kit(dc: number): TestKit {
    return this.kits.get(dc) as TestKit;
  }

  /** What was ever written to the tables of that data center. */
  rowsOf(dc: number): RowsSeen {
    return this.rows.get(dc) as RowsSeen;
  }

  async signUp(dc: number, firstName: string): Promise<Person> {
    const phone = nextPhoneOf(dc);
    const { userId } = await this.kit(dc).kit().client(UsersService).createUser({ phone, firstName });
    if (Number(userId) % 32 !== dc) throw new Error(`user ${userId} was made in another data center than ${dc}`);
    return new Person(this, dc, Number(userId), phone, await this.kit(dc).kit().keyring.secret('access-hash'));
  }

  /** Ann and Ben of data center 2 and Far of data center 1, all new; the link is up, and Ann and Far see each other. */
  async signUpThree(): Promise<{ ann: Person; ben: Person; far: Person }> {
    this.link.state = 'up';
    const [ann, ben, far] = [await this.signUp(2, 'Ann'), await this.signUp(2, 'Ben'), await this.signUp(1, 'Far')];
    // A data center that did not answer is left alone for a moment.
    await eventually(async () => (await ann.sees(far))?.first_name === 'Far' && (await far.sees(ann))?.first_name === 'Ann');
    return { ann, ben, far };
  }

  /** Ends in order. */
  async close(): Promise<void> {
    await this.stop();
    this.folder.remove();
  }

  /** Ends in order and starts again with what it has stored. People must be taken over: `person.of(system)`. */
  async restart(): Promise<System> {
    await this.stop();
    return System.open(this.folder, this.rows, this.settings, this.dcs);
  }

  private async stop(): Promise<void> {
    this.link.state = 'up';
    for (const kit of this.kits.values()) await kit.close();
    for (const { eventLog, ephemeral, blob, storage } of this.ports) {
      await eventLog.close();
      await ephemeral.close();
      await blob.close();
      await storage.close();
    }
  }
}

/** A busy machine takes its time. */
export const eventually = <T>(probe: () => T | Promise<T>): Promise<NonNullable<T>> => within(probe, { timeoutMs: 30_000 });

let nextPhone = 0;
/** A test number whose home that data center is, which nobody has. */
export const nextPhoneOf = (dc: number): string => `99966${dc}${String(1000 + nextPhone++)}`;

/** Somebody, as their gateway calls the services for them. */
export class Person {
  constructor(
    private readonly system: System, readonly dc: number, readonly id: number, readonly phone: string, private readonly secret: Uint8Array, readonly keyId = randomBytes(8).readBigUInt64LE(),
  ) {}

  /** The same, as they are in that data center and in that life of the system, with what their client remembers. */
  of(system: System, dc = this.dc): Person {
    return new Person(system, dc, this.id, this.phone, this.secret, this.keyId);
  }

  async call<M extends keyof Api>(owner: string, request: Api[M]['request'] & { _: M }, at = this.dc, keyId = this.keyId): Promise<Api[M]['result']> {
    const { outcome } = await this.system.kit(at).kit('gateway').client(ClientApiService, { owner }).invoke({
      query: writeObject(request as Api['updates.getState']['request'], 'newest'),
      caller: create(CallerSchema, { userId: BigInt(this.id), dc: at, authKeyId: keyId, sessionId: 1n, layer: 229, ip: '127.0.0.1' }),
    }, { deadlineMs: 20_000 });
    if (outcome.case === 'error') throw new Error(outcome.value.message);
    return readResult(request._, outcome.value as Uint8Array) as Api[M]['result'];
  }

  peer(other: Person): InputPeerUser {
    return { _: 'inputPeerUser', user_id: other.id, access_hash: accessHash(this.secret, this.id, 'user', other.id) };
  }

  channelPeer(channel_id: number): InputPeerChannel {
    return { _: 'inputPeerChannel', channel_id, access_hash: accessHash(this.secret, this.id, 'channel', channel_id) };
  }

  async send(to: Person, message: string): Promise<void> {
    await this.call('message-store', { _: 'messages.sendMessage', peer: this.peer(to), message, random_id: randomBytes(8).readBigInt64LE() });
  }

  async history(other: Person): Promise<TypeMessage[]> {
    const answer = await this.call('message-store', { _: 'messages.getHistory', peer: this.peer(other), offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n });
    return answer._ === 'messages.messagesNotModified' ? [] : answer.messages;
  }

  /** Oldest first. */
  async texts(other: Person): Promise<string[]> {
    return (await this.history(other)).map((message) => (message._ === 'message' ? message.message : message._)).reverse();
  }

  async sees(other: Person): Promise<User | undefined> {
    const [user] = await this.call('users', { _: 'users.getUsers', id: [{ ...this.peer(other), _: 'inputUser' }] });
    return user as User | undefined;
  }

  async knows(other: Person, name = 'Saved'): Promise<void> {
    await this.call('users', { _: 'contacts.importContacts', contacts: [{ _: 'inputPhoneContact', client_id: 1n, phone: other.phone, first_name: name, last_name: '' }] });
  }

  /** Makes a key known to a data center, as a handshake there does. */
  async storeKey(dc = this.dc, authKeyId = this.keyId, authKey: Uint8Array = randomBytes(256)): Promise<void> {
    await this.system.kit(dc).kit('gateway').client(AuthKeyService).storeKey({ authKey, authKeyId });
  }

  /** Logs this person's key in, by the code of a test number. */
  async logIn(): Promise<void> {
    await this.storeKey();
    await this.enterCode(this.keyId);
  }

  private async enterCode(keyId: bigint): Promise<void> {
    const sent = await this.call('auth', { _: 'auth.sendCode', phone_number: this.phone, api_id: 1, api_hash: '0', settings: { _: 'codeSettings' } }, this.dc, keyId);
    if (sent._ !== 'auth.sentCode') throw new Error(sent._);
    await this.call('auth', { _: 'auth.signIn', phone_number: this.phone, phone_code_hash: sent.phone_code_hash, phone_code: (this.phone[5] as string).repeat(5) }, this.dc, keyId);
  }

  /** A client of this person at the gateway of his data center, under a key of its own (or that of an earlier one), which is pushed to from now on. */
  async connect(key?: ClientKey): Promise<Device> {
    const keyed = key ?? await this.newKey();
    const updates: TypeUpdates[] = [];
    const client = await connectLoadClient({
      ...this.system.addressOf(this.dc), cipher: (cipher ??= createPacketCipher({ slots: 64 })), key: keyed, publicPem: '', fingerprint: 0n, onMessage: (body) => void updates.push(readObject(Buffer.from(body), 'Updates')),
    });
    const device = new Device(client, updates);
    await device.call({ _: 'updates.getState' });
    return device;
  }

  private async newKey(): Promise<ClientKey> {
    const authKey = randomBytes(256);
    const keyId = authKeyId(authKey);
    await this.storeKey(this.dc, keyId, authKey);
    await this.enterCode(keyId);
    return { authKey, keyId, serverSalt: 0n };
  }

  /** Who is logged in under a key, as the gateways of a data center are told. */
  async userOf(dc: number, authKeyId = this.keyId): Promise<{ userId: number; homeDc: number }> {
    const { userId, homeDc } = await this.system.kit(dc).kit('gateway').client(AuthKeyService).findKey({ authKeyId });
    return { userId: Number(userId), homeDc };
  }

  /** Collects what is pushed to this person from now on. */
  async listen(): Promise<Push[]> {
    const pushes: Push[] = [];
    const id = BigInt(this.id);
    let attached = false;
    const stream = this.system.kit(this.dc).kit('gateway').client(FanoutService).attach(announce(id));
    void (async () => {
      for await (const frame of stream) {
        attached = true;
        pushes.push(...frame.pushes);
      }
    })().catch(() => {});
    await eventually(() => attached);
    return pushes;
  }
}

let cipher: PacketCipher | undefined;

/** A client on a real connection. */
export class Device {
  /** `updates`: whatever it was pushed, oldest first. */
  constructor(private readonly client: LoadClient, readonly updates: readonly TypeUpdates[]) {}

  get key(): ClientKey {
    return this.client.key;
  }

  /** Rejects with RpcFailure. */
  async call<M extends keyof Api>(request: Api[M]['request'] & { _: M }): Promise<Api[M]['result']> {
    const query = writeObject(request as Api['updates.getState']['request'], 'newest');
    const initialised = {
      _: 'invokeWithLayer', layer: 229, query: writeObject({ _: 'initConnection', api_id: 1, device_model: 'test', system_version: '1', app_version: '1', system_lang_code: 'en', lang_pack: '', lang_code: 'en', query } as never, 'newest'),
    };
    return readResult(request._, await this.client.call(writeObject(initialised as never, 'newest'))) as Api[M]['result'];
  }

  /** All updates of that kind that it was pushed. */
  of<K extends TypeUpdate['_']>(kind: K): Extract<TypeUpdate, { _: K }>[] {
    const all = this.updates.flatMap((pushed) => (pushed._ === 'updates' ? pushed.updates : pushed._ === 'updateShort' ? [pushed.update] : []));
    return all.filter((update): update is Extract<TypeUpdate, { _: K }> => update._ === kind);
  }

  /** Texts of the messages of channels that it was pushed. */
  get said(): string[] {
    return this.of('updateNewChannelMessage').flatMap(({ message }) => (message._ === 'message' ? [message.message] : []));
  }

  close(): void {
    this.client.close();
  }
}

async function* announce(id: bigint): AsyncGenerator<{ gatewayId: string; usersAdded: bigint[] }> {
  yield { gatewayId: `test-${id}`, usersAdded: [id] };
  await new Promise(() => {});
}

/** `what 3`, `what 4`, … */
export const numbered = (from: number, count: number, what: string): string[] => Array.from({ length: count }, (_, index) => `${what} ${from + index}`);
