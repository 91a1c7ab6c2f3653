import type { TypeMessageMedia, TypeMessagesFilter } from '@heliograph/tl/api';
import { classesOfFilter, mediaClass, MediaClass } from './media-class';

const document = (...attributes: object[]): TypeMessageMedia => ({ _: 'messageMediaDocument', document: { _: 'document', attributes } }) as unknown as TypeMessageMedia;
const classOf = (media: TypeMessageMedia) => mediaClass({ _: 'heliograph.messageContent', message: '', media });

test.each([
  ['a photo', { _: 'messageMediaPhoto' } as TypeMessageMedia, MediaClass.photo],
  ['a file', document({ _: 'documentAttributeFilename' }), MediaClass.document],
  ['a video', document({ _: 'documentAttributeVideo' }), MediaClass.video],
  ['a round video', document({ _: 'documentAttributeVideo', round_message: true }), MediaClass.roundVideo],
  ['a GIF', document({ _: 'documentAttributeVideo' }, { _: 'documentAttributeAnimated' }), MediaClass.gif],
  ['a voice message', document({ _: 'documentAttributeAudio', voice: true }), MediaClass.voice],
  ['music', document({ _: 'documentAttributeAudio' }), MediaClass.music],
  ['a link preview', { _: 'messageMediaWebPage' } as TypeMessageMedia, MediaClass.url],
  ['a place', { _: 'messageMediaVenue' } as TypeMessageMedia, MediaClass.geo],
])('%s', (_name, media, expected) => {
  expect(classOf(media)).toBe(expected);
});

test.each<[filter: TypeMessagesFilter['_'], classes: number | undefined]>([
  ['inputMessagesFilterEmpty', 0],
  ['inputMessagesFilterPhotoVideo', MediaClass.photo | MediaClass.video],
  ['inputMessagesFilterUrl', MediaClass.url],
  ['inputMessagesFilterPinned', undefined],
  ['inputMessagesFilterMyMentions', undefined],
])('%s', (filter, classes) => {
  expect(classesOfFilter({ _: filter } as TypeMessagesFilter)).toBe(classes);
});
