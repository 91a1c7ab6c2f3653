// Every fault that the machine can make, by its number in the list of faults (tests/chaos/README.md).
import { f01Kill } from './f01-kill.mjs';
import { f02Pause } from './f02-pause.mjs';
import { f03Cassandra } from './f03-cassandra.mjs';
import { f04Link } from './f04-link.mjs';
import { f05Weather } from './f05-weather.mjs';
import { f06Kafka } from './f06-kafka.mjs';
import { f07Moves } from './f07-moves.mjs';
import { f08Redis } from './f08-redis.mjs';
import { f09ObjectStore } from './f09-object-store.mjs';
import { f10DiskFull } from './f10-disk-full.mjs';
import { f11Clock } from './f11-clock.mjs';
import { f12Restart } from './f12-restart.mjs';
import { f15LostAnswer } from './f15-lost-answer.mjs';
import { f17FlippedBit } from './f17-flipped-bit.mjs';
import { f20Storm } from './f20-storm.mjs';

export const FAULTS = [f01Kill, f02Pause, f03Cassandra, f04Link, f05Weather, f06Kafka, f07Moves, f08Redis, f09ObjectStore, f10DiskFull, f11Clock, f12Restart, f15LostAnswer, f17FlippedBit, f20Storm];
