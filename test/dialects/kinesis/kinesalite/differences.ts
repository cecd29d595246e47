// Where Tributary answers otherwise than kinesalite, by the names of requests, and why. Where the two
// disagree about the service, its model of today wins.

export interface Difference {
  readonly reason: string
  readonly names: readonly string[]
}

const ARN = '"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders"'
const KEY = '"PartitionKey":"k","Data":"QQ=="'

export const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'Today’s model has more members: StreamSummaries, StreamModeDetails and others',
    names: [
      'ListStreams {}',
      'ListStreams {"StreamName":"a b","Limit":34.56}',
      'ListStreams {"StreamName":"a b","ExclusiveStartStreamName":"hello"}',
      'ListStreams {"Limit":10}',
      'ListStreams {"ExclusiveStartStreamName":"orders"}',
      'ListStreams {"ExclusiveStartStreamName":"a","Limit":1}',
      'CBOR ListStreams {}',
      'DescribeStream {"StreamName":"orders"}',
      'DescribeStream {"StreamName":"orders","Limit":2}',
      'DescribeStream {"StreamName":"orders","ExclusiveStartShardId":"shardId-000000000001"}',
      'DescribeStream {"StreamName":"orders","ExclusiveStartShardId":"nonsense"}',
      'DescribeStreamSummary {"StreamName":"orders"}',
      'CBOR DescribeStream {"StreamName":"orders"}',
    ],
  },
  {
    reason: 'Today’s model has more tags: 200 in a call, 50 in a page',
    names: [
      'AddTagsToStream of 201 tags',
      'ListTagsForStream {"StreamName":"a b","Limit":34.56}',
      'ListTagsForStream {"StreamName":"orders","Limit":11}',
    ],
  },
  {
    reason: 'Today’s model names streams by ARN, too',
    names: [`ListShards {${ARN}}`, `PutRecord {${KEY},${ARN}}`],
  },
  {
    reason:
      'Today’s model lets a stream take records of ten mebibytes: its own limit comes after it was found',
    names: ['PutRecord over a mebibyte'],
  },
  {
    reason: 'ListShards pages as its documentation says; kinesalite ignores MaxResults',
    names: ['ListShards {"StreamName":"orders","MaxResults":2}'],
  },
  {
    reason: 'A name that begins with a slash is Yandex’ dialect',
    names: [
      'PutRecord {"StreamName":"/a"}',
      'PutRecords {"StreamName":"/a"}',
      'DescribeStream {"StreamName":"/a"}',
      'DescribeStreamSummary {"StreamName":"/a"}',
      'ListShards {"StreamName":"/a"}',
      'CreateStream {"StreamName":"/a"}',
      'DeleteStream {"StreamName":"/a"}',
      'AddTagsToStream {"StreamName":"/a"}',
      'RemoveTagsFromStream {"StreamName":"/a"}',
      'ListTagsForStream {"StreamName":"/a"}',
      'IncreaseStreamRetentionPeriod {"StreamName":"/a"}',
      'DecreaseStreamRetentionPeriod {"StreamName":"/a"}',
      'SplitShard {"StreamName":"/a"}',
      'MergeShards {"StreamName":"/a"}',
      'GetShardIterator {"StreamName":"/a"}',
    ],
  },
  {
    reason:
      'The patterns of numbers hold for the whole text; kinesalite anchors each of their two branches at one end only',
    names: [
      `PutRecord {"ExplicitHashKey":"01",${KEY}}`,
      `PutRecord {"ExplicitHashKey":"-1",${KEY}}`,
      `PutRecord {"ExplicitHashKey":"9×40",${KEY}}`,
      `PutRecord {"ExplicitHashKey":" 1",${KEY}}`,
      `PutRecord {"SequenceNumberForOrdering":"01",${KEY}}`,
      `PutRecord {"SequenceNumberForOrdering":"-1",${KEY}}`,
      `PutRecord {"SequenceNumberForOrdering":"9×130",${KEY}}`,
      `PutRecords {"Records":[{"PartitionKey":"","ExplicitHashKey":"9×40"},{"Data":"QQ==","PartitionKey":"k"}]}`,
    ],
  },
  {
    reason: 'Characters of a key are counted as Unicode has them, not in halves',
    names: ['PutRecord {"PartitionKey":"😀×129","StreamName":"","Data":"QQ=="}'],
  },
  {
    reason: 'A null among records is no record; kinesalite lets it reach the action',
    names: ['PutRecords {"Records":[{},null,{"PartitionKey":"","Data":""}]}'],
  },
  {
    reason: 'A message quotes no more than 1024 characters of what was sent',
    names: ['PutRecords of 501 records'],
  },
  {
    reason: 'Bits that the last letter of base64 has too many are let through: nothing is lost',
    names: ['PutRecord {"Data":"QR=="}'],
  },
  {
    reason: 'A sequence number of version 0 beyond its own range is nobody’s',
    names: [`PutRecord {"StreamName":"orders",${KEY},"SequenceNumberForOrdering":"${2n ** 124n}"}`],
  },
  {
    reason: 'There is no limit per account here but one per stream, and the text says so',
    names: ['CreateStream {"StreamName":"more","ShardCount":50000}'],
  },
  {
    reason: 'A header that is no signature of AWS’s may hold a secret and is not quoted',
    names: ['credentials: a word', 'credentials: a word, with a date'],
  },
  {
    reason: 'The front end of today names the part that is no pair',
    names: ['credentials: no pair', 'credentials: no pair, with a date'],
  },
  {
    reason:
      'A sequence number of version 0 is answered as one of another stream: an InternalFailure would be tried again',
    names: ['0', `${2n ** 124n}`].map(
      (number) =>
        `GetShardIterator {"StreamName":"orders","ShardId":"shardId-000000000000","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"${number}"}`,
    ),
  },
]
