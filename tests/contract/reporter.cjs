// Writes one line of JSON per finished test file to the file that it is given.
const { appendFileSync } = require('node:fs');

module.exports = class {
  constructor(_globalConfig, { file }) {
    this.file = file;
  }

  onTestResult(test, { testExecError, testResults, perfStats }) {
    const tests = testResults.map(({ ancestorTitles, title, status, failureMessages }) => ({ name: [...ancestorTitles, title].join(' › '), contract: ancestorTitles.some((each) => each.includes('contract: ')), status, failure: failureMessages[0] }));
    appendFileSync(this.file, `${JSON.stringify({ id: test.context.config.displayName.name, error: testExecError?.stack ?? testExecError?.message, tests, milliseconds: perfStats.end - perfStats.start })}\n`);
  }
};
