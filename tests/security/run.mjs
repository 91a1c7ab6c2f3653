// The security tier: every row of the protocol's checks, hostile input, and floods against a running system.
//   node tools/run.mjs tests/security/run.mjs [--only word] [--short] [--without group]
import './dist/main.js';
