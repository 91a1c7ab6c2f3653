import type { CallerContext } from '@heliograph/client-api/method';

/** The service account: nobody adds or blocks it. */
const SERVICE_ACCOUNT = 777_000;

/** Whether a chat can have a bar of what to do with the other: a private one with a person. */
export const hasBar = ({ userId }: CallerContext, peer: number): boolean => peer > 0 && peer !== userId && peer !== SERVICE_ACCOUNT;
