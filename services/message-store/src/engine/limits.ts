/** Partitions of box-commands, and of box-updates beside it. Never changed on a topic that holds records: a box must stay in its partition. */
export const BOX_PARTITIONS = 16;

/** Bytes of a command as `submit` takes it. Leaves room in a record for what is added to a derived copy (about 100 bytes). */
export const COMMAND_BYTES_MAX = 60 * 1024;
/** Bytes of one record of the engine's topics; asserted by the log. */
export const RECORD_BYTES_MAX = 64 * 1024;

/** Ids of a box's rows in one partition of box_log, and of origin ids in one of box_origin. */
export const BOX_BUCKET_IDS = 10_000;
/** Rows of one partition of box_peer. */
export const PEER_BUCKET_ROWS = 10_000;
/** Message ids that one partition of box_sent covers. */
export const SENT_BUCKET_IDS = 100_000;

/** random_id is remembered for the newest of a box's sends, this many … */
export const SENT_REMEMBERED_ROWS = 1_024;
/** … and for this long by the commands' dates. */
export const SENT_REMEMBERED_SECONDS = 7 * 24 * 3_600;

/** Pinned messages of one dialog; pinning one more unpins the oldest. */
export const PINNED_MESSAGES_MAX = 100;
/** Messages that one delete names, and that one slice of deleteHistory removes; more are refused. */
export const DELETE_IDS_MAX = 100;
/** Members of a basic group; one more: USERS_TOO_MUCH. */
export const GROUP_MEMBERS_MAX = 200;
/** People whom a basic group knows, those who left too; further ones: USERS_TOO_MUCH. */
export const GROUP_KNOWN_USERS_MAX = 2_000;
/** Invite links of a basic group, revoked ones too; the oldest revoked one leaves for a new one. */
export const GROUP_INVITES_MAX = 200;
/** Users who wait to be let into a basic group; with one more the oldest is forgotten. */
export const GROUP_REQUESTS_MAX = 200;
/** Members of a supergroup; one more: USERS_TOO_MUCH. A broadcast takes any number. */
export const CHANNEL_MEMBERS_MAX = 200_000;
/** Admins of a channel, the creator among them; one more: ADMINS_TOO_MUCH. */
export const CHANNEL_ADMINS_MAX = 50;
/** Seconds that a channel waits for a creator who left; then an heir takes it over. Telegram's 7 days. */
export const CREATOR_AWAITED_SECONDS = 7 * 24 * 3_600;
/** Users that one invitation names; more are refused with USERS_TOO_MUCH. */
export const CHANNEL_INVITED_USERS_MAX = 200;
/** Invite links of a channel, revoked ones too; the oldest revoked one leaves for a new one. */
export const CHANNEL_INVITES_MAX = 200;
/** Users who wait to be let in; with one more the oldest is forgotten. */
export const CHANNEL_REQUESTS_MAX = 500;
/** Requests that one command answers; the reply tells whether more are left. */
export const CHANNEL_REQUESTS_ANSWERED_MAX = 100;
/** Members of a supergroup up to which it is known who has read what. */
export const CHANNEL_READERS_MAX = 100;
/** Mentions that a user's box keeps of one channel as not seen; with one more the oldest counts as seen. */
export const UNREAD_MENTIONS_MAX = 100;
/** Threads of a channel that a user's box knows to be read further than the channel; with one more, that which was read longest ago counts as read as far as the channel. */
export const THREADS_READ_MAX = 100;
/** Messages that one command looks through for those of one author. */
export const DELETE_SCAN_ROWS = 1_024;
/** Those whose answers are named with a message. */
export const LAST_REPLIERS_MAX = 3;
/** Days after which a restriction counts as one for ever; and seconds below which it does. */
export const BAN_DAYS_MAX = 366;
export const BAN_SECONDS_MIN = 30;
/** Members that the box of a channel keeps in memory (about 300 bytes each); those not met for longest leave. They count as dialogs in memory, too. */
export const MEMBERS_IN_BOX_MAX = 8_192;
/** Members read from storage at once, by a command or a reader. */
export const MEMBER_READS_AT_ONCE = 50;
/** Rows of a member read at a time; there are rarely more than two. */
export const MEMBER_VERSIONS_READ = 4;
/** Rows of a slot read at a time for a list of members. */
export const MEMBER_PAGE_ROWS = 200;
/** Users that a reader asks for at once, and members of one page of a list; more are refused. */
export const MEMBERS_ASKED_MAX = 200;
/** How long a member's earlier row stays after a stored head has covered the newer one. */
export const MEMBER_ROWS_KEPT_MS = 10 * 60_000;
/** Earlier rows of members that a run remembers to remove; beyond, they stay. */
export const MEMBER_GARBAGE_ROWS_MAX = 50_000;
/** Those removed at a time. */
export const MEMBER_GARBAGE_BATCH_ROWS = 200;
/** Reactions of one message, one of each person; with one more the oldest goes. */
export const REACTIONS_MAX = 200;
/** Newest reactions to a message of a supergroup that the message itself has; the others are in rows of their own. */
export const REACTIONS_NAMED_MAX = 20;
/** Different reactions to a message of a channel that are counted; callers allow half as many, some of them at once. Of one more it isn't told. */
export const REACTIONS_COUNTED_MAX = 22;
/** Reactions to own messages that a dialog keeps as not seen; with one more the oldest counts as seen. */
export const UNREAD_REACTIONS_MAX = 100;
/** Votes that a message of a poll keeps, one of each person; with one more the oldest goes. Members of a group come and go, but at most 200 are in it. */
export const POLL_VOTES_MAX = 1_000;
/** People who vote in a poll of a channel that was asked before votes were rows of their own; one more: MESSAGE_POLL_CLOSED. */
export const CHANNEL_POLL_VOTES_MAX = POLL_VOTES_MAX;
/** Votes in own polls that a dialog keeps as not seen; with one more the oldest counts as seen. */
export const UNREAD_VOTES_MAX = 100;
/** Reactions that a basic group names as the ones it takes; more are refused with REACTION_INVALID. */
export const GROUP_REACTIONS_MAX = 100;
/** Reactions that are remembered as used lately; with one more the oldest is forgotten. */
export const RECENT_REACTIONS_MAX = 50;
/** Users whom one message mentions; the rest isn't told. */
export const MENTIONS_MAX = 50;
/** Commands that one command may derive (each member of a basic group gets two when a message is pinned); asserted. */
export const DERIVED_COMMANDS_MAX = 2 * GROUP_MEMBERS_MAX;
/** Rows read, sent and written at a time while a box goes to another DC. */
export const COPY_BATCH_ROWS = 256;
/** Parked commands that one release sends on; the mover asks until none is left. Fewer than a command may derive. */
export const RELEASED_COMMANDS = 150;
/** Messages that wait to be sent in one chat; one more: SCHEDULE_TOO_MUCH. */
export const SCHEDULED_MESSAGES_MAX = 100;
/** Highest id of one of them in its chat; the next is 1 again. */
export const SCHEDULED_IDS_MAX = 2 ** 18 - 1;
/** Rows of box_due that a sweep takes at a time. */
export const DUE_BATCH_ROWS = 500;
/** Boxes whose commands a sweep has under way at once. */
export const DUE_BOXES_AT_ONCE = 16;
/** Seconds after which a sweep tries again what it could not do. */
export const DUE_RETRY_SECONDS = 5;
/** Seconds for which an hour of box_due stays open after its end: longer than the clocks of two owners may differ. */
export const DUE_CLOSING_SECONDS = 60;
/** Rows of box_peer read at a time while a command or a reader steps through a dialog. */
export const PEER_PAGE_ROWS = 256;

