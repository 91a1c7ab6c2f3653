/** In the place of a home DC: the user is on the way to another one, and whoever asks is to wait (ADR 0011). */
export const HOME_ON_THE_WAY = 255;
