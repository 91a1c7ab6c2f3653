import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startStandalone, type RunningStandalone } from '@heliograph/testing/standalone';
import { tempFolder } from '@heliograph/testing/temp-folder';
import { Person, type Gateway } from '../client/person';
import { codeSecret, describeLeak, keySecret, phoneSecret, scanBytes, scanFolder, textSecret, type Secret } from '@heliograph/testing/leak-scanner';
import type { KnownUser } from '../requests/sample-requests';
import type { Row } from '../report';
import { gatewaysOf, type Stage } from '../stage';

/** A word that occurs nowhere by chance. */
const canary = (what: string): string => `${what}${randomBytes(6).toString('hex')}`;

/** What was said to the system and must be found nowhere on disk. */
class Secrets {
  readonly all: Secret[] = [];

  text(name: string): string {
    const text = canary(name);
    this.all.push(textSecret(name, text));
    return text;
  }

  phone(digits: string): string {
    this.all.push(phoneSecret('a phone number', digits));
    return digits;
  }

  code(code: string): void {
    this.all.push(codeSecret('a login code', code));
  }

  key(person: Person): void {
    this.all.push(keySecret('an auth key', person.session.key.bytes));
  }
}

/** Everything that people do with what must stay private. Usernames are public: none is set. */
async function traffic(gateway: Gateway, outbox: string, secrets: Secrets): Promise<void> {
  const testPhone = (): string => secrets.phone(`99966${gateway.id}${String(randomInt(10_000)).padStart(4, '0')}`);
  const alice = await Person.signUp(gateway, testPhone(), secrets.text('firstname'), { lastName: secrets.text('lastname') });
  const bob = await Person.signUp(gateway, testPhone(), secrets.text('firstname'), { lastName: secrets.text('lastname') });
  for (const person of [alice, bob]) secrets.key(person);
  await alice.call('account.updateProfile', { about: secrets.text('bio'), first_name: secrets.text('renamed') });
  const bobForAlice = await alice.meet({ ...bob, firstName: secrets.text('contactname') });
  const aliceForBob = await bob.meet({ ...alice, firstName: secrets.text('contactname') });
  await alice.call('contacts.addContact', { id: { _: 'inputUser', ...bobForAlice }, first_name: secrets.text('contactname'), last_name: secrets.text('contactlast'), phone: '' });
  const peer = { _: 'inputPeerUser' as const, ...bobForAlice };
  const id = await alice.send(bobForAlice, `${secrets.text('message')} said aloud`);
  await bob.send(aliceForBob, secrets.text('answer'));
  await alice.send('self', secrets.text('note'));
  const random = (): bigint => randomBytes(8).readBigInt64LE(0);
  const quoted = secrets.text('quoted');
  const original = await alice.send(bobForAlice, `before ${quoted} after`);
  await alice.call('messages.sendMessage', { peer, message: secrets.text('reply'), random_id: random(), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: original, quote_text: quoted } });
  const linked = secrets.text('linked');
  await alice.call('messages.sendMessage', { peer, message: `see ${linked}`, random_id: random(), entities: [{ _: 'messageEntityTextUrl', offset: 4, length: linked.length, url: `https://${secrets.text('url')}.example/` }] });
  await alice.call('messages.editMessage', { peer, id, message: secrets.text('edited') });
  await alice.call('messages.forwardMessages', { from_peer: peer, id: [original], random_id: [random()], to_peer: { _: 'inputPeerSelf' } });
  await alice.call('messages.saveDraft', { peer, message: secrets.text('draft') });
  const deleted = await alice.send(bobForAlice, secrets.text('deleted'));
  await alice.call('messages.deleteMessages', { id: [deleted], revoke: true });
  await alice.call('messages.search', { peer, q: secrets.text('searched'), filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n });
  await alice.call('messages.updatePinnedMessage', { peer, id: original });
  await alice.call('contacts.importContacts', { contacts: [{ _: 'inputPhoneContact', client_id: 2n, phone: `+${secrets.phone(`4477${randomInt(10_000_000, 99_999_999)}`)}`, first_name: secrets.text('stranger'), last_name: secrets.text('strangerlast') }] });
  await alice.call('messages.getHistory', { peer, offset_id: 0, offset_date: 0, add_offset: 0, limit: 50, max_id: 0, min_id: 0, hash: 0n });
  await shareFolder(alice, secrets);
  await callSomething(alice, bobForAlice, secrets);
  await codeLogin(gateway, outbox, secrets);
  for (const person of [alice, bob]) person.close();
}

