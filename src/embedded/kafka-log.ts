// Reads what a Kafka node has written to its log: whether it has started, and why it has not.
import type { FileHandle } from 'node:fs/promises'
import { EmbeddedKafkaError } from './embedded-error.ts'

const TAIL_BYTES = 64 * 1024
const WORDS_LINES = 5
const WORDS_CHARACTERS = 1500

/** A port was taken by another process between choosing and binding: choose again. */
export class PortTakenError extends EmbeddedKafkaError {}

/** Another process uses the data in `directory`, the node's folder. */
export class DataInUseError extends EmbeddedKafkaError {
  constructor(directory: string) {
    super(
      `The embedded Kafka cannot start: another one, still running, uses the data in ` +
        `${directory}; stop it first (a list of processes shows it as kafka.Kafka with this ` +
        'folder), or set KAFKA_BROKERS=host:port to use one Kafka for both.',
    )
  }
}

/** The end of the log, at most 64 KiB. */
export async function readTail(log: FileHandle): Promise<string> {
  const { size } = await log.stat()
  const from = Math.max(0, size - TAIL_BYTES)
  const buffer = Buffer.alloc(size - from)
  const { bytesRead } = await log.read(buffer, 0, buffer.length, from)
  return buffer.toString('utf8', 0, bytesRead)
}

/** Whether the node says that it serves. */
export function saysStarted(tail: string): boolean {
  return tail.includes('Kafka Server started')
}

/** Why a start ended with `status`, from the log's end. `directory` is the node's folder. */
export function startFailure(tail: string, status: number, directory: string): EmbeddedKafkaError {
  if (tail.includes('Failed to acquire lock on file')) {
    return new DataInUseError(directory)
  }
  if (/BindException|Address already in use/.test(tail)) {
    return new PortTakenError(
      `The embedded Kafka cannot start: a port it had chosen was taken meanwhile.${lastWords(tail)}`,
    )
  }
  return new EmbeddedKafkaError(
    `The embedded Kafka did not start: ${describeExit(status)}.${lastWords(tail)}`,
  )
}

/** A shell's exit status in words. */
export function describeExit(status: number): string {
  return status > 128 ? `signal ${status - 128} ended it` : `it ended with status ${status}`
}

/** The last lines for a message, each on a line of its own; stack frames are left out. */
export function lastWords(tail: string): string {
  const lines = tail.split('\n').filter((line) => line.trim() && !/^\s+(at |\.\.\. )/.test(line))
  const words = lines.slice(-WORDS_LINES).join('\n  ').slice(-WORDS_CHARACTERS)
  return words ? ` Its last words:\n  ${words}` : ' It said nothing.'
}
