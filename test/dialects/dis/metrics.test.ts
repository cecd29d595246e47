// What went through a stream, as its clients ask for it.

import { base64 } from './bridge.ts'
import { startInstances } from './instances.ts'

function start() {
  const instances = startInstances(1, { s1: 2 })
  const put = (records: object[]) =>
    instances.send('POST /v2/{p}/records', { stream_name: 's1', records })
  const startS = instances.nowMs() / 1000
  const metrics = (query: string, path = 's1') => {
    const period = `start_time=${startS}&end_time=${startS + 300}`
    return instances.send(`GET /v2/{p}/streams/${path}/metrics?${query}&${period}`)
  }
  return { instances, put, startS, metrics, [Symbol.dispose]: () => instances[Symbol.dispose]() }
}

const of = (partition: string, text: string) => ({
  data: base64(text),
  partition_id: partition,
  partition_key: 'key',
})

test('a point for each minute, of the stream and of a partition', async () => {
  using given = start()
  const { instances, put, startS, metrics } = given
  await put([of('0', 'four'), of('1', 'seven')])
  instances.pass(60_000)
  await put([of('1', '1')])
  instances.pass(60_001)

  const { status, json } = await metrics('label=total_put_records_per_stream')
  expect(status).toBe(200)
  const series = {
    label: 'total_put_records_per_stream',
    dataPoints: [
      { timestamp: startS, value: 2 },
      { timestamp: startS + 60, value: 1 },
      { timestamp: startS + 120, value: 0 },
    ],
  }
  expect(json).toEqual({ metrics: series, metrics_list: [series] })

  const valuesOf = async (label: string, path?: string) => {
    const reply = await metrics(`label=${label}`, path)
    const { dataPoints } = reply.json['metrics'] as { dataPoints: { value: number }[] }
    return dataPoints.map(({ value }) => value)
  }
  expect(await valuesOf('total_put_bytes_per_stream')).toEqual([15, 4, 0])
  expect(await valuesOf('total_put_req_suc_per_stream')).toEqual([1, 1, 0])
  expect(await valuesOf('total_get_records_per_stream')).toEqual([0, 0, 0])
  const first = 's1/partitions/shardId-0000000000'
  expect(await valuesOf('total_put_bytes_per_partition', first)).toEqual([7, 0, 0])
  expect(await valuesOf('total_put_records_per_partition', 's1/partitions/1')).toEqual([1, 1, 0])
})

test('several labels at once', async () => {
  using given = start()
  const { metrics } = given
  const list = 'label_list=total_put_req_latency,traffic_control_put'
  const { json } = await metrics(`label=total_put_bytes_per_stream&${list}`)
  const series = json['metrics_list'] as { label: string }[]
  expect(series.map(({ label }) => label)).toEqual(['total_put_req_latency', 'traffic_control_put'])
})

test('the Python SDK leaves times empty', async () => {
  using given = start()
  const { instances, put } = given
  await put([of('0', 'x')])
  instances.pass(60_000)
  const query = 'label=total_put_records_per_stream&end_time=&start_time='
  const { json } = await instances.send(`GET /v2/{p}/streams/s1/metrics?${query}`, {
    stream_name: 's1',
  })
  expect(json).toMatchObject({ metrics: { dataPoints: [{ value: 1 }] } })
})

test.each([
  ['s1/metrics?start_time=1', 'DIS.4209'],
  ['s1/metrics?label=total', 'DIS.4209'],
  ['s1/metrics?label=constructor', 'DIS.4209'],
  ['s1/partitions/0/metrics?label=total_put_bytes_per_stream', 'DIS.4209'],
  ['s1/metrics?label=total_put_req_latency&start_time=9&end_time=5', 'DIS.4203'],
  ['s1/metrics?label=total_put_req_latency&start_time=0&end_time=604801', 'DIS.4204'],
  ['s1/metrics?label=total_put_req_latency&start_time=x', 'DIS.4200'],
  ['s1/partitions/x/metrics?label=total_put_bytes_per_partition', 'DIS.4201'],
  ['s1/partitions/2/metrics?label=total_put_bytes_per_partition', 'DIS.4302'],
  ['none/metrics?label=total_put_req_latency', 'DIS.4301'],
])('%s is refused', async (path, code) => {
  using instances = startInstances(1, { s1: 2 })
  const { status, json } = await instances.send(`GET /v2/{p}/streams/${path}`)
  expect([status, json['errorCode']]).toEqual([400, code])
})
