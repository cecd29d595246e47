// A consumer of the group protocol, as the Kafka adapter makes it (its Coordinator).

import type { Send } from './instances.ts'

type State = Record<string, unknown>

export const MEMBER = { projectId: 'p', groupId: 'g' }

/** A consumer as the adapter makes it, one call at a time. */
export function consumer(
  send: Send,
  clientId: string,
  wants: object = { interestedStream: ['s1'] },
) {
  let generation = -1
  let assignment: unknown
  const path = `/v2/{p}/apps/g/consumers/${clientId}`

  async function sync(): Promise<State> {
    const { json } = await send(`POST ${path}/partitions/`, { ...MEMBER, clientId, generation })
    if (json['state'] === 'OK') {
      generation = json['generation'] as number
      assignment = json['assignment']
    }
    return json
  }

  return {
    generation: () => generation,
    assignment: () => assignment,
    sync,
    async join(more: object = {}): Promise<State> {
      const body = { ...MEMBER, clientId, ...wants, ...more }
      return (await send('POST /v2/{p}/apps/g/consumers/', body)).json
    },
    async beat(): Promise<unknown> {
      const body = { ...MEMBER, clientId, generation }
      return (await send(`POST ${path}/heartbeats/`, body)).json['state']
    },
    leave: () => send(`DELETE ${path}/`),
    /** What its next poll does until it is told to wait for others. */
    async poll(): Promise<unknown> {
      for (let i = 0; i < 10; i++) {
        const state = await this.beat()
        if (state === 'STABLE') return state
        if (state === 'JOINING') await this.join()
        if ((await sync())['state'] === 'WAITING') return 'WAITING'
      }
      return 'UNSETTLED'
    },
    commit: (sequence: string) =>
      send('POST /v2/{p}/checkpoints/', {
        app_name: 'g',
        checkpoint_type: 'LAST_READ',
        stream_name: 's1',
        partition_id: 'shardId-0000000000',
        sequence_number: sequence,
        client_id: clientId,
        generation_id: generation,
      }),
  }
}

export type Consumer = ReturnType<typeof consumer>
