/** Every bound of the gateway: name, number, unit, and what happens at it. */

/** Connections that the system keeps until the process accepts them. */
export const LISTEN_BACKLOG_CONNECTIONS = 4_096;
/** What one read of a socket takes at most, bytes; what is left waits in the system. */
export const RECEIVE_BUFFER_BYTES = 65_536;
/** How long a read waits for others under load, so that they are handled together. Half of what a delivery may take is left for the rest of its way. */
export const READ_BATCH_MS = 8;
/** Reads of other connections that READ_BATCH_MS must be likely to see; with fewer nothing waits. */
export const READ_BATCH_MIN_READS = 1;
/** Bytes that wait at the most; more are handled at once. */
export const READ_BATCH_BYTES_MAX = 65_536;
/** The rate of reads is counted over this time. */
export const READ_RATE_SLOT_MS = 100;
/** Connections of one process. One more is closed at once. */
export const CONNECTIONS_MAX = 20_000;
/** Connections from one address (IPv4, or IPv6 /64). One more is closed at once. Carriers put thousands of phones behind one address. */
export const CONNECTIONS_PER_ADDRESS_MAX = 16_000;
/** Milliseconds from accepting a connection to its first valid encrypted packet. Then it is closed. */
export const HANDSHAKE_TIMEOUT_MS = 60_000;
/** Milliseconds from the start until a thread for handshakes is made ready, which takes most of a second: not while the process has its start to do. */
export const HANDSHAKE_WARM_UP_DELAY_MS = 1_000;
/** Milliseconds from accepting a connection to its first complete packet, valid or not. Then it is closed. */
export const FIRST_PACKET_TIMEOUT_MS = 20_000;
/** Milliseconds between the first and the last byte of a packet. A slower sender is disconnected. */
export const PACKET_TIMEOUT_MS = 60_000;
/** Milliseconds without a byte from the client. Then its connection is closed; clients ping every minute. */
export const IDLE_TIMEOUT_MS = 15 * 60_000;
/** Seconds that ping_delay_disconnect may ask for; more counts as this. */
export const PING_DISCONNECT_DELAY_MAX_S = 15 * 60;
/** Milliseconds of one turn of the connection timer: deadlines are kept to within this. */
export const TIMER_TICK_MS = 1_000;
/** Turns that the timer looks ahead; later deadlines go round again. */
export const TIMER_BUCKETS = 128;

/** Bytes of packets that are not complete, or whose auth key is being looked up, over all connections. At the bound the connection that has been at it for longest is closed. */
export const INTAKE_BYTES_MAX = 256 * 1_048_576;
/** The same over all connections that haven't sent a valid packet under a key yet. */
export const INTAKE_BYTES_UNPROVEN_MAX = 64 * 1_048_576;
/** The same over all connections from one address (IPv4, or IPv6 /64). At the bound the connection that sends more is closed. */
export const INTAKE_BYTES_PER_ADDRESS_MAX = 128 * 1_048_576;
/** Bytes of one connection up to which they count for the process only, and never make it the one to close. */
export const INTAKE_SMALL_BYTES = 4_096;
/** Packets, and their bytes, that one connection may send while its auth key is being looked up. Reading stops meanwhile; at the bound the connection is closed. */
export const WAITING_PACKETS_MAX = 128;
export const WAITING_PACKET_BYTES_MAX = 2 * 1_048_576;
/** Milliseconds to look an auth key up. Then the connection is closed without a verdict about the key. */
export const KEY_LOOKUP_DEADLINE_MS = 5_000;
/** Packets under unknown keys on one connection. At the bound it is closed. */
export const UNKNOWN_KEYS_PER_CONNECTION_MAX = 8;
/** Auth keys in memory. At the limit the key unused for longest goes, with its sessions; keys of open connections stay. */
export const KEYS_MAX = 40_000;
/** Unknown key ids being looked up at once. More connections with unknown keys are closed. */
export const KEY_LOOKUPS_MAX = 2_000;

