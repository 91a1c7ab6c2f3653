/** Ids are n·32 + DC (services/users/src/domain/user-id.ts). */
const DC_COUNT = 32;

/** The DC that a user's id names: where they were made, and live unless they moved. */
export const homeDcOf = (userId: number): number => userId % DC_COUNT;

/** In the place of a home DC: the user is on the way to another one, and whoever asks is to wait (ADR 0011). */
export const HOME_ON_THE_WAY = 255;