/** Commands that callers may have waiting for one box; the next is refused with BoxBusy. */
export const BOX_WAITING_COMMANDS_MAX = 256;
/** The same for a channel's box, where all its members are callers. */
export const CHANNEL_WAITING_COMMANDS_MAX = 1_000;
/** Commands that callers may have waiting in one partition; the next is refused with BoxBusy. */
export const PARTITION_WAITING_COMMANDS_MAX = 8_192;
/** Records taken from the log and not yet in rows, per partition; then the log is read no further until they are. */
export const PARTITION_QUEUED_COMMANDS_MAX = 4_096;

/** How long a caller waits for its command before its fate is unknown. */
export const COMMAND_TIMEOUT_MS = 10_000;
/** How often waiting callers are looked through, heads written and marks moved. */
export const TICK_INTERVAL_MS = 1_000;
/** In how many turns that happens, each for a share of the partitions. */
export const TICK_TURNS_COUNT = 8;
/** How long a changed head may stay in memory alone: what a replay repeats after a crash. */
export const HEAD_FLUSH_AGE_MS = 5_000;
/** How old a low-water mark gets, and how far the partition may be on from it, until it is stored anew. */
export const MARK_AGE_MS = 5_000;
export const MARK_STEP_COMMANDS = 128;
/** Heads that are being written at once, per partition. */
export const HEAD_FLUSHES_MAX = 256;
/** First and longest pause before a write that failed is repeated, and before a partition that stopped begins anew. */
export const RETRY_FIRST_MS = 50;
export const RETRY_LONGEST_MS = 5_000;

