/** A login code: digits, life, wrong tries, and how often one phone_code_hash may send a code anew. */
export const CODE_DIGITS = 5;
export const CODE_TTL_SECONDS = 300;
export const CODE_TRIES_MAX = 3;
export const CODE_SENDS_PER_HASH_MAX = 4;
/** Told to clients: after this long they offer the next way of sending. */
export const CODE_NEXT_TYPE_SECONDS = 60;
/** After a right code for a number that nobody has, signUp may follow for this long. */
export const SIGN_UP_TTL_SECONDS = 900;

/** Codes sent per phone: at the limit FLOOD_WAIT_X until the window ends. Test numbers have their own, since their code is public. */
export const CODES_PER_PHONE = { count: 10, windowSeconds: 600 } as const;
export const CODES_PER_PHONE_DAY = { count: 40, windowSeconds: 86_400 } as const;
export const CODES_PER_TEST_PHONE = { count: 100, windowSeconds: 600 } as const;
/** Per address and per key; test numbers count against the key only. */
export const CODES_PER_ADDRESS = { count: 500, windowSeconds: 3_600 } as const;
export const CODES_PER_KEY = { count: 30, windowSeconds: 600 } as const;
/** Wrong codes per phone: bounds guessing to 20 of 100,000 in half a day, whoever guesses. */
export const WRONG_CODES_PER_PHONE = { count: 20, windowSeconds: 43_200 } as const;

/** A session that was active this recently gets the code as a message instead of an SMS. */
export const ACTIVE_SESSION_SECONDS = 86_400;
/** Logins of one user; one more ends the least recently active one. */
export const LOGINS_PER_USER_MAX = 100;
/** A key that nobody logged in with is forgotten after this long. */
export const KEY_WITHOUT_LOGIN_TTL_SECONDS = 7 * 86_400;
/** Facts about a client (address, device) are forgotten a year after its last activity. */
export const CLIENT_FACTS_TTL_SECONDS = 365 * 86_400;
/** Characters kept of each name that a client gives itself; the rest is cut. */
export const CLIENT_FACT_CHARS_MAX = 128;
/** Life of a temporary key at the most; longer ones are cut. */
export const TEMP_KEY_TTL_SECONDS_MAX = 7 * 86_400;
/** A login that is inactive this long ends; account.setAuthorizationTTL changes it per user. */
export const AUTHORIZATION_TTL_DAYS_DEFAULT = 180;
export const AUTHORIZATION_TTL_DAYS_MAX = 366;

/** Entries of the table of phone prefixes; a start with more is refused. */
export const HOME_PREFIXES_MAX = 100_000;
/** Data centers of a deployment: ids fit five bits. */
export const DCS_MAX = 31;
/** How long a call to another DC is waited for while a client waits. */
export const OTHER_DC_DEADLINE_MS = 5_000;
/** An exported login must be imported within this time, once. */
export const EXPORT_TTL_SECONDS = 300;
/** A QR login token; clients ask for a new one when it ends. */
export const LOGIN_TOKEN_TTL_SECONDS = 30;
/** How long an accepted token waits for its client to come back. */
export const ACCEPTED_TOKEN_TTL_SECONDS = 300;
export const LOGIN_TOKEN_EXCEPT_IDS_MAX = 100;
export const DROP_KEYS_EXCEPT_MAX = 100;

/** Codes that the development outbox holds, over all phones; at the limit the oldest goes. */
export const OUTBOX_CODES_MAX = 10_000;
export const OUTBOX_TTL_SECONDS = 3_600;
/** The SMS webhook: one try's deadline, tries, and the pause before the second (doubled before the third). */
export const WEBHOOK_TIMEOUT_MS = 5_000;
export const WEBHOOK_TRIES = 3;
export const WEBHOOK_PAUSE_MS = 500;

/** Notices that are being written at one time; at the limit a new one is dropped and counted. */
export const NOTICES_IN_FLIGHT_MAX = 10_000;

/** UTF-16 units of a first or last name at sign-up; longer ones are refused. */
export const NAME_CHARS_MAX = 64;
