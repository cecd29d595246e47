// Log lines: JSON on stdout, or readable ones on a terminal. Levels are checked before a line is
// built; there is at most one line per request, none per record, no payload, no secret.

import winston from 'winston'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** The members of a line beside its message. */
export type Fields = Readonly<Record<string, unknown>>

export interface Log {
  readonly debug: (msg: string, fields?: Fields) => void
  readonly info: (msg: string, fields?: Fields) => void
  readonly warn: (msg: string, fields?: Fields) => void
  readonly error: (msg: string, fields?: Fields) => void
  /** Always JSON on stdout, whatever the format: for those who wait for it. */
  readonly announce: (msg: string, fields: Fields) => void
  /** Resolves when all lines are written. */
  readonly close: () => Promise<void>
}

export interface LogOptions {
  readonly level: Level
  readonly format: 'json' | 'text'
  readonly output: NodeJS.WritableStream
}

const LEVELS: Record<Level, number> = { error: 0, warn: 1, info: 2, debug: 3 }

const TEXT = winston.format.printf(({ level, msg, time, ...fields }) => {
  const shown = Object.entries(fields)
    .filter(([name]) => name !== 'message')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [String(time).slice(11, 23), level.toUpperCase().padEnd(5), String(msg), ...shown].join(
    ' ',
  )
})

/** winston's own `message` is `msg` here, the name that most JSON log readers expect. */
const JSON_LINE = winston.format.printf(({ level, msg, time, ...fields }) =>
  JSON.stringify({ time, level, msg, ...fields, message: undefined }),
)

export function createLog({ level, format: form, output }: LogOptions): Log {
  const logger = winston.createLogger({
    level,
    levels: LEVELS,
    format: form === 'json' ? JSON_LINE : TEXT,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's own types disagree
    transports: [new winston.transports.Stream({ stream: output })],
  })

  function at(lineLevel: Level): (msg: string, fields?: Fields) => void {
    if (LEVELS[lineLevel] > LEVELS[level]) return () => undefined
    return (msg, fields = {}) => {
      logger.log({
        level: lineLevel,
        message: '',
        time: new Date().toISOString(),
        msg,
        ...plain(fields),
      })
    }
  }

  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    announce(msg, fields) {
      output.write(
        `${JSON.stringify({ time: new Date().toISOString(), level: 'info', msg, ...fields })}\n`,
      )
    },
    close: () =>
      new Promise((resolve) => {
        logger.once('finish', () => resolve())
        logger.end()
      }),
  }
}

/** Errors do not survive JSON: what a maintainer needs of them does. */
function plain(fields: Fields): Fields {
  const error = fields['error']
  if (!(error instanceof Error)) return fields
  const { cause } = error
  return {
    ...fields,
    error: error.stack,
    ...(cause instanceof Error && { cause: cause.stack }),
  }
}
