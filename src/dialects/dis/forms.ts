// JSON or protobuf: the content type of a request decides its reply's too, also of a GET, whose
// content type asks for nothing else (huaweicloud-sdk-java-dis, `body.serialize.type`).

import type { Head } from '../../core/dialect.ts'

const PROTOBUF = /^\s*application\/(?:x-)?protobuf\b/i

export function isProtobuf({ headers }: Pick<Head, 'headers'>): boolean {
  return PROTOBUF.test(headers['content-type'] ?? '')
}
