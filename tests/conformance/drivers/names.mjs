// Names and integers of the drivers' JSON.
export const toSnake = (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const toCamel = (key) => key.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
export const long = (value) => (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : `${value}n`);
export const isLongText = (value) => typeof value === 'string' && /^-?\d+n$/.test(value);

// Groups and channels are named by their marked ids in every driver: −chat_id, −(10¹² + channel_id).
const CHANNELS_BELOW = -1_000_000_000_000;
export const isChannel = (chat) => chat < CHANNELS_BELOW;
export const markedChannel = (id) => CHANNELS_BELOW - Number(id);

/** Operations on groups and on channels as one set: those that both have are told apart by the id they are given. */
export function byKind(groups, channels) {
  const both = Object.keys(channels).filter((name) => name in groups);
  const chosen = both.map((name) => [name, (args) => (isChannel(args.chat ?? args.peer ?? 0) ? channels : groups)[name](args)]);
  return { ...groups, ...channels, ...Object.fromEntries(chosen) };
}
