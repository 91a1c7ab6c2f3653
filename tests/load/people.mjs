// Signed-up people on the load client: each has a connection, an id and the means to address others.
import { createRequire } from 'node:module';
import { inParallel } from './system.mjs';

const require = createRequire(import.meta.url);
const { connectLoadClient } = require('../../libs/mtproto/dist/load-client.js');
const { createPacketCipher } = require('../../libs/mtproto/dist/packet/wasm-cipher.js');
const { readResult } = require('../../libs/tl/dist/reader.js');
const { writeObject } = require('../../libs/tl/dist/writer.js');

const LAYER = 229;
/** Connections leave from 127.0.0.2 … 127.0.0.250, so that ports and per-address limits do not end a run. */
const ADDRESSES = 249;

export const cipher = createPacketCipher({ slots: 40_000 });

/** TL bytes of a request. */
export const query = (request) => writeObject(request, 'newest');

const firstQuery = (request) => query({
  _: 'invokeWithLayer', layer: LAYER, query: query({
    _: 'initConnection', api_id: 1, device_model: 'load', system_version: '1', app_version: '1', system_lang_code: 'en', lang_pack: '', lang_code: 'en', query: query(request),
  }),
});

export function connectTo(dc, index, extra = {}) {
  return connectLoadClient({
    host: dc.host, port: dc.port, cipher, publicPem: dc.publicKey, fingerprint: BigInt.asUintN(64, BigInt(dc.fingerprint)), localAddress: `127.0.0.${2 + (index % ADDRESSES)}`, ...extra,
  });
}

/** Calls a method; resolves with the read result. */
export async function ask(client, request, first = false) {
  return readResult(request._, await client.call(first ? firstQuery(request) : query(request)));
}

/** @returns {Promise<{client, id, phone, index}[]>} `count` people, made `width` at a time */
export async function signUp(dc, count, { width = 32, onMessage, offset = 0 } = {}) {
  const people = new Array(count);
  await inParallel(count, width, async (position) => {
    const index = position + offset;
    const phone = `99966${dc.id}${String(index).padStart(4, '0')}`;
    const code = String(dc.id).repeat(5);
    const person = { index, phone, client: undefined, id: 0 };
    const client = await connectTo(dc, index, { onMessage: onMessage && ((body) => onMessage(person, body)) });
    person.client = client;
    const sent = await ask(client, { _: 'auth.sendCode', phone_number: phone, api_id: 1, api_hash: 'load', settings: { _: 'codeSettings' } }, true);
    let answer = await ask(client, { _: 'auth.signIn', phone_number: phone, phone_code_hash: sent.phone_code_hash, phone_code: code });
    if (answer._ === 'auth.authorizationSignUpRequired') answer = await ask(client, { _: 'auth.signUp', phone_number: phone, phone_code_hash: sent.phone_code_hash, first_name: `Load ${index}`, last_name: '' });
    person.id = answer.user.id;
    await ask(client, { _: 'updates.getState' });
    people[position] = person;
  });
  return people;
}

/** The InputPeer by which `from` addresses `to`. */
export async function introduce(from, to) {
  const answer = await ask(from.client, { _: 'contacts.importContacts', contacts: [{ _: 'inputPhoneContact', client_id: 1n, phone: to.phone, first_name: `Load ${to.index}`, last_name: '' }] });
  const user = answer.users.find((candidate) => candidate.id === to.id);
  return { _: 'inputPeerUser', user_id: user.id, access_hash: user.access_hash };
}
