// Jest's globalSetup, which must be the default export.
export { startSharedKafka as default } from './shared-kafka.ts'
