// Members, types and limits of the calls about a stream's traffic and its tags (docs: "Monitoring
// Management", "Tag Management"), in the vendor's order.

import type { OperationShapes } from './schema.ts'
import {
  MUST,
  NUMBER,
  OPTIONAL,
  PROJECT,
  STREAM,
  structure,
  TAG,
  TAGS,
  TEXT,
  TEXT_OR_NUMBER,
} from './shapes.ts'

export type WatchName =
  | 'GetStreamMetrics'
  | 'GetPartitionMetrics'
  | 'CreateTag'
  | 'BatchTags'
  | 'DeleteTag'
  | 'ListStreamTags'
  | 'ListTags'
  | 'FilterStreams'

const SERIES = structure({
  label: { ...TEXT, ...MUST },
  dataPoints: {
    type: 'list',
    of: structure({
      timestamp: { ...NUMBER, ...MUST, about: 'Seconds since 1970.' },
      value: { ...NUMBER, ...MUST },
    }),
    ...MUST,
  },
})

const PERIOD = {
  ...STREAM,
  label: OPTIONAL,
  label_list: { ...OPTIONAL, about: 'Labels with commas between them; wins over `label`.' },
  start_time: { ...NUMBER, about: 'Seconds since 1970.' },
  end_time: { ...NUMBER, about: 'Seconds since 1970.' },
} as const

const SERIES_OUT = structure({
  metrics: SERIES,
  metrics_list: { type: 'list', of: SERIES, ...MUST },
})

const TAGGED = { ...PROJECT, stream_id: { ...TEXT, ...MUST } } as const

const TAG_FILTER = {
  type: 'list',
  of: structure({
    key: { ...TEXT, ...MUST, charsMin: 1, charsMax: 36 },
    values: { type: 'list', of: TEXT, lengthMax: 10 },
  }),
  lengthMax: 10,
} as const

export const WATCH_SCHEMA: Readonly<Record<WatchName, OperationShapes>> = {
  GetStreamMetrics: {
    action: 'see',
    about: 'What went through a stream, minute by minute, as far as this instance saw it.',
    input: structure(PERIOD),
    output: SERIES_OUT,
  },
  GetPartitionMetrics: {
    action: 'see',
    about: 'What went through a partition, minute by minute, as far as this instance saw it.',
    input: structure({ ...PERIOD, partition_id: { ...TEXT_OR_NUMBER, ...MUST } }),
    output: SERIES_OUT,
  },
  CreateTag: {
    action: 'manage',
    about: 'Sets a tag of a stream.',
    input: structure({ ...TAGGED, tag: { ...TAG, ...MUST } }),
  },
  BatchTags: {
    action: 'manage',
    about: 'Sets or deletes several tags of a stream.',
    input: structure({
      ...TAGGED,
      action: { ...TEXT, ...MUST, values: ['create', 'delete'] },
      tags: { ...TAGS, lengthMin: 1, ...MUST },
    }),
  },
  DeleteTag: {
    action: 'manage',
    about: 'Deletes a tag of a stream.',
    input: structure({ ...TAGGED, key: { ...TEXT, ...MUST } }),
  },
  ListStreamTags: {
    action: 'see',
    about: 'Lists the tags of a stream.',
    input: structure(TAGGED),
    output: structure({ tags: { ...TAGS, ...MUST } }),
  },
  ListTags: {
    action: 'see',
    about: 'Lists the tags of all streams of a project.',
    input: structure(PROJECT),
    output: structure({
      tags: {
        type: 'list',
        of: structure({ key: TEXT, values: { type: 'list', of: TEXT } }),
        ...MUST,
      },
    }),
  },
  FilterStreams: {
    action: 'see',
    about: 'Finds or counts streams by their tags and names.',
    input: structure({
      ...PROJECT,
      action: { ...TEXT, ...MUST, values: ['filter', 'count'] },
      limit: { ...TEXT_OR_NUMBER, about: 'From 1 to 1000.' },
      offset: TEXT_OR_NUMBER,
      tags: { ...TAG_FILTER, about: 'All of them.' },
      tags_any: { ...TAG_FILTER, about: 'One of them at least.' },
      not_tags: { ...TAG_FILTER, about: 'Not all of them.' },
      not_tags_any: { ...TAG_FILTER, about: 'None of them.' },
      matches: {
        type: 'list',
        of: structure({ key: { ...TEXT, values: ['resource_name'] }, value: TEXT }),
      },
    }),
    output: structure({
      resources: {
        type: 'list',
        of: structure({
          resource_id: TEXT,
          resource_name: TEXT,
          resource_detail: { type: 'any' },
          tags: TAGS,
        }),
      },
      total_count: { ...NUMBER, ...MUST },
    }),
  },
}