/** Sessions of one auth key, and of one that nobody is logged in under. A new one evicts the oldest that has no connection, else the oldest. */
export const SESSIONS_PER_KEY_MAX = 64;
export const SESSIONS_PER_UNAUTHORISED_KEY_MAX = 16;
/** Sessions in memory. At the limit the one left for longest is forgotten; if all have connections, the connection that brings one more is closed. */
export const SESSIONS_MAX = 80_000;
/** Sessions without a connection in memory. At the limit the one left for longest is forgotten: its client gets new_session_created. */
export const SESSIONS_DETACHED_MAX = 40_000;
/** Milliseconds that a session without a connection is remembered; longer than the 300 s for which its message ids could be replayed. */
export const SESSION_DETACHED_TTL_MS = 15 * 60_000;
/** Connections of one session. The oldest is closed when one more comes. */
export const CONNECTIONS_PER_SESSION_MAX = 16;
/** Message ids that a session remembers to recognise duplicates. The lowest half is folded into a floor; ids below the floor answer 20. */
export const REPLAY_WINDOW_IDS = 8_192;
/** The same over all sessions of a key, and of one that nobody is logged in under: the largest window of the key is folded. */
export const REPLAY_IDS_PER_KEY_MAX = 32_768;
export const REPLAY_IDS_PER_UNAUTHORISED_KEY_MAX = 12_288;
/** The same over all sessions (12 bytes each, and room for as many). At the bound every message folds its session's window: sessions then remember a few. */
export const REPLAY_IDS_MAX = 4 * 1_048_576;
/** Messages in a container, either way (more answers 64). Source: core.telegram.org/mtproto/service_messages#containers */
export const CONTAINER_MESSAGES_MAX = 1_024;
/** Bytes of a container that the gateway makes. The rest goes into the next. */
export const CONTAINER_BYTES_MAX = 128 * 1_024;
/** Ids in one ack, state or resend message. More is a malformed message. */
export const MESSAGE_IDS_MAX = 8_192;
/** Received messages that wait to be acknowledged per session; at the bound the ack goes out at once. */
export const PENDING_ACKS_MAX = 256;
/** Milliseconds that an ack waits for something to travel with. */
export const ACK_DELAY_MS = 1_000;
/** Messages, and bytes, that a session keeps until the client acks them. At the bound the oldest is forgotten. */
export const UNACKED_MESSAGES_MAX = 512;
export const UNACKED_BYTES_MAX = 2 * 1_048_576;
/** Bytes that an unacked message counts for beside its body. */
export const UNACKED_OVERHEAD_BYTES = 256;
/** Bytes of unacked messages over all sessions of a key, and of one that nobody is logged in under. At the bound the session that keeps most forgets its oldest. */
export const UNACKED_BYTES_PER_KEY_MAX = 8 * 1_048_576;
export const UNACKED_BYTES_PER_UNAUTHORISED_KEY_MAX = 512 * 1_024;
/** Bytes of unacked messages over all sessions. At the bound the session that acknowledged nothing for longest forgets its oldest. */
export const UNACKED_BYTES_TOTAL_MAX = 256 * 1_048_576;
/** Ids of failed queries that a session remembers for invokeAfterMsg. The oldest is forgotten and then counts as done. */
export const FAILED_QUERIES_MAX = 64;

/** Queries under way per session, and per user over all sessions. One more answers FLOOD_WAIT_1. */
export const QUERIES_PER_SESSION_MAX = 512;
export const QUERIES_PER_USER_MAX = 1_024;
/** The same for a key that nobody is logged in under. */
export const QUERIES_UNAUTHORISED_MAX = 64;
/** Bytes that a query counts for beside its own, and beside those for each message that it waits for. */
export const QUERY_OVERHEAD_BYTES = 1_024;
export const AFTER_MESSAGE_OVERHEAD_BYTES = 128;
/** Bytes of queries (unpacked) and of messages in inboxes under one key, from their coming to their answer. One more query answers FLOOD_WAIT_1; a service message that an inbox has no room for closes its connection. */
export const QUERY_BYTES_PER_KEY_MAX = 32 * 1_048_576;
/** The same for a key that nobody is logged in under: room for the largest query that can be unpacked. */
export const QUERY_BYTES_PER_UNAUTHORISED_KEY_MAX = 5 * 1_048_576;
/** The same over all keys; over all keys that nobody is logged in under; over all that waits for another message (invokeAfterMsg, inboxes). */
export const QUERY_BYTES_MAX = 256 * 1_048_576;
export const QUERY_BYTES_UNAUTHORISED_MAX = 64 * 1_048_576;
export const QUERY_BYTES_WAITING_MAX = 64 * 1_048_576;
/** Milliseconds for the owner of a method to answer. Then the outcome is unknown: 500, which clients repeat with the same random_id. */
export const QUERY_DEADLINE_MS = 30_000;
/** Milliseconds that invokeAfterMsg waits. Then 400 MSG_WAIT_TIMEOUT. */
export const AFTER_MESSAGE_WAIT_MS = 30_000;
/** Ids in all invokeAfterMsg(s) around a query. More is a malformed query. */
export const AFTER_MESSAGES_MAX = 64;
/** Wrappers around a query. More is a malformed query. */
export const WRAPPERS_MAX = 16;
/** Bytes of the JSON parameters of initConnection, and how deep they nest. More is a malformed query. */
export const INIT_PARAMS_DEPTH_MAX = 16;
/** Characters of each text of initConnection that are kept. The rest is cut. */
export const CLIENT_TEXT_CHARS_MAX = 128;
/** Milliseconds between two reports of the same client to auth, unless it changed. */
export const CLIENT_REPORT_INTERVAL_MS = 5 * 60_000;