/** Boxes in memory per engine; clean ones that were not used lately leave first, changed ones never. */
export const BOXES_IN_MEMORY_MAX = 20_000;
/** Dialogs in memory per engine over all boxes (about 400 bytes each); beyond, boxes leave as above. */
export const DIALOGS_IN_MEMORY_MAX = 400_000;

/** Rows of a difference read from one partition at a time. */
export const CHANGES_PAGE_ROWS = 1_000;
/** Alive messages of a dialog counted one by one; beyond, a count is estimated by ordinals. */
export const COUNT_EXACT_MAX = 10_000;

/** Bytes of records handed to another replica in one call, and such calls to one replica under way; what is more it reads from the log. */
export const HANDED_BYTES_MAX = 256 * 1024;
export const HANDED_CALLS_MAX = 16;
/** How long a replica of fanout that could not be reached is taken for gone: its slices' events go to another until then. */
export const READER_AVOIDED_MS = 2_000;

/** Commands in one call to another DC. */
export const RELAY_BATCH_COMMANDS = 256;
/** Partitions of box-relay: one for each possible DC (id mod 32), so that a DC that is down holds up only its own users. */
export const RELAY_PARTITIONS = 32;

/** pts that one step of the indexer covers; what is newer than the last full one is searched message by message. */
export const INDEX_STRETCH_PTS = 2_048;
/** Stretches whose postings of one token share a partition of box_word. */
export const INDEX_CHUNK_STRETCHES = 16;
/** Posting rows written in one batch. */
export const INDEX_BATCH_ROWS = 512;
/** Tokens that one search intersects; more are refused. */
export const SEARCH_TOKENS_MAX = 16;
/** Messages that one call lists by what the index says of them; older ones are left out. */
export const POSTINGS_LISTED_MAX = 100_000;
/** Candidates of a search that are read at a time. */
export const SEARCH_PAGE_MESSAGES = 100;
/** pts of the part that is not indexed, searched at a time. */
export const SEARCH_STEP_PTS = 256;

/** pts of a public broadcast whose posts are indexed for searches everywhere in one step; what one command in HEAD_FLUSH_AGE_MS leaves is far less. */
export const POSTS_STEP_PTS = 256;
/** pts that are indexed of a broadcast that was not until now: one that got its public name. Older posts are not found elsewhere than in it. */
export const POSTS_BACKLOG_PTS = 4_096;
/** Hashtags (cashtags among them) and words by which one post is found anywhere; by further ones it is not. */
export const POST_TAGS_MAX = 16;
export const POST_WORDS_MAX = 32;

/** How often a replica gives a sign of life and looks at the claims. */
export const CLAIMS_LOOK_MS = 1_000;
/** How often it looks while another is about to release what it waits for. */
export const CLAIMS_EXPECTING_LOOK_MS = 100;
/** Looks without a sign of life after which a replica counts as dead, and its claims are taken. */
export const CLAIMS_SILENT_LOOKS_MAX = 6;
/** How long a replica answers after its last sign of life that was stored; shorter than the others wait before they take over. */
export const CLAIMS_TRUST_MS = 4_000;
/** How long a leaving replica goes on serving, so that the others have seen it and wait for what it releases. */
export const CLAIMS_LEAVE_NOTICE_MS = 1_250;
/** Pieces of work handed over at once. */
export const CLAIMS_HANDOVERS_MAX = 4;
/** Rows of the claims and of the replicas that are read; there are far fewer. */
export const CLAIMS_ROWS_MAX = 256;
/** Dialogs that lose their notification settings by one command; the caller goes on while the reply says that more are left. */
export const RESET_NOTIFY_DIALOGS = 200;
/** Filters ("folders") of one user, the list of all chats not counted; more: DIALOG_FILTERS_TOO_MUCH. Told to clients as dialog_filters_limit_*. */
export const DIALOG_FILTERS_MAX = 20;
/** Filters of one user that are shared, by him or by others; more: CHATLISTS_TOO_MUCH. Told to clients as chatlists_joined_limit_*. */
export const CHATLISTS_MAX = 10;
/** Links by which one filter is shared; more: INVITES_TOO_MUCH. Told to clients as chatlist_invites_limit_*. */
export const CHATLIST_INVITES_MAX = 5;
/** Events of a channel's admin log that one command makes (it deletes at most 100 messages, invites at most 200 people); further ones are not told. Stored for ever: ids count by it. */
export const ADMIN_EVENTS_MAX = 256;
