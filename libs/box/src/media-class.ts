import type { HeliographMessageContent, TypeMessageEntity, TypeMessageMedia, TypeMessagesFilter } from '@heliograph/tl/api';

/** What a message carries, as search filters ask for it. Bits of Content.media_class; stored for ever: bits are added, never moved. */
export const MediaClass = {
  url: 1 << 0,
  photo: 1 << 1,
  video: 1 << 2,
  document: 1 << 3,
  gif: 1 << 4,
  voice: 1 << 5,
  roundVideo: 1 << 6,
  music: 1 << 7,
  contact: 1 << 8,
  geo: 1 << 9,
  poll: 1 << 10,
  phoneCall: 1 << 11,
} as const;

const LINKS: ReadonlySet<TypeMessageEntity['_']> = new Set<TypeMessageEntity['_']>(['messageEntityUrl', 'messageEntityTextUrl', 'messageEntityEmail']);

/** Bit set of MediaClass. */
export function mediaClass(content: HeliographMessageContent): number {
  let bits = content.entities?.some((entity) => LINKS.has(entity._)) ? MediaClass.url : 0;
  if (content.action?._ === 'messageActionPhoneCall') bits |= MediaClass.phoneCall;
  return bits | classOfMedia(content.media);
}

function classOfMedia(media: TypeMessageMedia | undefined): number {
  switch (media?._) {
    case 'messageMediaPhoto':
      return MediaClass.photo;
    case 'messageMediaWebPage':
      return MediaClass.url;
    case 'messageMediaContact':
      return MediaClass.contact;
    case 'messageMediaGeo':
    case 'messageMediaGeoLive':
    case 'messageMediaVenue':
      return MediaClass.geo;
    case 'messageMediaPoll':
      return MediaClass.poll;
    case 'messageMediaDocument':
      return media.document?._ === 'document' ? classOfDocument(media.document.attributes) : MediaClass.document;
    default:
      return 0;
  }
}

function classOfDocument(attributes: readonly { _: string; voice?: boolean; round_message?: boolean }[]): number {
  let bits = 0;
  for (const attribute of attributes) {
    if (attribute._ === 'documentAttributeAnimated') return MediaClass.gif;
    if (attribute._ === 'documentAttributeAudio') bits |= attribute.voice ? MediaClass.voice : MediaClass.music;
    if (attribute._ === 'documentAttributeVideo') bits |= attribute.round_message ? MediaClass.roundVideo : MediaClass.video;
  }
  return bits || MediaClass.document;
}

/** Classes that a filter lets through; 0: all. Undefined: a filter that is not about classes (pinned, mentions, group photos). */
export function classesOfFilter(filter: TypeMessagesFilter): number | undefined {
  switch (filter._) {
    case 'inputMessagesFilterEmpty':
      return 0;
    case 'inputMessagesFilterPhotos':
      return MediaClass.photo;
    case 'inputMessagesFilterVideo':
      return MediaClass.video;
    case 'inputMessagesFilterPhotoVideo':
      return MediaClass.photo | MediaClass.video;
    case 'inputMessagesFilterDocument':
      return MediaClass.document;
    case 'inputMessagesFilterUrl':
      return MediaClass.url;
    case 'inputMessagesFilterGif':
      return MediaClass.gif;
    case 'inputMessagesFilterVoice':
      return MediaClass.voice;
    case 'inputMessagesFilterRoundVideo':
      return MediaClass.roundVideo;
    case 'inputMessagesFilterRoundVoice':
      return MediaClass.roundVideo | MediaClass.voice;
    case 'inputMessagesFilterMusic':
      return MediaClass.music;
    case 'inputMessagesFilterContacts':
      return MediaClass.contact;
    case 'inputMessagesFilterGeo':
      return MediaClass.geo;
    case 'inputMessagesFilterPoll':
      return MediaClass.poll;
    case 'inputMessagesFilterPhoneCalls':
      return MediaClass.phoneCall;
    default:
      return undefined;
  }
}
