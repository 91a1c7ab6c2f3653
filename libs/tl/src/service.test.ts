import { readContainer, readService, writeContainer, writeRpcResult, writeService, type ServiceObject } from './service';
import { TlError } from './tl-error';

const nonce = new Uint8Array(16).fill(7);

test.each<ServiceObject>([
  { _: 'resPQ', nonce, server_nonce: nonce, pq: new Uint8Array([1, 2, 3]), server_public_key_fingerprints: [-5n, 6n] },
  { _: 'p_q_inner_data_temp_dc', pq: new Uint8Array(8), p: new Uint8Array(4), q: new Uint8Array(4), nonce, server_nonce: nonce, new_nonce: new Uint8Array(32), dc: -2, expires_in: 86400 },
  { _: 'server_DH_params_fail', nonce, server_nonce: nonce, new_nonce_hash: nonce },
  { _: 'bind_auth_key_inner', nonce: 1n, temp_auth_key_id: -1n, perm_auth_key_id: 2n, temp_session_id: 3n, expires_at: 4 },
  { _: 'msgs_ack', msg_ids: [1n, 2n] },
  { _: 'bad_server_salt', bad_msg_id: 1n, bad_msg_seqno: 2, error_code: 48, new_server_salt: 3n },
  { _: 'future_salts', req_msg_id: 1n, now: 2, salts: [{ _: 'future_salt', valid_since: 1, valid_until: 2, salt: 3n }, { _: 'future_salt', valid_since: 2, valid_until: 3, salt: -4n }] },
  { _: 'rpc_error', error_code: 400, error_message: 'PEER_ID_INVALID' },
  { _: 'ping_delay_disconnect', ping_id: 1n, disconnect_delay: 75 },
  { _: 'destroy_auth_key' },
])('$_ survives', (value) => {
  expect(readService(writeService(value))).toEqual(value);
});

test('ids are those of the protocol', () => {
  expect(Buffer.from(writeService({ _: 'msgs_ack', msg_ids: [] })).toString('hex')).toBe('59b4d66215c4b51c00000000');
  expect(Buffer.from(writeRpcResult(-2n, new Uint8Array([1, 2, 3, 4]))).toString('hex')).toBe('016d5cf3feffffffffffffff01020304');
});

test('a container is whole or refused', () => {
  const messages = [{ msgId: 4n, seqNo: 1, body: writeService({ _: 'ping', ping_id: 1n }) }, { msgId: 8n, seqNo: 2, body: writeService({ _: 'msgs_ack', msg_ids: [1n] }) }];
  const bytes = writeContainer(messages);
  expect(readContainer(bytes).map(({ msgId, seqNo, body }) => ({ msgId, seqNo, body: new Uint8Array(body) }))).toEqual(messages);
  for (let length = 0; length < bytes.length; length++) expect(() => readContainer(bytes.subarray(0, length))).toThrow(TlError);
  expect(() => readContainer(Buffer.concat([bytes, Buffer.alloc(4)]))).toThrow(TlError);
  expect(() => readContainer(writeContainer([{ msgId: 4n, seqNo: 1, body: new Uint8Array(6) }]))).toThrow(TlError);
});

test('what frames other bytes or is of the API is no service object', () => {
  expect(() => readService(writeContainer([]))).toThrow('INPUT_CONSTRUCTOR_INVALID_73F1F8DC');
  expect(() => readService(writeRpcResult(1n, new Uint8Array(4)))).toThrow(TlError);
  expect(() => readService(Buffer.from('c97eda7d', 'hex'))).toThrow(TlError);
});
