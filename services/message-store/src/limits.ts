/** Characters (code points) of a message's text; more: MESSAGE_TOO_LONG. Told to clients as config.message_length_max. */
export const MESSAGE_CHARACTERS_MAX = 4096;
/** Entities that a client may send with one text; more: ENTITIES_TOO_LONG. */
export const ENTITIES_MAX = 100;
/** Characters of a quote in a reply; more: QUOTE_TEXT_INVALID. */
export const QUOTE_CHARACTERS_MAX = 1024;
/** Rows of one page of history, search results, dialogs; a request for more gets these. */
export const PAGE_ROWS_MAX = 100;
/** How far `add_offset` may step from its anchor; farther: OFFSET_INVALID. */
export const ADD_OFFSET_ROWS_MAX = 10_000;
/** Ids in one request (getMessages, deleteMessages, forwardMessages, readMessageContents); more: LIMIT_INVALID. */
export const REQUEST_IDS_MAX = 100;
/** Peers in one getPeerDialogs; more: LIMIT_INVALID. */
export const REQUEST_PEERS_MAX = 100;
/** Changes in one slice of a difference; the rest follows in further slices. */
export const DIFFERENCE_CHANGES_MAX = 1000;
/** Seconds ahead from which a message waits for its time; nearer ones are sent at once. */
export const SCHEDULE_AT_ONCE_SECONDS = 10;
/** Seconds ahead for which one may be scheduled; farther: SCHEDULE_DATE_TOO_LATE. */
export const SCHEDULE_AHEAD_SECONDS_MAX = 367 * 86_400;
/** Tries to do something with a scheduled message that other sessions go on changing; then the client is to try. */
export const SCHEDULED_CHANGED_TRIES = 4;
/** Seconds after which a message in a private chat can't be edited any more (Saved Messages: never). */
export const EDIT_PERIOD_SECONDS = 48 * 3600;
/** Pinned dialogs of one user; more: PINNED_DIALOGS_TOO_MUCH. Told to clients as config.pinned_dialogs_count_max. */
export const PINNED_DIALOGS_MAX = 5;
/** Messages removed by one deleteHistory; the answer's `offset` tells that more are left and clients repeat. */
export const DELETE_HISTORY_MESSAGES = 100;
/** Dialogs that a search over all chats looks into, those with the newest messages; older ones are found by search in the chat. */
export const SEARCH_DIALOGS_MAX = 1000;
/** Messages that one search looks at to check them against its conditions; then it answers with what it has. */
export const SEARCH_CHECKED_ROWS_MAX = 5000;
/** Words of a query that are looked up in the index; the rest is checked against the text. */
export const SEARCH_QUERY_WORDS_MAX = 8;
/** Characters of a search query; the excess is cut. */
export const SEARCH_QUERY_CHARACTERS_MAX = 256;
/** Dialogs with a draft or a mark that one call answers or clears; the rest stay for a further call. */
export const ANNOTATED_DIALOGS_MAX = 1000;
/** Seconds for which one `TouchPresence` per user suffices. */
export const PRESENCE_TOUCH_SECONDS = 20;
/** How long touches are gathered for one call, and users that it names; further ones wait for the next. */
export const PRESENCE_TOUCH_GATHER_MS = 1_000;
export const PRESENCE_TOUCHES_PER_CALL_MAX = 1_000;
/** Users remembered as touched; at the limit all are forgotten, which costs one more call each. */
export const PRESENCE_TOUCHED_USERS_MAX = 100_000;
/** How long another DC may take for one batch before it is sent again. */
export const RELAY_DEADLINE_MS = 5_000;
/** How long handing records to another replica may take; it reads them from the log by then. */
export const HANDING_DEADLINE_MS = 500;
/** Bytes of rows in one call while a box goes to another DC, and how long that may take. */
export const COPY_CALL_BYTES = 1024 * 1024;
export const COPY_CALL_DEADLINE_MS = 30_000;
/** Users of whom is asked in one call where they live. */
export const HOMES_PER_CALL = 200;
/** Basic groups that one call shows a viewer; more: INVALID_ARGUMENT. */
export const CHAT_VIEWS_MAX = 200;
/** Channels in one call between services; more are asked for in several. */
export const CHANNELS_PER_CALL_MAX = 200;
/** Members of a channel that one call tells of. */
export const CHANNEL_MEMBERS_MAX = 200;
/** Reads of one channel in one call; more go in several. */
export const CHANNEL_QUERIES_MAX = 10;
/** Commands in one relayed batch; more: the relay is refused with INVALID_ARGUMENT. */
export const RELAYED_COMMANDS_MAX = 1000;
/** Seconds that a client is told to wait when its box has too many commands waiting. */
export const BOX_BUSY_WAIT_SECONDS = 2;
/** Commands that one deleteHistory runs, of DELETE_HISTORY_MESSAGES each, before it asks the client to go on. */
export const DELETE_HISTORY_COMMANDS = 50;
/** Dialogs, newest first, whose unread messages the state's unread_count adds up. */
export const UNREAD_DIALOGS_MAX = 200;
/** Messages that a search counts; where there are more, the answer's count is marked inexact. */
export const SEARCH_COUNTED_ROWS_MAX = 300;
/** Seconds for which it is remembered whether one user may write to another; a block that is told ends it at once. */
export const ADMISSION_SECONDS = 60;
/** Pairs of users of whom that is remembered (about 200 bytes each); at the limit the oldest leaves. */
export const ADMISSIONS_MAX = 50_000;
/** Characters of a group's title; the excess is cut. */
export const CHAT_TITLE_CHARACTERS_MAX = 128;
/** Characters of a group's description; more: CHAT_ABOUT_TOO_LONG. */
export const CHAT_ABOUT_CHARACTERS_MAX = 255;
/** Ids that are drawn for a new group before it is given up: CHAT_ID_GENERATE_FAILED. */
export const CHAT_ID_DRAWS_MAX = 4;
/** Ids in one getChats; more: LIMIT_INVALID. */
export const REQUEST_CHATS_MAX = 200;
/** Seconds for which a group's members are taken as they were, for what passes (typing). */
export const GROUP_MEMBERS_SECONDS = 5;
/** Groups whose members are remembered for that (at most 200 ids each); at the limit the oldest leaves. */
export const GROUP_MEMBERS_CACHED_MAX = 5_000;
/** Messages of somebody who is removed that are deleted for all with him (revoke_history); older ones stay. */
export const REVOKED_HISTORY_MESSAGES_MAX = 5_000;
/** Messages of a group that are looked through for somebody's reactions (messages.deleteParticipantReactions), the newest; reactions to older ones stay. */
export const PARTICIPANT_REACTIONS_MESSAGES_MAX = 10_000;
/** Longest auto-delete period of a group in seconds; longer: TTL_PERIOD_INVALID. */
export const TTL_PERIOD_SECONDS_MAX = 366 * 24 * 3600;
/** Most that an invite link's usage_limit may be; more: USAGE_LIMIT_INVALID. */
export const INVITE_USAGE_COUNT_MAX = 99_999;
/** Characters of a link's title; the excess is cut. */
export const INVITE_TITLE_CHARACTERS_MAX = 32;
/** Messages, newest first, among which unread mentions are looked for. */
export const MENTION_ROWS_MAX = 5_000;
/** Commands that one readMentions runs, of REQUEST_IDS_MAX mentions each, before it asks the client to go on. */
export const READ_MENTIONS_COMMANDS = 10;
/** Dialogs, newest first, among which getCommonChats looks for groups. */
export const COMMON_CHATS_DIALOGS_MAX = 1_000;
/** Seconds for which it is told who read a message in a group; then MSG_TOO_OLD. Clients know it as chat_read_mark_expire_period. */
export const READ_MARKS_SECONDS = 7 * 24 * 3600;
/** Members of a group in which that is told; more: CHAT_TOO_BIG. Clients know it as chat_read_mark_size_threshold. */
export const READ_MARKS_MEMBERS_MAX = 100;
/** Pinned dialogs in the archive of one user; more: PINNED_DIALOGS_TOO_MUCH. Told to clients as dialogs_folder_pinned_limit_*. */
export const ARCHIVE_PINNED_DIALOGS_MAX = 100;
/** Peers of one filter ("folder"), those pinned or included, and those excluded; more: FILTER_INCLUDE_TOO_MUCH. Told to clients as dialog_filters_chats_limit_*. */
export const DIALOG_FILTER_PEERS_MAX = 100;
/** Chats that one link to a folder shares, and that one request joins or leaves; more: INVITE_PEERS_TOO_MUCH. */
export const CHATLIST_PEERS_MAX = 100;
/** Chats of a shared folder that are joined, or left, at once. */
export const CHATLIST_ACTS_AT_ONCE = 5;
/** Tries to change a shared folder that other sessions of its owner are changing; then RPC_CALL_FAIL. */
export const CHATLIST_CHANGE_TRIES = 5;
/** Characters of a filter's title, which clients cut too; more: INPUT_FILTER_INVALID. */
export const DIALOG_FILTER_TITLE_CHARACTERS_MAX = 12;
/** Chats with notification settings of their own that one call answers; the rest is told with their dialogs. */
export const NOTIFY_EXCEPTIONS_MAX = 1000;
/** Characters of the name, and of the file name, of a sound on the client's device; more: SETTINGS_INVALID. */
export const NOTIFY_SOUND_CHARACTERS_MAX = 256;
/** Characters of a poll's question; more: POLL_QUESTION_INVALID. */
export const POLL_QUESTION_CHARACTERS_MAX = 255;
/** Answers of a poll; more, or fewer than two: POLL_ANSWERS_INVALID. Told to clients as poll_answers_max. */
export const POLL_ANSWERS_MAX = 12;
/** Characters of an answer; more: POLL_ANSWER_INVALID. */
export const POLL_ANSWER_CHARACTERS_MAX = 100;
/** Bytes by which a client names an answer; more: POLL_OPTION_INVALID. */
export const POLL_OPTION_BYTES_MAX = 100;
/** Characters, and line feeds, of a quiz's solution; more: MEDIA_CAPTION_TOO_LONG. */
export const POLL_SOLUTION_CHARACTERS_MAX = 200;
export const POLL_SOLUTION_LINE_FEEDS_MAX = 2;
/** Characters of the text that goes with a poll; more: MEDIA_CAPTION_TOO_LONG. Told to clients as caption_length_limit_*. */
export const CAPTION_CHARACTERS_MAX = 1024;
/** Seconds after which a poll closes by itself, at least and at most (a month, as the Bot API has it); else MEDIA_INVALID. */
export const POLL_OPEN_SECONDS_MIN = 5;
export const POLL_OPEN_SECONDS_MAX = 2_628_000;
/** Different reactions of one message; one more: REACTIONS_TOO_MANY. Told to clients as reactions_uniq_max. */
export const REACTIONS_UNIQUE_MAX = 11;
/** Channels that one user is in; one more: CHANNELS_TOO_MUCH. Told to clients as channels_limit_*. */
export const OWN_CHANNELS_MAX = 500;
/** Channels with a public name that one user made; one more: CHANNELS_ADMIN_PUBLIC_TOO_MUCH. Told to clients as channels_public_limit_*. */
export const PUBLIC_CHANNELS_MAX = 10;
/** Users in one inviteToChannel; more: USERS_TOO_MUCH. */
export const INVITED_USERS_MAX = 200;
/** Characters of an admin's title; more: ADMIN_RANK_INVALID. */
export const ADMIN_RANK_CHARACTERS_MAX = 16;
/** Members that a supergroup has at least whose list may be hidden; fewer: PARTICIPANTS_TOO_FEW. Told to clients as hidden_members_group_size_min. */
export const HIDDEN_MEMBERS_GROUP_SIZE_MIN = 100;
/** Rows of one page of a channel's members; a request for more gets these. */
export const MEMBERS_PAGE_MAX = 200;
/** Members that one call steps over to reach its offset, or looks at for a name; then a list is to be asked for again (RPC_CALL_FAIL, it goes on from there), a search answers with what it has. */
export const MEMBERS_WALKED_MAX = 10_000;
/** Lists of members of which it is remembered where pages end (at most 1,000 places of 32 bytes each), and for how many seconds; at the limit the oldest leaves. */
export const MEMBER_CURSORS_MAX = 300;
export const MEMBER_CURSORS_SECONDS = 300;
/** Members whose presence is looked up to say how many are online; of more it is estimated from these. */
export const ONLINES_SAMPLED_MAX = 200;
/** Commands that one deletion of a member's messages, or of a channel's history, runs before it asks the client to go on. */
export const CHANNEL_DELETE_COMMANDS = 50;
/** Days without a message after which a channel counts as inactive. */
export const INACTIVE_CHANNEL_DAYS = 30;
/** Members of a channel that its creator may end by himself; more: CHANNEL_TOO_LARGE. */
export const DELETABLE_MEMBERS_MAX = 1_000;
/** People who asked to be let in that are named beside their number, the newest. */
export const RECENT_REQUESTERS_MAX = 3;
/** Commands that one answer to all who asked to be let in runs: a basic group that is nearly full takes one for each. Who is left then waits on. */
export const JOIN_REQUEST_COMMANDS = 200;
/** Tries, a little apart, to see the supergroup that a basic group became; then the caller learns of it by its updates. */
export const MIGRATED_SEEN_TRIES = 50;
export const MIGRATED_SEEN_INTERVAL_MS = 20;
/** Changes of a channel (by pts) that a difference goes back over; a client that is farther behind begins anew: channelDifferenceTooLong. */
export const CHANNEL_DIFFERENCE_PTS_MAX = 10_000;
/** Seconds after which who looks at a channel may ask for its difference again, as those do who aren't in it. TDLib takes a last slice without it for an error. */
export const CHANNEL_POLL_SECONDS = 30;
/** The same for a member, of a channel that changed within CHANNEL_POLL_SECONDS: where gotd sees a gap it takes no updates of the channel until it may ask again. */
export const CHANNEL_POLL_AGAIN_SECONDS = 1;
/** Channels that a client is told in one difference to be in no more, of those that it left last. */
export const CHANGED_CHANNELS_LEFT_MAX = 100;
/** Seconds before the date of a client's state from which on channels count as changed since. */
export const CHANGED_CHANNELS_SLACK_SECONDS = 60;
/** Events of one page of an admin log; a request for more gets these. */
export const ADMIN_LOG_PAGE_EVENTS_MAX = 100;
/** Rows of an admin log that are read at once. */
export const ADMIN_LOG_READ_ROWS = 200;
/** Events that a search in an admin log looks at; then it answers with what it has. */
export const ADMIN_LOG_SEARCHED_EVENTS_MAX = 1_000;
/** Viewers of a post that are known one by one; of more it is estimated how many they are. */
export const VIEWERS_EXACT_MAX = 1_000;
/** Posts of a channel whose counts lie in one partition of channel_count. */
export const POSTS_PER_BUCKET = 256;
/** How long a process goes by what it knows of the comments on a post, and of how many posts (about 200 bytes each); with more the tenth that it learned of first is forgotten. */
export const COMMENTS_FRESH_MS = 1_000;
export const COMMENTS_KNOWN_POSTS_MAX = 20_000;
/** Posts whose counts a process holds (at most 6 KB each), those asked about last; beyond that, what has changed is written at once, and what comes until then is held on top. */
export const COUNTED_POSTS_MAX = 10_000;
/** How often changed counts are written, and how many rows go in one call. */
export const COUNTS_FLUSH_MS = 5_000;
export const COUNTS_BATCH_ROWS = 50;
/** Channels that a search over all chats looks into, those with the newest messages. */
export const SEARCH_CHANNELS_MAX = 100;
/** Messages with media of a kind that are put in places (the newest; older ones have none), those that are all read for it, and those that are read of more. */
export const MEDIA_LISTED_MESSAGES_MAX = 100_000;
export const MEDIA_CHECKED_MESSAGES_MAX = 1_000;
export const MEDIA_SAMPLE_MESSAGES = 200;
/** Places of messages that one answer gives; a request for more gets these. */
export const MEDIA_POSITIONS_MAX = 1_000;
/** Messages that one answer puts in days, and how many days; the rest is asked for from there. */
export const CALENDAR_MESSAGES_MAX = 1_000;
export const CALENDAR_DAYS_MAX = 100;
/** Pinned parts of Saved Messages; more: PINNED_DIALOGS_TOO_MUCH. Told to clients as saved_dialogs_pinned_limit_*. */
export const SAVED_PINNED_COUNT_MAX = 5;
/** Places of public posts that one call lists, and rows of the index that it looks at: then the caller goes on from there. */
export const POST_PLACES_MAX = 200;
export const POSTS_LOOKED_MAX = 2_000;
/** Rows of one word that are read at once, of each slot of a week. */
export const POSTS_READ_ROWS = 100;
/** Words of a search of public posts that the index is asked for; of further ones the posts are looked at. */
export const POST_QUERY_WORDS_MAX = 8;
/** Times that one search of public posts asks all data centers; what it has not found then is on the next page. */
export const POSTS_SEARCH_ROUNDS = 4;
/** Searches of public posts by text that a user has each day (UTC); one more: FLOOD_WAIT until the next. */
export const POST_SEARCHES_DAILY_MAX = 10;
/** What a further one is said to cost, in Stars, which nobody has. */
export const POST_SEARCH_STARS = 10;
/** Unix seconds from which on a mute counts as one that doesn't end. */
export const MUTED_FOR_EVER_SECONDS = 2 ** 31 - 1;
/** Times that a creator's leaving looks for an heir where admins come and go meanwhile; then RPC_CALL_FAIL. */
export const HEIR_TRIES_MAX = 3;
