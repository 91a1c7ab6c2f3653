/**
 * Boxes by number, which is also how peers are told apart everywhere inside: a user's is the user's id, a basic group's is below zero, a channel's is below
 * CHANNELS_BELOW, as the Bot API writes them (docs/adr/0013-groups-and-channels.md).
 */
const CHANNELS_BELOW = -1_000_000_000_000;
/** An id names the DC that it was made in by its remainder; CHANNELS_BELOW is a multiple of it, so a box does as well. */
const DC_COUNT = 32;

/** The box of a basic group. */
export const groupBox = (chatId: number): number => -chatId;
export const isGroupBox = (box: number): boolean => box < 0 && box > CHANNELS_BELOW;

/** The box of a channel, and the channel of a box. */
export const channelBox = (channelId: number): number => CHANNELS_BELOW - channelId;
export const channelOfBox = (box: number): number => CHANNELS_BELOW - box;
export const isChannelBox = (box: number): boolean => box < CHANNELS_BELOW;

/** The box of a basic group or of a channel: several people's. */
export const isSharedBox = (box: number): boolean => box < 0;

/**
 * The part of Saved Messages that holds what was forwarded from a chat (the owner: what was not), as a dialog beside the others: the same messages once more, in
 * rows of its own. Users are below 2^41, other boxes above −2^41, so that no peer is one.
 */
const SAVED_PARTS = 2 ** 51;
export const savedPart = (peer: number): number => SAVED_PARTS + peer;
export const isSavedPart = (peer: number): boolean => peer > SAVED_PARTS / 2;
export const peerOfSavedPart = (part: number): number => part - SAVED_PARTS;
/** The peer folder that holds all parts, and nothing else. */
export const SAVED_PARTS_FOLDER = 2;

/** Home DC of a user, a basic group or a channel, by its id or its box. */
export const homeDcOf = (id: number): number => Math.abs(id) % DC_COUNT;
