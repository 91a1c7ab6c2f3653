// npm run move-user: moves a user to another data center, or tells where one is.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { moveUser, MoveError } from './move-user.mjs';

const USAGE = `npm run move-user -- --user ID --to DC [--url URL]
npm run move-user -- --user ID --status [--url URL]

  Moves a user to another data center, with everything that is theirs; nothing of it stays behind (docs/adr/0011-moving-users.md).
  Their clients wait while it runs, some ten seconds, and then go there. If it is cut off, call it again: it goes on where it was.

  --user ID   the user's id
  --to DC     the data center to move to
  --status    only tells where the user lives, and how far a move is
  --url URL   HTTP address of the users service of the data center that the user lives in; of npm start, its HTTP address. May be given
              several times: the right one answers.   (http://127.0.0.1:8080)

  HELIOGRAPH_ADMIN_TOKEN must be what the users service was started with.
`;

async function main(argv) {
  const { values } = parseArgs({
    args: argv,
    options: { user: { type: 'string' }, to: { type: 'string' }, url: { type: 'string', multiple: true }, status: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(USAGE);
  const number = (name) => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value <= 0) throw new MoveError(`--${name} must be a whole number above 0`);
    return value;
  };
  const token = process.env.HELIOGRAPH_ADMIN_TOKEN;
  if (!token) throw new MoveError('HELIOGRAPH_ADMIN_TOKEN must be set to what the users service was started with');
  const to = values.status ? undefined : number('to');
  await moveUser({ user: number('user'), to, urls: values.url ?? ['http://127.0.0.1:8080'], token, fetch, sleep, told: (sentence) => console.log(`move-user: ${sentence}`) });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`move-user: ${error instanceof MoveError || String(error.code).startsWith('ERR_PARSE_ARGS') ? error.message : error.stack}`);
  process.exitCode = 1;
}
