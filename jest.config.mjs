// Three projects, told apart by what their tests need; test/support/run.mjs runs them in turn.
//
// * unit: nothing but Node. kafka: a real Kafka. clients: that, and vendors' own clients.

const KAFKA = ['/test/kafka/', '/test/embedded/']
const CLIENTS = ['/test/clients/']

const project = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', explicitResourceManagement: true },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  cacheDirectory: '<rootDir>/.cache/jest',
}

/** One Kafka for all suites, begun before the first and ended after the last. */
const kafka = {
  globalSetup: '<rootDir>/test/support/kafka-setup.ts',
  globalTeardown: '<rootDir>/test/support/kafka-teardown.ts',
}

export default {
  testTimeout: 30_000,
  coverageProvider: 'v8',
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [...KAFKA, ...CLIENTS],
    },
    {
      ...project,
      ...kafka,
      displayName: 'kafka',
      testMatch: KAFKA.map((folder) => `<rootDir>${folder}**/*.test.ts`),
    },
    {
      ...project,
      ...kafka,
      displayName: 'clients',
      testMatch: CLIENTS.map((folder) => `<rootDir>${folder}**/*.test.ts`),
    },
  ],
}
