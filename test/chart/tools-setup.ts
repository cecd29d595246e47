// Jest's globalSetup, which must be the default export.
export { setUp as default } from './tools.ts'
