// Real engines for people: node tools/engines/main.mjs up|down|status|env|fetch --folder DIR
import { parseArgs } from 'node:util';
import { BASE_PORT, readState, startEngines, stopEngines } from './engines.mjs';
import { KINDS, fetchEngines } from './fetch.mjs';
import { isAlive, usageTable } from './processes.mjs';

const USAGE = `node tools/engines/main.mjs COMMAND [options]

  fetch      brings what the engines need into the cache ($HELIOGRAPH_CACHE, or ~/.cache/heliograph)
  up         starts engines and leaves them running
  status     says what runs, and what it uses
  env        prints the settings with which a service of --dc finds them, as shell code
  down       ends them

  --folder DIR       their data, logs and list of processes          (./.heliograph/engines)
  --which LIST       of ${KINDS.join(', ')}                         (all)
  --dcs LIST         data centers                                    (1,2)
  --dc N             for env                                         (1)
  --base-port N      first of about ten ports on 127.0.0.<dc>        (${BASE_PORT})
  --commit-log KIND  Cassandra's: batch, group or periodic           (batch)
  --fresh            throw away what an earlier run left on disk
  --now              down: kill instead of asking
`;

async function main(argv) {
  const { values, positionals } = parseArgs({
    args: argv, allowPositionals: true,
    options: {
      folder: { type: 'string', default: '.heliograph/engines' }, which: { type: 'string', default: KINDS.join() }, dcs: { type: 'string', default: '1,2' }, dc: { type: 'string', default: '1' },
      'base-port': { type: 'string', default: String(BASE_PORT) }, 'commit-log': { type: 'string', default: 'batch' }, fresh: { type: 'boolean', default: false }, now: { type: 'boolean', default: false },
    },
  });
  const { folder } = values;
  const which = values.which.split(',');
  switch (positionals[0]) {
    case 'fetch':
      await fetchEngines({ which });
      return;
    case 'up': {
      const engines = await startEngines({ folder, which, dcs: values.dcs.split(',').map(Number), basePort: Number(values['base-port']), commitLog: values['commit-log'], fresh: values.fresh, tied: false });
      console.log(engines.table());
      return;
    }
    case 'down': {
      const ended = await stopEngines(folder, values.now ? { graceMs: 0 } : {});
      console.log(ended.length === 0 ? 'nothing runs' : `ended ${ended.join(', ')}`);
      return;
    }
    case 'status': {
      const state = readState(folder);
      const running = (state?.engines ?? []).filter(isAlive);
      for (const { name } of (state?.engines ?? []).filter((engine) => !running.includes(engine))) console.log(`${name} is not running`);
      console.log(running.length === 0 ? 'nothing runs' : usageTable(running));
      return;
    }
    case 'env': {
      const settings = readState(folder)?.settings[values.dc];
      if (settings === undefined) throw new Error(`no engines of DC ${values.dc} were started in ${folder}`);
      for (const [name, value] of Object.entries(settings)) console.log(`export ${name}='${value}'`);
      return;
    }
    default:
      console.log(USAGE);
      process.exitCode = 2;
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`engines: ${error.message}`);
  process.exitCode = 1;
}
