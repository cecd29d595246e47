// Cuts a stream of bytes into replies: four bytes of length, then that many.

const LENGTH_BYTES = 4
/** A correlation id at least. */
const REPLY_BYTES_MIN = 4
/** Far above any reply to what we ask; a length beyond it is not a length. */
const REPLY_BYTES_MAX = 128 * 1024 * 1024

/**
 * Creates the cutter: hand it chunks as they come, and it hands on whole replies, without their
 * length. It returns false once the stream makes no sense; then nothing more may be handed to it.
 */
export function createFramer(onReply: (reply: Buffer) => void): (chunk: Buffer) => boolean {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = LENGTH_BYTES

  return (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    if (held < wanted) return true
    let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, held)
    wanted = LENGTH_BYTES
    while (bytes.length >= LENGTH_BYTES) {
      const length = bytes.readInt32BE(0)
      if (length < REPLY_BYTES_MIN || length > REPLY_BYTES_MAX) return false
      wanted = LENGTH_BYTES + length
      if (bytes.length < wanted) break
      onReply(bytes.subarray(LENGTH_BYTES, wanted))
      bytes = bytes.subarray(wanted)
      wanted = LENGTH_BYTES
    }
    chunks = bytes.length === 0 ? [] : [bytes]
    held = bytes.length
    return true
  }
}
