/** Users as their viewers see them that a gateway remembers. At the limit the oldest tenth goes. */
export const DRESSED_USERS_MAX = 100_000;
/** How long a remembered view may be served; presence shown in it is that old at most. */
export const DRESSED_USER_TTL_MS = 10_000;
/** Basic groups and channels as their viewers see them that a gateway remembers. At the limit the oldest tenth goes. */
export const DRESSED_CHATS_MAX = 100_000;
/** How long such a view may be served, unless an update tells the viewer of a change; what a viewer's own other session did without an update is that late at most. */
export const DRESSED_CHAT_TTL_MS = 10_000;
/** Users, and channels, as everybody may see them that a gateway remembers. At the limit all are forgotten. */
export const DRESSED_MIN_PEERS_MAX = 20_000;
/** Users, or groups, fetched in one call; more are fetched in several. */
export const VIEWS_PER_CALL_MAX = 200;
/** How long is waited before another data center is asked again for the secret of its access hashes. */
export const ACCESS_SECRET_RETRY_MS = 2_000;
/** Peers named by messages that one request may have; the others are refused as wrong hashes are. */
export const FROM_MESSAGE_PEERS_MAX = 100;
/** Access hashes remembered under one secret, so that the next use of the same peer is not computed. At the limit the least used half goes. */
export const ACCESS_HASHES_CACHED_MAX = 32_768;
