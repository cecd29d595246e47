// What is kept of apps: the names under which consumers keep how far they have read.
//
// * An app belongs to the project in the path. Whatever is kept of it goes by its id, which is new each
//   time: an app that was deleted and made again has none of the old one's.
// * Checkpoints lie beside their streams, one for each partition, and go with them. A mark beside the
//   app says in which streams to look.
//
// Keys of the shelf: `apps/{project}/{name}`, `commits/{id}/{stream}`, `groups/{id}`,
// `seen/{id}/{client}`; beside a stream: `dis/checkpoints/{id}/{partition}`.

import { randomBytes } from 'node:crypto'
import type { Ask } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { Json } from '../../core/state.ts'
import { REFINED } from './encode.ts'
import { streamNamed, textOf } from './names.ts'

export interface App {
  readonly name: string
  readonly id: string
  readonly createdAtMs: number
}

export interface Checkpoint {
  readonly sequence: string
  readonly metadata: string
}

/** A key of the shelf. */
export function keyOf(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/')
}

function projectOf({ input }: Pick<Ask, 'input'>): string {
  return textOf(input, 'project_id') ?? ''
}

/** A new app's id: twenty characters. */
export function makeAppId(): string {
  return randomBytes(10).toString('hex')
}

export function appKey(ask: Pick<Ask, 'input'>, name: string): string {
  return keyOf('apps', projectOf(ask), name)
}

/** The app that a call names; nothing where there is none. */
export function seekApp(ask: Pick<Ask, 'input' | 'shelf'>): App | undefined {
  const name = textOf(ask.input, 'app_name') ?? ''
  return toApp(name, ask.shelf.get(appKey(ask, name))?.value)
}

/** The app that a call names. Throws BridgeError where there is none. */
export function findApp(ask: Pick<Ask, 'input' | 'shelf'>): App {
  const app = seekApp(ask)
  if (app) return app
  const name = textOf(ask.input, 'app_name') ?? ''
  throw new BridgeError('invalid-argument', `[${name}]`, { as: REFINED.appMissing })
}

/** All apps of the caller's project, by name. */
export function listApps(ask: Pick<Ask, 'input' | 'shelf'>): readonly App[] {
  const prefix = `${keyOf('apps', projectOf(ask))}/`
  const apps = ask.shelf.list(prefix).flatMap(({ key, value }) => {
    const app = toApp(decodeURIComponent(key.slice(prefix.length)), value)
    return app ? [app] : []
  })
  return apps.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function toApp(name: string, kept: Json | undefined): App | undefined {
  const { id, createdAtMs } = membersOf(kept)
  if (typeof id !== 'string' || typeof createdAtMs !== 'number') return undefined
  return { name, id, createdAtMs }
}

/** What was kept, as an object. */
export function membersOf(kept: Json | undefined): Readonly<Record<string, Json>> {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return {}
  return kept as Readonly<Record<string, Json>>
}

function checkpointPart({ id }: App, shard: number): string {
  return `dis/checkpoints/${id}/${shard}`
}

export async function readCheckpoint(
  { streams }: Pick<Ask, 'streams'>,
  app: App,
  { stream, shard }: { readonly stream: StreamRef; readonly shard: number },
): Promise<Checkpoint | undefined> {
  const { sequence, metadata } = membersOf(await streams.kept(stream, checkpointPart(app, shard)))
  if (typeof sequence !== 'string') return undefined
  return { sequence, metadata: typeof metadata === 'string' ? metadata : '' }
}

/** Keeps a checkpoint; absent: forgets it. */
export async function writeCheckpoint(
  { streams, shelf }: Pick<Ask, 'streams' | 'shelf'>,
  app: App,
  { stream, shard, to }: { stream: StreamRef; shard: number; to: Checkpoint | undefined },
): Promise<void> {
  const mark = keyOf('commits', app.id, stream.name)
  if (to && !shelf.get(mark)) await shelf.update(mark, () => true)
  await streams.keep(stream, checkpointPart(app, shard), (before) => {
    const { sequence, metadata } = membersOf(before)
    const isSame = to?.sequence === sequence && to?.metadata === metadata
    return isSame ? before : to && { ...to }
  })
}

/** Names of streams in which an app may have checkpoints. */
export function markedStreams({ shelf }: Pick<Ask, 'shelf'>, { id }: App): readonly string[] {
  const prefix = `${keyOf('commits', id)}/`
  return shelf.list(prefix).map(({ key }) => decodeURIComponent(key.slice(prefix.length)))
}

/** Whether an app may have checkpoints in a stream of this name. */
export function isMarked({ shelf }: Pick<Ask, 'shelf'>, { id }: App, stream: string): boolean {
  return shelf.get(keyOf('commits', id, stream)) !== undefined
}

/** Streams that are there, that the caller may see, and in which the app has a checkpoint. */
export async function committedStreams(ask: Ask, app: App): Promise<readonly string[]> {
  const names = markedStreams(ask, app)
  const found = await Promise.all(
    names.map((name) => hasCheckpoint(ask, app, streamNamed(name, ask.input))),
  )
  return names.filter((_, i) => found[i])
}

const NOT_SHOWN: readonly string[] = ['stream-not-found', 'not-permitted']

async function hasCheckpoint(ask: Ask, app: App, stream: StreamRef): Promise<boolean> {
  try {
    const { shards } = await ask.streams.summarise(stream)
    for (let shard = 0; shard < shards; shard++) {
      if (await readCheckpoint(ask, app, { stream, shard })) return true
    }
    return false
  } catch (error) {
    if (error instanceof BridgeError && NOT_SHOWN.includes(error.code)) return false
    throw error
  }
}

/** Forgets all checkpoints of an app in a stream that may be gone. */
export async function forgetCheckpoints(ask: Ask, app: App, stream: StreamRef): Promise<void> {
  try {
    const { shards } = await ask.streams.summarise(stream)
    for (let shard = 0; shard < shards; shard++) {
      await writeCheckpoint(ask, app, { stream, shard, to: undefined })
    }
  } catch (error) {
    if (!(error instanceof BridgeError && error.code === 'stream-not-found')) throw error
  }
  await ask.shelf.update(keyOf('commits', app.id, stream.name), () => undefined)
}
