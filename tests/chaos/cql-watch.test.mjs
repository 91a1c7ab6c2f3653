import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CqlWatch } from './cql-watch.mjs';

const frame = (stream, opcode, body) => {
  const bytes = Buffer.alloc(9 + body.length);
  bytes[0] = 4;
  bytes.writeInt16BE(stream, 2);
  bytes[4] = opcode;
  bytes.writeUInt32BE(body.length, 5);
  body.copy(bytes, 9);
  return bytes;
};
const longText = (text) => {
  const bytes = Buffer.alloc(4 + text.length);
  bytes.writeUInt32BE(text.length);
  bytes.write(text, 4);
  return bytes;
};
const shortBytes = (bytes) => Buffer.concat([Buffer.from([0, bytes.length]), bytes]);
const prepared = (id) => Buffer.concat([Buffer.from([0, 0, 0, 4]), shortBytes(id)]);
const RESULT = 8;

function connection(id = 1) {
  return { id, resets: 0, reset() { this.resets += 1; } };
}
const idOf = (text) => Buffer.from(text);

/** Prepares a statement over a connection. */
function prepare(watch, link, stream, text, id) {
  watch.tap.there(frame(stream, 9, longText(text)), link);
  assert.equal(watch.tap.back(frame(stream, RESULT, prepared(id)), link), true);
}

test('the answer to a prepared conditional write is lost, and the connection ends', () => {
  const watch = new CqlWatch();
  const link = connection();
  prepare(watch, link, 1, 'INSERT INTO phones (phone, user) VALUES (?, ?) IF NOT EXISTS', idOf('cond'));
  watch.lose(1);
  watch.tap.there(frame(2, 10, shortBytes(idOf('cond'))), link);
  assert.equal(watch.tap.back(frame(2, RESULT, Buffer.alloc(4)), link), false);
  assert.deepEqual([link.resets, watch.seen, watch.lost, watch.pending], [1, 1, 1, 0]);
  // The next one is answered.
  watch.tap.there(frame(3, 10, shortBytes(idOf('cond'))), link);
  assert.equal(watch.tap.back(frame(3, RESULT, Buffer.alloc(4)), link), true);
});

test('reads, plain writes and statements of other connections are left alone', () => {
  const watch = new CqlWatch();
  const link = connection();
  prepare(watch, link, 1, 'SELECT a FROM notifications WHERE if_any = ?', idOf('read'));
  prepare(watch, link, 2, 'INSERT INTO box_log (box) VALUES (?) USING TIMESTAMP ?', idOf('plain'));
  prepare(watch, link, 3, 'UPDATE claims SET owner = ? WHERE k = ? IF owner = ?', idOf('cas'));
  watch.lose(5);
  for (const id of ['read', 'plain']) {
    watch.tap.there(frame(7, 10, shortBytes(idOf(id))), link);
    assert.equal(watch.tap.back(frame(7, RESULT, Buffer.alloc(4)), link), true);
  }
  // A statement has one id whoever prepared it.
  const other = connection(2);
  watch.tap.there(frame(7, 10, shortBytes(idOf('cas'))), other);
  assert.equal(watch.tap.back(frame(7, RESULT, Buffer.alloc(4)), other), false);
  assert.deepEqual([link.resets, other.resets], [0, 1]);
});

test('frames may come in any pieces', () => {
  const watch = new CqlWatch();
  const link = connection();
  const pieces = (bytes, pass) => {
    let last = true;
    for (let at = 0; at < bytes.length; at += 3) last = pass(bytes.subarray(at, at + 3)) !== false;
    return last;
  };
  pieces(frame(1, 9, longText('DELETE FROM usernames WHERE name = ? IF owner = ?')), (chunk) => watch.tap.there(chunk, link));
  pieces(frame(1, RESULT, prepared(idOf('del'))), (chunk) => watch.tap.back(chunk, link));
  watch.lose(1);
  pieces(Buffer.concat([frame(4, 5, Buffer.alloc(0)), frame(5, 10, shortBytes(idOf('del')))]), (chunk) => watch.tap.there(chunk, link));
  assert.equal(pieces(Buffer.concat([frame(4, 6, Buffer.alloc(2)), frame(5, RESULT, Buffer.alloc(4))]), (chunk) => watch.tap.back(chunk, link)), false);
  assert.equal(watch.lost, 1);
});
