/** Bytes of a scope at the most; longer ones are refused. */
export const SCOPE_BYTES_MAX = 128;

/** Bytes of a secret's purpose at the most; longer ones are refused. */
export const PURPOSE_BYTES_MAX = 64;

/** How often what the agent did is written to the audit log, if it did anything. */
export const AUDIT_INTERVAL_MS = 10_000;

/** How long audit rows are kept, and how far back the chain's end is looked for. */
export const AUDIT_DAYS = 90;

/** Tries to extend the audit chain beside other agents before the row waits for the next interval. */
export const AUDIT_TRIES_MAX = 5;

/** How long it is waited for where users live, before a key is refused. */
export const HOMES_DEADLINE_MS = 1_000;

/** How long an answer of another DC's agent is waited for. */
export const OTHER_DC_DEADLINE_MS = 5_000;
