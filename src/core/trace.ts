// The port to tracing: work that is timed for somebody who looks at it across services. Where tracing is
// off there is no span, and nothing is done.

export type Attributes = Readonly<Record<string, string | number>>

export interface Span {
  /**
   * What names this span to whoever continues the work
   * (https://www.w3.org/TR/trace-context/#traceparent-header).
   */
  readonly traceparent: string
  /** Work that is handed on to `name`, as part of this. */
  readonly handOn: (name: string, attributes: Attributes) => Span
  readonly end: (ending?: Ending) => void
}

export interface Ending {
  /** Replaces the name, where the work was not known at its start. */
  readonly name?: string
  readonly attributes?: Attributes
  /** A code of what failed; absent: nothing. */
  readonly failure?: string
}
