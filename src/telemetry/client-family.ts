// Which client writes, from its user agent: a closed set of families, so that a metric can have them as
// labels. The first pattern that fits decides: clients that wrap others come first.

const FAMILIES: readonly (readonly [family: string, pattern: RegExp])[] = [
  ['kpl', /KinesisProducerLibrary|kinesis-producer/i],
  ['kinesis-agent', /amazon-kinesis-agent|aws-kinesis-agent/i],
  ['fluent-bit', /fluent-bit|aws-fluent-bit/i],
  ['fluentd', /fluent-plugin|fluentd/i],
  ['logstash', /logstash/i],
  ['flink', /flink/i],
  ['vector', /^vector\//i],
  ['aws-cli', /aws-cli\//i],
  ['boto3', /boto(3|core)\//i],
  ['aws-sdk-java', /aws-sdk-java/i],
  ['aws-sdk-js', /aws-sdk-(js|nodejs)/i],
  ['aws-sdk-go', /aws-sdk-go/i],
  ['aws-sdk-rust', /aws-sdk-rust/i],
  ['aws-sdk-ruby', /aws-sdk-ruby/i],
  ['aws-sdk-php', /aws-sdk-php/i],
  ['aws-sdk-dotnet', /aws-sdk-dotnet/i],
  ['aws-sdk-cpp', /aws-sdk-cpp/i],
  ['dis-sdk-python', /dis-python-sdk/i],
  ['huawei-sdk-v3', /huaweicloud-usdk/i],
  ['v3io-go', /^fasthttp/i],
  ['v3io-py', /v3io/i],
  ['apache-http', /apache-httpclient/i],
  ['java', /^java\/|java-http-client/i],
  ['go', /go-http-client/i],
  ['python', /python|aiohttp|urllib/i],
  ['curl', /^curl\//i],
  ['browser', /^mozilla\//i],
]

/** What is none of those, and what says nothing. */
const OTHER = 'other'
const NONE = 'none'
/** User agents whose family is remembered; hostile ones push others out, no more. */
const REMEMBERED_MAX = 1000

/** The family of a user agent. */
export function createFamilyOf(): (userAgent: string | undefined) => string {
  const remembered = new Map<string, string>()
  return (userAgent) => {
    if (userAgent === undefined || userAgent === '') return NONE
    const known = remembered.get(userAgent)
    if (known !== undefined) return known
    const family = FAMILIES.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? OTHER
    if (remembered.size >= REMEMBERED_MAX) remembered.clear()
    remembered.set(userAgent, family)
    return family
  }
}
