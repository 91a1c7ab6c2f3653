/** Unit, contract and service tiers: tests beside the source, compiled by SWC. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/protos', '<rootDir>/libs', '<rootDir>/services', '<rootDir>/deploy', '<rootDir>/tests', '<rootDir>/tools'],
  testMatch: ['**/src/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', {
      jsc: { parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true, decoratorMetadata: true }, target: 'es2022', keepClassNames: true },
      module: { type: 'commonjs' },
      swcrc: false,
    }],
  },
  moduleNameMapper: {
    '^@heliograph/protos/codec$': '<rootDir>/protos/src/codec.ts',
    '^@heliograph/protos/(.*)$': '<rootDir>/protos/src/gen/$1.ts',
    '^@heliograph/(auth|gateway|users|message-store|fanout|keyring)/(.*)$': '<rootDir>/services/$1/src/$2.ts',
    '^@heliograph/standalone/(.*)$': '<rootDir>/deploy/standalone/src/$1.ts',
    '^@heliograph/([^/]+)/(.*)$': '<rootDir>/libs/$1/src/$2.ts',
  },
  maxWorkers: 2,
  // A limit for what hangs, not for what is slow beside other load.
  testTimeout: 30_000,
};
