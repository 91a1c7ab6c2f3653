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

/** Home DC of a user, a basic group or a channel, by its id or its box. */
export const homeDcOf = (id: number): number => Math.abs(id) % DC_COUNT;
