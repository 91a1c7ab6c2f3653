/** Types of the newest layer and of Heliograph's own constructors; generated from libs/tl/schema. */
export type * from './gen/api';
