// Who controls the cluster: DescribeQuorum (API 55, version 0), which kafkajs has not. Its own
// `describeCluster` names any broker as the controller of a KRaft cluster.

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const TOPIC = '__cluster_metadata'
const TIMEOUT_MS = 2000
const TRIES_MAX = 60

/** The node id of the quorum's leader, as the first broker says that answers. */
export async function quorumLeader(brokers: readonly string[]): Promise<number> {
  for (let i = 0; i < TRIES_MAX; i++) {
    const [host = '', port] = (brokers[i % brokers.length] ?? '').split(':')
    const leader = await ask(host, Number(port)).catch(() => -1)
    if (leader > 0) return leader
    await sleep(200)
  }
  throw new Error('no broker knows the controller')
}

function ask(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    let reply: Buffer = Buffer.alloc(0)
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed')))
    socket.write(request())
    socket.on('data', (chunk: Buffer) => {
      reply = Buffer.concat([reply, chunk])
      if (reply.length < 4 || reply.length < 4 + reply.readInt32BE(0)) return
      resolve(leaderIn(reply))
      socket.destroy()
    })
  })
}

function request(): Buffer {
  const name = Buffer.from(TOPIC)
  const body = Buffer.concat([
    Buffer.from([0, 55, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0]), // api, version, correlation, no client id, no tags
    Buffer.from([2, name.length + 1]), // one topic, its name
    name,
    Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), // one partition: 0, and no tags three times
  ])
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

/** Length, correlation, tags, error, topics; of the first: name, partitions; index, error, leader. */
function leaderIn(reply: Buffer): number {
  if (reply.readInt16BE(9) !== 0) return -1
  const partition = 13 + TOPIC.length + 1
  return reply.readInt16BE(partition + 4) === 0 ? reply.readInt32BE(partition + 6) : -1
}
