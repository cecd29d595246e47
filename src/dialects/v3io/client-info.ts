// ClientInfo, 16 bytes that travel with a record (docs: "Record Metadata"): a header on Kafka.
//
// * What is not base64 (http_blaster's) is kept as the text it is, and read as that text's bytes.

import type { Note } from '../../core/model.ts'
import { decodeBase64 } from '../shared/base64.ts'

const CLIENT_INFO = 'tributary-client-info'

/** The header that keeps what a producer sent. */
export function noteOf(text: string): Note {
  return { name: CLIENT_INFO, value: decodeBase64(text) ?? Buffer.from(text, 'utf8') }
}

/** What a record's headers keep of it, in base64; nothing where there was none. */
export function clientInfoIn(notes: readonly Note[]): string | undefined {
  return notes.find(({ name }) => name === CLIENT_INFO)?.value.toString('base64')
}
