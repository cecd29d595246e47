// Jest's globalTeardown, which must be the default export. It runs in the process of the setup.
export { stopSharedKafka as default } from './shared-kafka.ts'
