/** Pushes that wait for one gateway. At the limit the queue is dropped and the stream ends: the gateway attaches again and lets its sessions ask for what they missed. */
export const GATEWAY_QUEUE_PUSHES_MAX = 20_000;
/** Bytes of updates that wait for one gateway; the same behaviour. */
export const GATEWAY_QUEUE_BYTES_MAX = 64 * 1024 * 1024;
/** Pushes in one frame; more go in the next. */
export const FRAME_PUSHES_MAX = 256;
/** Gateways attached to one replica, of other DCs too (for channels); one more is refused with RESOURCE_EXHAUSTED. */
export const GATEWAYS_MAX = 1_024;
/** Users and channels that one gateway may announce; a stream that announces more is ended with RESOURCE_EXHAUSTED. */
export const GATEWAY_USERS_MAX = 200_000;
/** Users and channels remembered as changed lately, and as many whose only session alone knows of its change; at the limit the oldest are forgotten. */
export const MISSED_USERS_MAX = 100_000;
/** How long after an update an announcement of its user counts as too late for it. Covers the way from a session's first query to here. */
export const MISSED_WINDOW_MS = 5_000;
/** How long a gateway that announces a channel is told who left it: longer than their own boxes, in whichever DC, mostly take to say so. */
export const LEFT_WINDOW_MS = 60_000;
/** Channels of which, and users of each of whom, that is remembered; at the limit the oldest are forgotten. */
export const LEFT_CHANNELS_MAX = 10_000;
export const LEFT_USERS_PER_CHANNEL_MAX = 200;
/** Channels of which it is remembered who wrote lately, and messages of each; of what is older everybody is told that it was read. */
export const AUTHORED_CHANNELS_MAX = 10_000;
export const AUTHORED_POSTS_PER_CHANNEL_MAX = 256;
/** Pushes of one Publish call; more: INVALID_ARGUMENT. */
export const PUBLISH_PUSHES_MAX = 1_000;
/** How long a slice of box-updates is followed after the last gateway left it. */
export const FEED_IDLE_MS = 60_000;
/** How often such slices are looked for. */
export const FEED_SWEEP_MS = 10_000;
/** Pause before a slice that cannot be read is followed anew: the first and the longest. */
export const FEED_RETRY_FIRST_MS = 100;
export const FEED_RETRY_LONGEST_MS = 5_000;
/** How long another replica may take over what was published here. */
export const PASS_ON_DEADLINE_MS = 1_000;
