import { create } from '@bufbuild/protobuf';
import { makeDataKey } from '@heliograph/crypto/data-key';
import { ContentSchema, MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { openContent, openDraft, sealContent, sealDraft, type MessageContent } from './content';
import { dialogScope } from './dialog-key';
import { TOKEN_BYTES } from './search-words';

const key = makeDataKey('dialog:3:5', 1, new Uint8Array(32).fill(7));
const content: MessageContent = { _: 'heliograph.messageContent', message: 'see example.com', entities: [{ _: 'messageEntityUrl', offset: 4, length: 11 }] };
const recordOf = (peer: number, sealed: Uint8Array) => create(MessageRecordSchema, { peer: BigInt(peer), content: create(ContentSchema, { sealed }) });

describe('sealContent', () => {
  it('opens on both sides of the dialog as it was', () => {
    const { sealed, mediaClass, service } = sealContent(key, 5, 3, content);
    expect(openContent(key, 3, recordOf(5, sealed))).toEqual(content);
    expect(openContent(key, 5, recordOf(3, sealed))).toEqual(content);
    expect({ mediaClass, service }).toEqual({ mediaClass: 1, service: false });
    expect(Buffer.from(sealed).includes('example')).toBe(false);
  });

  it('does not open in another dialog, or changed', () => {
    const { sealed } = sealContent(key, 5, 3, content);
    expect(() => openContent(key, 3, recordOf(7, sealed))).toThrow();
    const changed = Uint8Array.from(sealed);
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(() => openContent(key, 3, recordOf(5, changed))).toThrow();
  });

  it('marks words and classes without showing them', () => {
    const { tokens } = sealContent(key, 5, 3, content);
    const words = ['\u0001class:1', 'see', 'example', 'com'];
    expect(Buffer.from(tokens)).toEqual(Buffer.concat(words.map((word) => key.token(word))));
    expect(sealContent(key, 5, 3, { ...content, message: Array.from({ length: 200 }, (_, i) => `w${i}`).join(' ') }).tokens).toHaveLength(64 * TOKEN_BYTES);
  });

  it('tells service messages', () => {
    expect(sealContent(key, 5, 3, { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionPinMessage' } })).toMatchObject({ service: true, mediaClass: 0 });
  });
});

test('a dialog has one scope, whoever looks', () => {
  expect(dialogScope(9, 10)).toBe('dialog:9:10');
  expect(dialogScope(10, 9)).toBe('dialog:9:10');
});

test('a draft opens for its owner and dialog only', () => {
  const sealed = sealDraft(key, 3, 5, { _: 'heliograph.draft', message: 'half', date: 9 });
  expect(openDraft(key, 3, 5, sealed)).toEqual({ _: 'draftMessage', message: 'half', date: 9 });
  expect(() => openDraft(key, 3, 7, sealed)).toThrow();
  expect(() => openDraft(key, 5, 3, sealed)).toThrow();
});
