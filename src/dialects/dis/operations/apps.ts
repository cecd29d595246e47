// CreateApp, ListApps, DescribeApp and DeleteApp (docs: "App Management").
//
// * An app is no stream, and permissions are on streams: whoever is known may create and see apps.
//   Deleting one takes the right to read every stream that it has checkpoints in.
// * The Kafka adapter describes its app, creates it on DIS.4332, and takes DIS.4330 for done.

import type { Ask, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import {
  appKey,
  committedStreams,
  findApp,
  forgetCheckpoints,
  isMarked,
  listApps,
  makeAppId,
  markedStreams,
  type App,
} from '../apps.ts'
import { encodeEmpty, encodeReply, REFINED } from '../encode.ts'
import type { Groups } from '../groups/groups.ts'
import { streamNamed, textOf } from '../names.ts'

type Perform = Operation['perform']

const APPS_PAGE_DEFAULT = 10

export function createCreateApp(): Perform {
  return async function createApp(ask) {
    const name = textOf(ask.input, 'app_name') ?? ''
    const value = { id: makeAppId(), createdAtMs: ask.call.receivedAtMs }
    const outcome = await ask.shelf.change(appKey(ask, name), { expected: 0, value })
    if (outcome === 'changed') return encodeEmpty(201)
    throw new BridgeError('invalid-argument', `[${name}]`, { as: REFINED.appExists })
  }
}

async function show(ask: Ask, app: App): Promise<Record<string, unknown>> {
  return {
    app_id: app.id,
    app_name: app.name,
    create_time: app.createdAtMs,
    commit_checkpoint_stream_names: await committedStreams(ask, app),
  }
}

export function createDescribeApp(): Perform {
  return async function describeApp(ask) {
    return encodeReply(await show(ask, findApp(ask)))
  }
}

export function createListApps(): Perform {
  return async function listAppsOf(ask) {
    const { input } = ask
    const after = textOf(input, 'start_app_name') ?? ''
    const stream = textOf(input, 'stream_name')
    const limit = Number(input['limit'] ?? APPS_PAGE_DEFAULT)
    const all = listApps(ask).filter((app) => stream === undefined || isMarked(ask, app, stream))
    const rest = all.filter(({ name }) => name > after)
    return encodeReply({
      has_more_app: rest.length > limit,
      apps: await Promise.all(rest.slice(0, limit).map((app) => show(ask, app))),
      total_number: all.length,
    })
  }
}

export function createDeleteApp(groups: Groups): Perform {
  return async function deleteApp(ask) {
    const app = findApp(ask)
    const streams = markedStreams(ask, app).map((name) => streamNamed(name, ask.input))
    for (const stream of streams) ask.streams.routeOf(stream)
    if (groups.isUsed(ask, app)) {
      throw new BridgeError('invalid-argument', `[${app.name}]`, { as: REFINED.appInUse })
    }
    for (const stream of streams) await forgetCheckpoints(ask, app, stream)
    await groups.forget(ask, app)
    await ask.shelf.update(appKey(ask, app.name), () => undefined)
    return encodeEmpty(204)
  }
}