/** A folder of a channel, shared by a link. */
async function shareFolder(owner: Person, secrets: Secrets): Promise<void> {
  const made = await owner.call('channels.createChannel', { title: secrets.text('channeltitle'), about: secrets.text('channelabout'), broadcast: true });
  const channel = made._ === 'updates' ? made.chats.find((chat) => chat._ === 'channel') : undefined;
  assert.ok(channel?._ === 'channel' && channel.access_hash !== undefined);
  const peer = { _: 'inputPeerChannel' as const, channel_id: channel.id, access_hash: channel.access_hash };
  const title = { _: 'textWithEntities' as const, text: 'Shared', entities: [] };
  await owner.call('messages.updateDialogFilter', { id: 2, filter: { _: 'dialogFilter', id: 2, title, pinned_peers: [], include_peers: [peer], exclude_peers: [] } });
  await owner.call('chatlists.exportChatlistInvite', { chatlist: { _: 'inputChatlistDialogFilter', filter_id: 2 }, title: secrets.text('linktitle'), peers: [peer] });
}

/** What people of a basic group and of a supergroup are called there. */
async function callSomething(owner: Person, user: KnownUser, secrets: Secrets): Promise<void> {
  const { updates } = await owner.call('messages.createChat', { title: secrets.text('grouptitle'), users: [{ _: 'inputUser', ...user }] });
  const [chat] = updates._ === 'updates' ? updates.chats : [];
  const made = await owner.call('channels.createChannel', { title: secrets.text('supertitle'), about: '', megagroup: true });
  const channel = made._ === 'updates' ? made.chats.find((each) => each._ === 'channel') : undefined;
  assert.ok(chat?._ === 'chat' && channel?._ === 'channel' && channel.access_hash !== undefined);
  for (const peer of [{ _: 'inputPeerChat' as const, chat_id: chat.id }, { _: 'inputPeerChannel' as const, channel_id: channel.id, access_hash: channel.access_hash }]) {
    await owner.call('messages.editChatParticipantRank', { peer, participant: { _: 'inputPeerSelf' }, rank: secrets.text('tag') });
    await owner.call('messages.sendMessage', { peer, message: secrets.text('tagged'), random_id: randomBytes(8).readBigInt64LE(0) });
  }
}

/** An ordinary number: its code is sent, entered wrongly and rightly. */
async function codeLogin(gateway: Gateway, outbox: string, secrets: Secrets): Promise<void> {
  const phone = secrets.phone(`4477${randomInt(10_000_000, 99_999_999)}`);
  const person = await Person.connect(gateway);
  secrets.key(person);
  const hash = await person.sendCode(phone);
  const [{ code }] = (await (await fetch(`${outbox}?phone=${phone}`)).json()) as [{ code: string }];
  secrets.code(code);
  await person.attempt('auth.signIn', { phone_number: phone, phone_code_hash: hash, phone_code: code === '00000' ? '11111' : '00000' });
  await person.call('auth.signIn', { phone_number: phone, phone_code_hash: hash, phone_code: code });
  await person.call('auth.signUp', { phone_number: phone, phone_code_hash: hash, first_name: secrets.text('byCode'), last_name: '' });
  // A second login of somebody who has a session: the code comes as a message of the service account.
  const second = await Person.connect(gateway);
  secrets.key(second);
  const secondHash = await second.sendCode(phone);
  const history = await person.call('messages.getHistory', { peer: { _: 'inputPeerUser', user_id: 777_000, access_hash: await serviceHash(person) }, offset_id: 0, offset_date: 0, add_offset: 0, limit: 1, max_id: 0, min_id: 0, hash: 0n });
  const [notice] = 'messages' in history ? history.messages : [];
  const told = notice?._ === 'message' ? /\b(\d{5})\b/.exec(notice.message)?.[1] : undefined;
  if (told === undefined) throw new Error('no code came from the service account');
  secrets.code(told);
  await second.call('auth.signIn', { phone_number: phone, phone_code_hash: secondHash, phone_code: told });
  for (const each of [person, second]) each.close();
}

