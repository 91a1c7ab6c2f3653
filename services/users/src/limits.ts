/** Users in one GetViews call; more is INVALID_ARGUMENT. */
export const VIEWS_PER_CALL_MAX = 200;
/** Tries to find a free user id; ids are random among 2^35, so the second is already rare. */
export const USER_ID_TRIES_MAX = 8;

/** UTF-16 units of a first or last name, and of a bio; longer ones are refused by the API's methods. */
export const NAME_CHARS_MAX = 64;
export const ABOUT_CHARS_MAX = 70;
export const USERNAME_CHARS_MIN = 5;
export const USERNAME_CHARS_MAX = 32;
/** A released username cannot be taken by others for this long. */
export const USERNAME_HOLD_SECONDS = 14 * 86_400;
/** A claim whose owner's row does not show the name is a crash's left-over after this long, and may be taken. */
export const USERNAME_CLAIM_SETTLED_SECONDS = 600;

/** Contacts of one user; one more is refused. Rows of ≈ 200 bytes: ≤ 1 MB per partition. */
export const CONTACTS_PER_USER_MAX = 5_000;
/** Partitions that the owners of one number, or of one contact, are spread over. */
export const OWNER_BUCKETS = 16;
/** Owners read per bucket when somebody signs up; those beyond are not told. */
export const JOINED_OWNERS_PER_BUCKET_MAX = 500;
/** Owners per bucket who get a push when a user's status changes; others see it when they ask. */
export const WATCHERS_PER_BUCKET_MAX = 100;
/** How long a replica remembers who they are; a change that is told ends it at once. */
export const WATCHERS_FRESH_MS = 60_000;
/** Ids that it remembers of them in all (8 bytes each); at the limit those read longest ago are forgotten. */
export const WATCHERS_REMEMBERED_MAX = 1_000_000;
/** How long a replica remembers how a user of this DC looks to a viewer, but for the status and blocks; a change that is told ends it at once. */
export const VIEW_FACTS_FRESH_MS = 30_000;
/** Pairs of viewer and user of whom that is remembered (about 500 bytes each); at the limit those read longest ago are forgotten. */
export const VIEW_FACTS_MAX = 50_000;
/** Users blocked by one user; one more is refused. */
export const BLOCKED_USERS_MAX = 1_000;

/** How long a call to another DC is waited for; then its users show as they were last known. */
export const OTHER_DC_DEADLINE_MS = 1_000;
/** How long a view of another DC's user is shown without asking again, unless a change is told. */
export const REMOTE_VIEW_FRESH_MS = 5_000;
/** How old what is known of another DC's user may be when somebody writes to them; older, it is asked for again behind the message. */
export const REMOTE_VIEW_RECHECK_MS = 60_000;
/** Views of other DCs' users that a replica remembers (about 300 bytes each); at the limit those read longest ago are forgotten. */
export const REMOTE_VIEWS_MAX = 50_000;
/** Pairs in one FindBlocks, owners in one FindContactOwners; more is INVALID_ARGUMENT. */
export const PAIRS_PER_CALL_MAX = 1_000;
/** How long notices for another DC are gathered before they go as one call. */
export const NOTICE_INTERVAL_MS = 50;
/** Notices in one call; the others go with the next. */
export const NOTICES_PER_CALL_MAX = 500;
/** Users in one message to the other replicas of this service; more go in several. */
export const CHANGED_USERS_CHANNEL_IDS_MAX = 1_000;
/** Partitions of the table of homes, rows of it read at a time, and users who may live elsewhere than where their id says; beyond, some are not found. */
export const HOME_BUCKETS = 16;
export const HOMES_PAGE_ROWS = 500;
export const HOMES_MAX = 100_000;
/** How often that table is read without being told to. */
export const HOMES_REFRESH_MS = 600_000;
/** Moving a user: rows read, sent and written at a time. */
export const MOVED_BATCH_ROWS = 200;
/** How long is waited for requests of a user that were under way when the move began (a gateway gives up sooner); then the move stops for now. */
export const MOVE_IN_FLIGHT_MS = 35_000;
/** How long one call of a move may take, how long is waited between questions, and how often is asked before the move is given up for now. */
export const MOVE_CALL_DEADLINE_MS = 60_000;
export const MOVE_PAUSE_MS = 200;
export const MOVE_WAIT_TURNS = 600;
/** Moves that one replica works on, or remembers the end of; one more is refused. */
export const MOVES_MAX = 64;
/** How long a replica is the only one to work on a user's move. */
export const MOVE_LEASE_MS = 120_000;
/** Notices that wait for one DC; at the limit the oldest are dropped. */
export const NOTICES_WAITING_MAX = 10_000;

/** Sending or typing shows a user online for this long; account.updateStatus for the longer time. */
export const TOUCH_ONLINE_SECONDS = 30;
export const STATUS_ONLINE_SECONDS = 300;
/** Users whose watchers are told by one call of fanout. */
export const WATCHED_USERS_PER_PUBLISH = 32;
/** Users that one call of TouchPresence names. */
export const TOUCHED_USERS_MAX = 1_000;
/** A touch while more than this is left of an online period changes nothing: at most one write and push per user in this time. */
export const TOUCH_COALESCE_SECONDS = 15;

/** Background tasks (joined notices, pushes) at one time; at the limit a new one is dropped and counted. */
export const BACKGROUND_TASKS_MAX = 10_000;

/** Numbers taken from one contacts.importContacts; the rest is answered as `retry_contacts`. */
export const IMPORT_CONTACTS_MAX = 200;
/** Users asked for in one users.getUsers, and named in one contacts.deleteContacts. */
export const USERS_PER_REQUEST_MAX = 200;
/** Results of contacts.search. */
export const SEARCH_RESULTS_MAX = 50;
/** Letters of a contacts.search query that are looked at. */
export const SEARCH_QUERY_CHARS_MAX = 64;
/** Rows of one contacts.getBlocked. */
export const BLOCKED_PAGE_USERS_MAX = 200;
/** How long contacts.block waits for a message store to hear of it. */
export const FORGET_CONTACT_DEADLINE_MS = 2_000;
/** Public names resolved in one internal call; more: INVALID_ARGUMENT. */
export const NAMES_PER_CALL_MAX = 100;
/** Chats that are asked at once whether their bar is hidden, when contacts are deleted. */
export const PEER_SETTINGS_AT_ONCE = 16;
