// A test environment for planted faults: runs the tests among which the fault must be found, and stops at the first that fails.
const { TestEnvironment } = require('jest-environment-node');

const fullName = (test) => {
  const names = [];
  for (let each = test; each.parent !== undefined && each.name !== 'ROOT_DESCRIBE_BLOCK'; each = each.parent) names.unshift(each.name);
  return names.join(' ');
};

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.among = new RegExp(config.projectConfig.globals.PLANTED.among);
    this.failed = false;
  }

  handleTestEvent(event) {
    if (event.name === 'test_start' && (this.failed || !/contract: /.test(fullName(event.test)) || !this.among.test(fullName(event.test)))) event.test.mode = 'skip';
    if (event.name === 'test_done' && event.test.errors.length > 0) this.failed = true;
  }
};
