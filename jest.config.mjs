// Projects, told apart by what their tests need; test/support/run.mjs runs them in turn.
//
// * unit: nothing but Node. kafka: a real Kafka. clients: that, and vendors' own clients.
// * Only where they are asked for: chart needs Helm, built by Go; image a Kafka, Buildah and Podman.

const KAFKA = ['/test/kafka/', '/test/embedded/']
const CLIENTS = ['/test/clients/']
const CHART = ['/test/chart/']
const IMAGE = ['/test/image/']

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
      testPathIgnorePatterns: [...KAFKA, ...CLIENTS, ...CHART, ...IMAGE],
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
    {
      ...project,
      globalSetup: '<rootDir>/test/chart/tools-setup.ts',
      displayName: 'chart',
      testMatch: CHART.map((folder) => `<rootDir>${folder}**/*.test.ts`),
    },
    {
      ...project,
      ...kafka,
      displayName: 'image',
      testMatch: IMAGE.map((folder) => `<rootDir>${folder}**/*.test.ts`),
    },
  ],
}