async function serviceHash(person: Person): Promise<bigint> {
  const dialogs = await person.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 20, hash: 0n });
  const user = 'users' in dialogs ? dialogs.users.find(({ id }) => Number(id) === 777_000) : undefined;
  if (user?._ !== 'user' || user.access_hash === undefined) throw new Error('the service account wrote nothing');
  return user.access_hash;
}

const nothing = (leaks: ReturnType<typeof scanBytes>): void => assert.deepEqual(leaks.map(describeLeak), []);

/** Takes what the process sends by OTLP. */
async function openCollector(): Promise<{ url: string; received(): Buffer; close(): void }> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
      response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => Buffer.concat(bodies), close: () => void server.close() };
}

/** Row 8 of the issue: what is private is found in no file of the data folder and in nothing that the process prints or sends to a collector. */
export function atRestRows(_stage: Stage): Row[] {
  const secrets = new Secrets();
  let folder: { path: string; remove(): void };
  let system: RunningStandalone;
  let collector: Awaited<ReturnType<typeof openCollector>>;
  const data = (): string => join(folder.path, 'data');
  const scan = (): string => {
    const { files, bytes, leaks } = scanFolder(data(), secrets.all);
    nothing(leaks);
    return `${files} files, ${(bytes / 1_048_576).toFixed(1)} MiB, ${secrets.all.length} secrets`;
  };
  const traffics = async (): Promise<void> => {
    const { gateways, outbox } = await gatewaysOf(system);
    await traffic(gateways[0] as Gateway, outbox, secrets);
  };
  return [
    {
      name: 'people sign up, write, edit, draft, search and log in, at log level debug',
      run: async () => {
        folder = tempFolder('at-rest');
        collector = await openCollector();
        system = await startStandalone({ folder: data(), env: { HELIOGRAPH_LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_METRIC_EXPORT_INTERVAL: '500', OTEL_METRIC_EXPORT_TIMEOUT: '500', OTEL_BSP_SCHEDULE_DELAY: '100' } });
        await traffics();
      },
    },
    {
      name: 'nothing private is in the data folder while it runs',
      run: async () => scan(),
    },
    {
      name: 'nothing private is in the data folder after kill −9',
      run: async () => {
        await system.kill();
        return scan();
      },
    },
    {
      name: 'nothing private is in the data folder after a restart, more traffic and SIGTERM',
      run: async () => {
        await system.restart();
        await traffics();
        await system.stop();
        return scan();
      },
    },
    {
      name: 'nothing private is in what the process printed',
      run: async () => {
        const output = system.output();
        assert.ok(output.length > 0);
        nothing(scanBytes('the output', Buffer.from(output), secrets.all));
        return `${output.length} characters`;
      },
    },
    {
      name: 'nothing private is in the traces, metrics and logs that it sent',
      run: async () => {
        const sent = collector.received();
        collector.close();
        assert.ok(sent.includes('messages.sendMessage') || sent.includes('Invoke'), `nothing of the traffic was traced in ${sent.length} bytes`);
        nothing(scanBytes('what was sent by OTLP', sent, secrets.all));
        return `${Math.round(sent.length / 1_024)} KiB`;
      },
    },
    {
      name: 'the same search finds a planted leak of each kind in a copy of the folder',
      run: async () => {
        const copy = join(folder.path, 'copy');
        cpSync(data(), copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
        const names = new Set(secrets.all.map(({ name }) => name));
        writeFileSync(join(copy, 'planted'), Buffer.concat(secrets.all.flatMap(({ forms }) => [Buffer.from(' '), forms[0]!.bytes, Buffer.from(' ')])));
        const found = new Set(scanFolder(copy, secrets.all).leaks.map(({ secret }) => secret));
        assert.deepEqual([...found].sort(), [...names].sort());
        folder.remove();
      },
    },
  ];
}

