/** Ids are n·32 + DC (services/users/src/domain/user-id.ts). */
const DC_COUNT = 32;

/** The DC that a user's id names: where they live. */
export const homeDcOf = (userId: number): number => userId % DC_COUNT;
