import { loadServices } from './services';
import { runStandalone } from './standalone';

void runStandalone(process.argv.slice(2), process.env, loadServices);
