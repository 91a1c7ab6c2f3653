// Every fault that the machine can make, by its number in the list of faults (docs: tests/chaos/README.md).
import { f01Kill } from './f01-kill.mjs';
import { f02Pause } from './f02-pause.mjs';
import { f05Weather } from './f05-weather.mjs';
import { f10DiskFull } from './f10-disk-full.mjs';
import { f11Clock } from './f11-clock.mjs';
import { f12Restart } from './f12-restart.mjs';
import { f17FlippedBit } from './f17-flipped-bit.mjs';
import { f20Storm } from './f20-storm.mjs';

export const FAULTS = [f01Kill, f02Pause, f05Weather, f10DiskFull, f11Clock, f12Restart, f17FlippedBit, f20Storm];
