import { AFTER_MESSAGES_MAX, CLIENT_TEXT_CHARS_MAX, INIT_PARAMS_DEPTH_MAX, WRAPPERS_MAX } from '../limits';
import { CONSTRUCTOR } from './constructors';
import { MalformedError, TlCursor } from './tl-cursor';

/** What initConnection says about the client. */
export interface ClientDescription {
  apiId: number;
  deviceModel: string;
  systemVersion: string;
  appVersion: string;
  systemLangCode: string;
  langPack: string;
  langCode: string;
}

/** What the wrappers around a query say. */
export interface Wrapping {
  layer?: number;
  client?: ClientDescription;
  withoutUpdates?: boolean;
  after?: bigint[];
  /** A wrapper that refers to something that doesn't exist here: the error that the query gets. */
  refusal?: string;
  /** Wrappers taken off so far. */
  depth: number;
  /** Set once a gzip_packed was met; a second one is malformed. */
  packed?: boolean;
}

/**
 * Takes the wrappers off a query, in any order, into `into`. Returns the rest: a method's bytes, or a gzip_packed, after which
 * the caller calls again with what was inside. Throws MalformedError. Source: core.telegram.org/api/invoking
 */
export function unwrap(body: Uint8Array, into: Wrapping): Uint8Array {
  const cursor = new TlCursor(body);
  for (;;) {
    const start = cursor.offset;
    switch (cursor.uint32()) {
      case CONSTRUCTOR.invokeWithLayer:
        into.layer = cursor.int32();
        break;
      case CONSTRUCTOR.initConnection:
        into.client = readClient(cursor);
        break;
      case CONSTRUCTOR.invokeWithoutUpdates:
        into.withoutUpdates = true;
        break;
      case CONSTRUCTOR.invokeAfterMsg:
        waitFor(into, [cursor.long()]);
        break;
      case CONSTRUCTOR.invokeAfterMsgs:
        waitFor(into, cursor.longs(AFTER_MESSAGES_MAX));
        break;
      case CONSTRUCTOR.invokeWithMessagesRange:
        // Only an export (takeout) may ask for less than all that messages.getSplitRanges tells of.
        if (!isWholeRange(cursor)) into.refusal ??= 'TAKEOUT_REQUIRED';
        break;
      case CONSTRUCTOR.invokeWithTakeout:
        cursor.long();
        into.refusal ??= 'TAKEOUT_INVALID';
        break;
      case CONSTRUCTOR.invokeWithBusinessConnection:
        cursor.stringField();
        into.refusal ??= 'CONNECTION_ID_INVALID';
        break;
      case CONSTRUCTOR.invokeWithGooglePlayIntegrity:
      case CONSTRUCTOR.invokeWithApnsSecret:
        // Proofs of a genuine app: nothing here depends on one.
        cursor.stringField();
        cursor.stringField();
        break;
      case CONSTRUCTOR.invokeWithReCaptcha:
        cursor.stringField();
        break;
      default:
        return body.subarray(start);
    }
    if (++into.depth > WRAPPERS_MAX) throw new MalformedError('too many wrappers');
  }
}

/** Reads a messageRange; whether it has every message id. */
function isWholeRange(cursor: TlCursor): boolean {
  if (cursor.uint32() !== CONSTRUCTOR.messageRange) throw new MalformedError('messageRange expected');
  const [minId, maxId] = [cursor.int32(), cursor.int32()];
  return minId <= 1 && maxId === 0x7fffffff;
}

function waitFor(into: Wrapping, ids: readonly bigint[]): void {
  const after = (into.after ??= []);
  if (after.length + ids.length > AFTER_MESSAGES_MAX) throw new MalformedError('waits for too many messages');
  after.push(...ids);
}

function readClient(cursor: TlCursor): ClientDescription {
  const flags = cursor.uint32();
  const client: ClientDescription = {
    apiId: cursor.int32(), deviceModel: clientText(cursor), systemVersion: clientText(cursor), appVersion: clientText(cursor),
    systemLangCode: clientText(cursor), langPack: clientText(cursor), langCode: clientText(cursor),
  };
  if (flags & 1) {
    if (cursor.uint32() !== CONSTRUCTOR.inputClientProxy) throw new MalformedError('inputClientProxy expected');
    cursor.bytesField();
    cursor.skip(4);
  }
  if (flags & 2) skipJson(cursor, 0);
  return client;
}

const clientText = (cursor: TlCursor): string => cursor.stringField().slice(0, CLIENT_TEXT_CHARS_MAX);

function skipJson(cursor: TlCursor, depth: number): void {
  if (depth > INIT_PARAMS_DEPTH_MAX) throw new MalformedError('JSON too deep');
  switch (cursor.uint32()) {
    case CONSTRUCTOR.jsonNull:
      return;
    case CONSTRUCTOR.jsonBool:
      return cursor.skip(4);
    case CONSTRUCTOR.jsonNumber:
      return cursor.skip(8);
    case CONSTRUCTOR.jsonString:
      cursor.bytesField();
      return;
    case CONSTRUCTOR.jsonArray:
      for (let count = jsonCount(cursor); count > 0; count--) skipJson(cursor, depth + 1);
      return;
    case CONSTRUCTOR.jsonObject:
      for (let count = jsonCount(cursor); count > 0; count--) {
        if (cursor.uint32() !== CONSTRUCTOR.jsonObjectValue) throw new MalformedError('jsonObjectValue expected');
        cursor.bytesField();
        skipJson(cursor, depth + 1);
      }
      return;
    default:
      throw new MalformedError('JSONValue expected');
  }
}

function jsonCount(cursor: TlCursor): number {
  if (cursor.uint32() !== CONSTRUCTOR.vector) throw new MalformedError('vector expected');
  const count = cursor.uint32();
  if (count * 4 > cursor.remaining) throw new MalformedError('vector too long');
  return count;
}