/** Milliseconds for which "nobody is logged in under this key" is believed before auth is asked again. */
export const REFRESH_LOGIN_INTERVAL_MS = 2_000;

/** Messages that wait in a session behind a packed one. At the bound the connection is closed. */
export const INBOX_MESSAGES_MAX = 2_048;

/** Milliseconds between two writings of the record of a connected session. */
export const CLAIM_REFRESH_INTERVAL_MS = 5 * 60_000;
/** Milliseconds that the record of a session lives: longer than a gateway remembers the session, whose record may be two intervals old when it is left. */
export const CLAIM_TTL_MS = SESSION_DETACHED_TTL_MS + 2 * CLAIM_REFRESH_INTERVAL_MS;
/** Records written again per timer tick. The others come with later ticks. */
export const CLAIM_REFRESHES_PER_TICK = 500;
/** Milliseconds that the ephemeral store may keep a client waiting. Then nothing is known of its session. */
export const CLAIM_DEADLINE_MS = 500;
/** Sessions being claimed at once. Of one more nothing is known. */
export const CLAIMS_PENDING_MAX = 4_096;
/** Records (150 bytes each in Redis) of sessions that had none: per second by this gateway, and per key in CLAIM_TTL_MS. Of sessions beyond nothing is known. */
export const FIRST_CLAIMS_PER_SECOND_MAX = 1_000;
export const FIRST_CLAIMS_PER_KEY_MAX = 256;
/** Records written at once when this gateway goes. The next wait for these. */
export const LEAVING_RECORDS_MAX = 500;
/** Milliseconds for another gateway to hand a session over, and those of them that it waits for queries under way. */
export const HAND_OVER_DEADLINE_MS = 2_000;
export const HAND_OVER_WAIT_MS = 500;
/** Message ids that a session takes along to another gateway. Those below answer 20 there. */
export const HAND_OVER_IDS_MAX = 1_024;
/** Sessions being destroyed at other gateways at once. One more answers destroy_session_none. */
export const REMOTE_DESTROYS_MAX = 256;

/** Bytes of a result from which packing it is tried, and the largest that is packed. */
export const PACK_BYTES_MIN = 16_384;
export const PACK_BYTES_MAX = 256 * 1_024;
/** Share of its size that a packed result may have at most to be sent packed. */
export const PACK_RATIO_MAX = 0.9;

/** Bytes of a write that may go past a socket's stream; more go through it, whose books they are to be in when they have to wait. */
export const DIRECT_WRITE_BYTES_MAX = 8_192;
/** Bytes waiting in one connection's socket from which its requests are no longer read, until it has drained. */
export const OUTBOUND_PAUSE_BYTES = 1_048_576;
/** Bytes waiting in one connection's socket. A reader that is further behind is disconnected, its queue dropped. */
export const OUTBOUND_BYTES_MAX = 8 * 1_048_576;
/** The same for a connection under a key that nobody is logged in under. */
export const OUTBOUND_BYTES_UNAUTHORISED_MAX = 2 * 1_048_576;
/** Bytes waiting in all sockets that have more than the system's buffers take. At the bound the reader that is behind for longest is disconnected. */
export const OUTBOUND_BYTES_TOTAL_MAX = 512 * 1_048_576;
/** Milliseconds in which a connection that has bytes waiting must take some. Then it is disconnected. */
export const OUTBOUND_STALL_MS = 60_000;
/** Sessions that are written to in one turn of the event loop. */
export const FLUSH_SESSIONS_MAX = 512;
/** Recipients of one body from which it is encrypted as a batch. */
export const BATCH_RECIPIENTS_MIN = 3;
/** Bodies that are due to the same sessions up to which each is encrypted for all of them together, a packet of its own; with more, each session gets a container. */
export const BATCH_SEQUENCE_MESSAGES_MAX = 8;

