import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIVED_MS, RESTART_FIRST_MS, RESTART_LONGEST_MS, restartPause, watchDeaths } from './deaths.mjs';

test('pauses double up to the longest, and begin anew after a long life', () => {
  assert.equal(restartPause({ wait: undefined, livedMs: 0 }), RESTART_FIRST_MS);
  assert.equal(restartPause({ wait: 500, livedMs: 10 }), 1000);
  assert.equal(restartPause({ wait: 8000, livedMs: 10 }), RESTART_LONGEST_MS);
  assert.equal(restartPause({ wait: 8000, livedMs: LIVED_MS }), RESTART_FIRST_MS);
});

/** Deaths with a clock and timers that the test turns. */
function scene(restarts = true) {
  const lines = [];
  const told = [];
  const timers = [];
  let time = 1_000_000;
  const lamp = { name: 'lamp', log: 'absent.txt', running: false, starts: 0, spawn() { lamp.starts += 1; lamp.running = true; } };
  const deaths = watchDeaths({ restarts, log: (line) => lines.push(line), onDeath: (process, how) => told.push([process.name, how]), later: (task, ms) => timers.push({ task, ms }), now: () => time });
  return {
    deaths, lamp, lines, told, timers,
    die() {
      lamp.running = false;
      deaths.died(lamp, 'signal SIGKILL');
    },
    turn() {
      const { task, ms } = timers.shift();
      time += ms;
      task();
    },
  };
}

test('a death is told by name, and the process is started again', () => {
  const { lamp, lines, told, timers, die, turn } = scene();
  die();
  assert.match(lines[0], /lamp ended: signal SIGKILL/);
  assert.deepEqual(told, [['lamp', 'signal SIGKILL']]);
  assert.equal(timers[0].ms, RESTART_FIRST_MS);
  turn();
  assert.equal(lamp.starts, 1);
  die();
  assert.equal(timers[0].ms, 2 * RESTART_FIRST_MS);
});

test('what somebody started meanwhile is not started twice', () => {
  const { lamp, die, turn } = scene();
  die();
  lamp.spawn();
  turn();
  assert.equal(lamp.starts, 1);
});

test('without restarts it stays down; after stop nothing is told', () => {
  const still = scene(false);
  still.die();
  assert.deepEqual([still.told.length, still.timers.length], [1, 0]);
  const over = scene();
  over.die();
  over.deaths.stop();
  over.turn();
  over.die();
  assert.deepEqual([over.lamp.starts, over.told.length], [0, 1]);
});