/** Pushes that wait for one user because names are being fetched. At the bound they are dropped, and its sessions are told updatesTooLong. */
export const PUSHES_PER_USER_MAX = 256;
/** Pushes held back from a session while its updates.getState is under way; at the bound as above. */
export const PUSHES_HELD_MAX = 128;
/** Channels with members here; of one more nothing is pushed: its members find it when they open it. */
export const CHANNELS_MAX = 100_000;
/** Members of channels here, each counted in each (100 bytes); beyond, the same. */
export const MEMBERSHIPS_MAX = 2_000_000;
/** Milliseconds for which it is remembered who left a channel, so that nothing older brings them back; CHANNELS_MAX of them, then the oldest are forgotten. */
export const LEFT_WINDOW_MS = 60_000;
/** Archived channels that wait for a message, each counted for each user here (100 bytes); beyond, they come back when the user's list is read. */
export const CHANNELS_ASLEEP_COUNT_MAX = 200_000;
/** Users whose archived channels are looked after at once because somebody wrote; the others wait. */
export const WAKES_AT_ONCE_MAX = 16;
/** Users whose channels are asked for at once; the others wait. */
export const CHANNEL_LISTS_MAX = 64;
/** Milliseconds before they are asked for again, the first time and at most. */
export const CHANNEL_LIST_RETRY_MIN_MS = 100;
export const CHANNEL_LIST_RETRY_MAX_MS = 5_000;
/** Milliseconds after their coming within which fanout knows what users who are announced missed. Whose channels are known later is told to ask. */
export const MISSED_WINDOW_MS = 4_000;
/** Pushes, and bytes of them, that wait for the members of one channel. At the bound they are dropped, and the members told updateChannelTooLong. */
export const CHANNEL_QUEUE_PUSHES_MAX = 4_096;
export const CHANNEL_QUEUE_BYTES_MAX = 16 * 1_048_576;
/** Pushes of a channel that go to a member together. */
export const CHANNEL_RUN_PUSHES_MAX = 32;
/** Members whom pushes of channels go to in one turn of the event loop, and deliveries to them; the rest in the next. */
export const CHANNEL_TURN_SESSIONS = 500;
export const CHANNEL_TURN_DELIVERIES = 2_000;
/** Members of one channel before it is another's go. */
export const CHANNEL_SHARE_SESSIONS = 128;
/** Users in one announcement to fanout after the first. */
export const ANNOUNCED_USERS_MAX = 4_096;
/** Milliseconds before attaching to fanout again, the first time and at most. */
export const ATTACH_BACKOFF_MIN_MS = 50;
export const ATTACH_BACKOFF_MAX_MS = 2_000;
/** Milliseconds between two looks for replicas of fanout that were added. */
export const FANOUT_LOOK_MS = 5_000;
/** Milliseconds after the start within which sessions need not be told that nobody pushed to them yet. */
export const FANOUT_START_GRACE_MS = 2_000;
/** Logins per timer tick that are asked about after revocations may have been missed. */
export const RECHECKED_LOGINS_PER_TICK = 200;
/** Sessions per timer tick that are told updatesTooLong after the stream from fanout broke. */
export const RECOVERY_SESSIONS_PER_TICK = 1_000;

/** Milliseconds that draining may take in all, where the process doesn't say how long a SIGTERM may take; else that less the margin. */
export const DRAIN_MS = 3_000;
export const DRAIN_MARGIN_MS = 1_500;
export const DRAIN_MS_MIN = 500;
/** Slices in which connections are ended, at most and as long as each has as many; and the share of the time over which they are spread. The rest is for queries under way. */
export const DRAIN_SLICES = 60;
export const DRAIN_SLICE_CONNECTIONS_MIN = 64;
export const DRAIN_SPREAD_RATIO = 0.6;
/** Milliseconds that clients then have to read the last bytes and end their side. */
export const DRAIN_LINGER_MS = 400;
/** Milliseconds that a connection lives on to finish what is under way after its key was revoked or destroyed. */
export const CLOSE_GRACE_MS = 3_000;
/** Closed connections whose sockets still send their last bytes. One more cuts the oldest off. */
export const LINGERING_SOCKETS_MAX = 4_096;
/** Requests to destroy the key that wait for a session's queries. More is answered destroy_auth_key_fail. */
export const IDLE_TASKS_MAX = 8;
